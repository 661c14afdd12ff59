"""What changed between two runs, two sweeps, or a run and a measured profile, and where the time went."""

from socsim.study.compare.runs import RunComparison, compare_runs
from socsim.study.compare.sweeps import SweepComparison, compare_sweeps

__all__ = ["RunComparison", "SweepComparison", "compare_runs", "compare_sweeps"]
