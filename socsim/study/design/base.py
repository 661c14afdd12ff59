"""What all points of a study share, and what one point sets: hardware, workloads or a scenario, `--set` changes,
options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from socsim.errors import ConfigError, InputError
from socsim.hardware import Soc
from socsim.hardware.catalog import find_hardware
from socsim.registry import did_you_mean
from socsim.simulation.scenario_file import find_scenario
from socsim.study.design.options import checked_option, is_option, option_types
from socsim.study.design.section import Section
from socsim.study.design.value import Value, as_yaml, value_of
from socsim.workload import find_workload

HARDWARE, WORKLOAD, WORKLOADS, SCENARIO = "hardware", "workload", "workloads", "scenario"
WHAT_RUNS = (WORKLOAD, WORKLOADS, SCENARIO)
"""One of these says what runs."""
VARIABLES = "vars."
"""A name such as `vars.scale` belongs to the study alone: `derive` and `where` may use it, no run sees it."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Everything that decides one run, as plain data: `workloads`, or a `scenario` and none of them. `overrides` are
    `--set` options in their order."""

    hardware: str
    workloads: tuple[str, ...]
    overrides: tuple[str, ...] = ()
    options: tuple[tuple[str, object], ...] = ()
    scenario: str = ""


def is_hardware_path(name: str) -> bool:
    """Whether `--set` takes the name. `units` alone is the option that limits placement, not the list of units."""
    return name.partition(".")[0] in Soc.model_fields and not is_option(name)


def check_name(name: str) -> None:
    """Raise `ConfigError` (without a place) where a name is nothing that a run or the study knows."""
    if name in (HARDWARE, *WHAT_RUNS) or is_option(name) or is_hardware_path(name):
        return
    if name.startswith(VARIABLES) and len(name) > len(VARIABLES):
        return
    first = name.partition(".")[0]
    known = [HARDWARE, *WHAT_RUNS, *option_types(), *Soc.model_fields, "lengths", "vars"]
    raise ConfigError(
        "",
        f"'{name}' is neither a path of the hardware (units.gpu.cores), an option (precision, batch, lengths.seq), "
        f"hardware, workload, scenario, nor a variable of your own (vars.x): {did_you_mean(first, known)}",
    )


def settings(base: Mapping[str, Value], values: Mapping[str, Value]) -> RunSettings:
    """The run of a point: `values` laid over `base`. Raises `ConfigError` (without a place) for options of a wrong type
    and where hardware or workloads are missing."""
    merged = {**base, **values}
    chosen = next((name for name in WHAT_RUNS if name in values), None)
    if chosen is not None:
        merged = {name: value for name, value in merged.items() if name == chosen or name not in WHAT_RUNS}
    hardware = _text(HARDWARE, merged.get(HARDWARE))
    scenario = _text(SCENARIO, merged[SCENARIO]) if SCENARIO in merged else ""
    together = merged.get(WORKLOADS, merged.get(WORKLOAD))
    items = () if scenario else together if isinstance(together, tuple) else (together,)
    return RunSettings(
        hardware,
        tuple(_text(WORKLOAD, item) for item in items),
        tuple(f"{name}={as_yaml(value)}" for name, value in merged.items() if is_hardware_path(name)),
        tuple((name, checked_option(name, value)) for name, value in merged.items() if is_option(name)),
        scenario,
    )


def _check_found(name: str, value: Value) -> None:
    """Raise `ConfigError` (without a place) where a value of `hardware`, `workload`, `workloads` or `scenario` names
    nothing that there is."""
    find: Callable[[str], Path] | None = {HARDWARE: find_hardware, WORKLOAD: find_workload, WORKLOADS: find_workload,
                                          SCENARIO: find_scenario}.get(name)  # fmt: skip
    if find is None:
        return
    for item in value if isinstance(value, tuple) and name == WORKLOADS else (value,):
        text = _text(name, item)
        try:
            find(text)
        except InputError as error:
            raise ConfigError("", str(error)) from None


def read_base(section: Section) -> dict[str, Value]:
    """The `base:` of a study file as values by name, names as axes have them."""
    found: dict[str, Value] = {}
    for key in (HARDWARE, *WHAT_RUNS):
        entry = section.entry(key)
        if entry is not None:
            _put(section, found, key, entry.node.mark, value_of(entry.node))
    given = [f"'{key}'" for key in WHAT_RUNS if key in found]
    if len(given) > 1:
        section.problem(section.mark, f"base: give one of {' and '.join(given)}, not both")
    changes = section.section("set")
    for name, entry in changes:
        if is_hardware_path(name):
            _put(changes, found, name, entry.key_mark, value_of(entry.node))
        else:
            near = did_you_mean(name.partition(".")[0], Soc.model_fields)
            changes.problem(entry.key_mark, f"base.set: '{name}' is no path of the hardware: {near}")
    options = section.section("options")
    for name in option_types():
        entry = options.entry(name)
        if entry is not None:
            _put(options, found, name, entry.node.mark, value_of(entry.node))
    lengths = options.section("lengths")
    for name, entry in lengths:
        _put(lengths, found, f"lengths.{name}", entry.node.mark, value_of(entry.node))
    options.close()
    section.close()
    return found


def _put(section: Section, found: dict[str, Value], name: str, mark: object, value: Value) -> None:
    try:
        if is_option(name):
            checked_option(name, value)
        elif not is_hardware_path(name):
            _check_found(name, value)
    except ConfigError as error:
        section.problems.append(ConfigError(str(mark), f"{section.path}: {error.what}"))
        return
    found[name] = value


def _text(name: str, value: Value) -> str:
    if value is None:
        raise ConfigError("", f"no {name} is given: neither 'base' nor an axis names one")
    if not isinstance(value, str):
        raise ConfigError("", f"{name}: expected a name or a path")
    return value
