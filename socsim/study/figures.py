"""Latency and energy of a model on a chip as functions that an architecture search can call: quick, cached, pure."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from socsim.cost import unit_models
from socsim.errors import ConfigError
from socsim.hardware import Soc, load_soc
from socsim.registry import did_you_mean
from socsim.simulation import RunOptions, load_components, simulate
from socsim.workload import Workload
from socsim.workload.file import load_workload
from socsim.workload.library import find_workload

Model = Any
"""A workload, the name or file of one, or a PyTorch module (torch is imported only for the last)."""

_MOST_KEPT = 4096
_known: OrderedDict[tuple[str, str, RunOptions], tuple[float, float | None]] = OrderedDict()


def latency(
    model: Model,
    soc: Soc | str | Path,
    *,
    example_inputs: Sequence[Any] | Mapping[str, Any] | None = None,
    options: RunOptions | None = None,
    **changes: Any,
) -> float:
    """Seconds from first arrival to last completion of one run.

    `model` is a workload, its name, or a PyTorch module with `example_inputs`; a module is traced at every call (its
    forward may have changed), on whatever device it is. `soc` is a chip or its name. `changes` are fields of
    `RunOptions`: `latency(net, "apple/a16", example_inputs=(x,), units=("npu",), precision="fp16")`. The same
    question is answered from memory. Raises what `simulate` raises.
    """
    return _figures(model, soc, example_inputs, options, changes)[0]


def energy(
    model: Model,
    soc: Soc | str | Path,
    *,
    example_inputs: Sequence[Any] | Mapping[str, Any] | None = None,
    options: RunOptions | None = None,
    **changes: Any,
) -> float:
    """Joules of the whole chip during the run; arguments as of `latency`. `ConfigError` where the chip's power is not
    described."""
    joules = _figures(model, soc, example_inputs, options, changes)[1]
    if joules is None:
        raise ConfigError("power", "the description of the chip does not give the power of every unit")
    return joules


def _figures(
    model: Model, soc: Soc | str | Path, example_inputs: Any, options: RunOptions | None, changes: Mapping[str, Any]
) -> tuple[float, float | None]:
    load_components()
    chip = soc if isinstance(soc, Soc) else load_soc(soc, unit_models=unit_models)
    workload = _workload(model, example_inputs)
    chosen = _options(options or RunOptions(), changes)
    key = (workload.content_hash, _identity(chip), chosen)
    known = _known.get(key)
    if known is None:
        summary = simulate(workload, chip, chosen).summary
        known = _known[key] = summary["latency_s"], summary["energy_j"]
        if len(_known) > _MOST_KEPT:
            _known.popitem(last=False)
    else:
        _known.move_to_end(key)
    return known


def _workload(model: Model, example_inputs: Any) -> Workload:
    if isinstance(model, Workload):
        return model
    if isinstance(model, str | Path):
        return load_workload(find_workload(model))
    if example_inputs is None:
        raise ConfigError("example_inputs", "a PyTorch module is traced with the inputs that it takes: give them")
    from socsim.frontend import trace

    return trace(model, example_inputs)


def _options(options: RunOptions, changes: Mapping[str, Any]) -> RunOptions:
    known = [item.name for item in fields(RunOptions)]
    for name in changes:
        if name not in known:
            raise ConfigError(name, f"is no option of a run: {did_you_mean(name, known)}")
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in changes.items()}
    if isinstance(values.get("units"), str):
        values["units"] = (values["units"],)
    return replace(options, **values)


def _identity(soc: Soc) -> str:
    """The content of a chip: chips of one name may differ."""
    return hashlib.sha256(soc.model_dump_json().encode()).hexdigest()
