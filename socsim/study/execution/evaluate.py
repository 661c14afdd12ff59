"""One point of a study, in whatever process: settings in, the figures of its run out.

A process reads each hardware file and each workload once, and keeps what mapping found out while the units stay equal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from socsim.cost import unit_models
from socsim.cost.die import die_of
from socsim.errors import ConfigError
from socsim.hardware import Soc, load_soc
from socsim.result import RunResult
from socsim.simulation import load_components, simulate
from socsim.simulation.models import formatted
from socsim.simulation.scenario_file import load_scenario
from socsim.study.design.options import run_options
from socsim.study.execution.identity import hardware_hash, scenario_hash
from socsim.study.execution.job import Result, Scalar
from socsim.workload import Workload
from socsim.workload.file import load_workload
from socsim.workload.library import find_workload
from socsim.workload.scenario import Scenario

FUNCTION = "socsim.study.execution.evaluate:evaluate_point"
"""The name under which other processes find `evaluate_point`."""


def evaluate_point(item: Mapping[str, Any]) -> Result:
    """Run the point that `point_item` describes: its hash and the flattened summary, and the values of `soc.*` names
    that were asked for. Raises what the run raises."""
    soc = _soc_of(item)
    result = run_point(item, soc)
    figures = flattened(result.summary)
    figures.update(soc_figures(result, item.get("record", ())))
    figures.update(die_figures(soc))
    return figures


def _soc_of(item: Mapping[str, Any]) -> Soc:
    load_components()
    _same_hardware(item["hardware"], item["hardware_hash"])
    return load_soc(item["hardware"], item["overrides"], unit_models=unit_models)


def run_point(item: Mapping[str, Any], soc: Soc) -> RunResult:
    """The run of a point on its chip."""
    options = run_options(dict(item["options"]))
    if "scenario" in item:
        return simulate(_scenario(item["scenario"], item["scenario_hash"]), soc, options)
    formats = options.transforms, options.precision, options.weights
    workloads = [_transformed(name, known, *formats) for name, known in item["workloads"]]
    # they are what the options say already: changing them once per process is enough
    return simulate(workloads, soc, replace(options, transforms=(), precision=None, weights=None))


def flattened(summary: Mapping[str, Any], prefix: str = "") -> Result:
    """A summary as one level: `bound_by.compute`, `units.gpu.busy_fraction`. A list becomes text; None is left out."""
    flat: Result = {}
    for key, value in summary.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat.update(flattened(value, f"{name}."))
        elif isinstance(value, list | tuple):
            flat[name] = " + ".join(str(item) for item in value)
        elif value is not None:
            flat[name] = value
    return flat


def die_figures(soc: Soc) -> Result:
    """`die.area_mm2`, `die.cost_usd` and `die.yield_fraction`, the proxies of cost; nothing where a chip does not
    describe its silicon."""
    die = die_of(soc)
    if die is None:
        return {}
    cost = {"die.cost_usd": die.cost_usd} if math.isfinite(die.cost_usd) else {}
    return {"die.area_mm2": die.area_mm2, **cost, "die.yield_fraction": die.yield_fraction}


SOC = "soc."
"""`soc.units.gpu.cores` is a value of the resolved hardware of a point, in base units."""


def soc_figures(result: RunResult, names: Sequence[str]) -> Result:
    """Values of the resolved hardware by path; `ConfigError` where a path leads nowhere."""
    return {name: _value_at(result.manifest["hardware"], name) for name in names}


def _value_at(data: Any, name: str) -> Scalar:
    found = data
    for step in name.removeprefix(SOC).split("."):
        if isinstance(found, Mapping) and step in found:
            found = found[step]
        elif isinstance(found, list | tuple):
            found = next((entry for entry in found if isinstance(entry, Mapping) and entry.get("name") == step), None)
        else:
            found = None
        if found is None:
            break
    if found is None or isinstance(found, int | float | str):
        return found
    raise ConfigError(name, "is no single value of the hardware")


@cache
def _same_hardware(name: str, expected: str) -> None:
    if hardware_hash(name) != expected:
        raise ConfigError(name, "changed since the study started; run the same command again to compute with it")


@cache
def _scenario(name: str, expected: str) -> Scenario:
    if scenario_hash(name) != expected:
        raise ConfigError(name, "changed since the study started; run the same command again to compute with it")
    return load_scenario(name)


@cache
def _transformed(
    name: str, expected: str, transforms: tuple[str, ...], precision: str | None, weights: str | None
) -> Workload:
    return formatted(_workload(name, expected), transforms, precision, weights)


@cache
def _workload(name: str, expected: str) -> Workload:
    workload = load_workload(find_workload(name))
    if workload.content_hash != expected:
        raise ConfigError(name, "changed since the study started; run the same command again to compute with it")
    return workload
