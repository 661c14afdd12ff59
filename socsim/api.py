"""The Python API: load hardware and workloads by name, trace models, simulate."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socsim.cost import unit_models
from socsim.hardware import Soc
from socsim.hardware import load_soc as _load_soc
from socsim.simulation import RunOptions, load_components, simulate
from socsim.workload import Workload
from socsim.workload.scenario import Scenario

if TYPE_CHECKING:
    from socsim.study import bench, search, sensitivity, sweep
    from socsim.study.figures import energy, latency
    from socsim.study.proxy import OperatorProxy

__all__ = [
    "RunOptions", "bench", "energy", "fit_proxy", "latency", "load_scenario", "load_soc", "load_workload", "search",
    "sensitivity", "simulate", "sweep", "trace",
]  # fmt: skip

_STUDIES = {
    "bench": "socsim.study",
    "energy": "socsim.study.figures",
    "latency": "socsim.study.figures",
    "search": "socsim.study",
    "sensitivity": "socsim.study",
    "sweep": "socsim.study",
}


def __getattr__(name: str) -> Any:
    """Who simulates once does not pay for the modules of studies."""
    if name in _STUDIES:
        return getattr(importlib.import_module(_STUDIES[name]), name)
    raise AttributeError(f"module 'socsim.api' has no attribute '{name}'")


def load_soc(name: str | Path, overrides: Sequence[str] = ()) -> Soc:
    """The SoC of a shipped name (`apple/m1_max`) or of a .yaml file, with changes such as `units.gpu.cores=24`."""
    load_components()
    return _load_soc(name, overrides, unit_models=unit_models)


def load_workload(name: str | Path) -> Workload:
    """The workload of a shipped name (`resnet-50`) or of a file; a zoo model that is not shipped is traced (torch)."""
    from socsim.workload.file import load_workload as read
    from socsim.workload.library import find_workload

    return read(find_workload(name))


def load_scenario(name: str | Path) -> Scenario:
    """The scenario of a shipped name (`camera_preview`) or of a .yaml file; `simulate` takes it like a workload."""
    from socsim.simulation.scenario_file import load_scenario as read

    return read(name)


def trace(module: Any, example_inputs: tuple[Any, ...], **options: Any) -> Workload:
    """A PyTorch module, traced on the meta device; see `socsim.frontend.trace`."""
    from socsim.frontend import trace as trace_module

    return trace_module(module, example_inputs, **options)


def fit_proxy(soc: Soc | str | Path, unit: str = "gpu", **options: Any) -> OperatorProxy:
    """A differentiable stand-in for the simulator, per operator, as a torch module; see `socsim.study.proxy`."""
    from socsim.study.proxy import fit_proxy as fit

    return fit(soc, unit, **options)
