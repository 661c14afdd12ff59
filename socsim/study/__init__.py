"""Many runs: sweeps, search, sensitivity, comparison, boards; here or on a cluster.

Its parts: `design` (files and points), `execution` (workers, store, table), `cluster`, and a module per kind of study.
"""

from socsim.study.run_sweep import SweepResult, load_sweep, sweep

__all__ = ["SweepResult", "load_sweep", "sweep"]
