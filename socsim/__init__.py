"""socsim: a discrete-event simulator of systems-on-chip for machine-learning workloads.

soc = socsim.load_soc("apple/m1_max")
workload = socsim.load_workload("resnet-50")
result = socsim.simulate(workload, soc)
result.summary["latency_s"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socsim.version import __version__

if TYPE_CHECKING:
    from socsim.api import (
        RunOptions,
        bench,
        energy,
        fit_proxy,
        latency,
        load_scenario,
        load_soc,
        load_workload,
        search,
        sensitivity,
        simulate,
        sweep,
        trace,
    )

__all__ = [
    "RunOptions",
    "__version__",
    "bench",
    "energy",
    "fit_proxy",
    "latency",
    "load_scenario",
    "load_soc",
    "load_workload",
    "search",
    "sensitivity",
    "simulate",
    "sweep",
    "trace",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from socsim import api

        return getattr(api, name)
    raise AttributeError(f"module 'socsim' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
