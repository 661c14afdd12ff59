"""Many runs: sweeps, search, sensitivity, comparison, boards; here or on a cluster.

Its parts: `design` (files and points), `execution` (workers, store, table), `cluster`, and a module per kind of study.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socsim.study.board.run_bench import BenchResult, bench
    from socsim.study.compare import RunComparison, SweepComparison, compare_runs, compare_sweeps
    from socsim.study.compare.profile import ProfileComparison, compare_profile, read_profile
    from socsim.study.pages import write_study_page
    from socsim.study.run_search import SearchResult, search
    from socsim.study.run_sensitivity import SensitivityResult, sensitivity
    from socsim.study.run_sweep import SweepResult, load_sweep, sweep

__all__ = [
    "BenchResult",
    "ProfileComparison",
    "RunComparison",
    "SearchResult",
    "SensitivityResult",
    "SweepComparison",
    "SweepResult",
    "bench",
    "compare_profile",
    "compare_runs",
    "compare_sweeps",
    "load_sweep",
    "read_profile",
    "search",
    "sensitivity",
    "sweep",
    "write_study_page",
]

_HOME = {
    "BenchResult": "board.run_bench",
    "bench": "board.run_bench",
    "ProfileComparison": "compare.profile",
    "RunComparison": "compare",
    "SweepComparison": "compare",
    "compare_profile": "compare.profile",
    "compare_runs": "compare",
    "compare_sweeps": "compare",
    "read_profile": "compare.profile",
    "write_study_page": "pages",
    "SearchResult": "run_search",
    "SensitivityResult": "run_sensitivity",
    "SweepResult": "run_sweep",
    "load_sweep": "run_sweep",
    "search": "run_search",
    "sensitivity": "run_sensitivity",
    "sweep": "run_sweep",
}


def __getattr__(name: str) -> Any:
    """Worker processes import parts of this package only: none of them should pay for the others."""
    if name in _HOME:
        import importlib

        return getattr(importlib.import_module(f"socsim.study.{_HOME[name]}"), name)
    raise AttributeError(f"module 'socsim.study' has no attribute '{name}'")
