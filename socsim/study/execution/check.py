"""Does every axis of a sweep make sense on its hardware? Asked before anything runs, answered with file and line.

A value that no point accepts is wrong in itself: an error of the file. A value that fails only in some combinations is
not: those points become rows with their message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from socsim.cost import unit_models
from socsim.errors import ConfigError, ConfigFileError, WorkloadError
from socsim.hardware import Soc, load_soc
from socsim.hardware.yaml_tree import Mark
from socsim.registry import did_you_mean
from socsim.simulation import load_components
from socsim.study.design.axis import Axis
from socsim.study.design.base import HARDWARE, SCENARIO, WHAT_RUNS
from socsim.study.design.plan import Located, Point
from socsim.study.design.section import raise_problems
from socsim.study.design.value import Value, shown
from socsim.study.execution.identity import Files

_TRIES = 8
"""Points that are tried with a value before it counts as wrong."""

_Key = tuple[str, Value]


@dataclass(slots=True)
class _Suspect:
    """A value that no point accepted so far."""

    mark: Mark
    what: str
    tries: int = 0
    error: str = ""


@dataclass(slots=True)
class _Suspects:
    open: dict[_Key, _Suspect] = field(default_factory=dict)

    def of(self, point: Point) -> list[_Key]:
        """Keys of the values of a point that are not known to be right."""
        keys = [(name, value) for name, value in point.values.items()] + [(name, None) for name in point.values]
        return [key for key in dict.fromkeys(keys) if key in self.open]


def check_points(axes: Sequence[Axis], derived: Sequence[Located], points: Iterable[Point], files: Files) -> None:
    """Raise `ConfigFileError` for names and values of axes that cannot be right. Loads hardware a few times per value
    of an axis at most."""
    load_components()
    problems: list[ConfigError] = []
    _check_names(axes, files, problems)
    raise_problems(problems)
    suspects = _Suspects()
    for axis in axes:
        if axis.marks and not axis.is_drawn:
            for value, mark in zip(axis.values, axis.marks, strict=True):
                suspects.open[axis.name, value] = _Suspect(mark, f"{axis.name}: {shown(value)}")
        else:
            suspects.open[axis.name, None] = _Suspect(axis.mark, axis.name)
    for item in derived:
        suspects.open[item.name, None] = _Suspect(item.mark, f"derive.{item.name}")
    base_error = _try_points(suspects, points)
    for suspect in suspects.open.values():
        if suspect.error:
            problems.append(ConfigError(str(suspect.mark), f"{suspect.what}: {suspect.error}"))
    if base_error is not None and not problems:
        raise base_error
    raise_problems(problems)


def _try_points(suspects: _Suspects, points: Iterable[Point]) -> Exception | None:
    """Load the hardware of points that hold open suspects. Returns what went wrong where nothing ever loaded and no
    axis is to blame: the hardware itself, or what `base` sets."""
    first_error: Exception | None = None
    loaded = False
    for point in points:
        if not suspects.open:
            break
        keys = suspects.of(point)
        if not keys or all(suspects.open[key].tries >= _TRIES for key in keys):
            continue
        try:
            soc = load_soc(point.settings.hardware, point.settings.overrides, unit_models=unit_models)
            _check_units(soc, dict(point.settings.options))
        except (ConfigError, ConfigFileError) as error:
            first_error = first_error or error
            _blame(suspects, keys, error)
            continue
        loaded = True
        for key in keys:
            del suspects.open[key]
    return None if loaded else first_error


def _blame(suspects: _Suspects, keys: list[_Key], error: ConfigError | ConfigFileError) -> None:
    found = error.errors if isinstance(error, ConfigFileError) else (error,)
    for key in keys:
        suspect = suspects.open[key]
        suspect.tries += 1
        suspect.error = next((item.what for item in found if _names(item.where, key[0])), "")


def _names(where: str, name: str) -> bool:
    return where == f"--set {name}" or where.startswith(f"--set {name}=") or where == f"--{name}"


def _check_units(soc: Soc, options: dict[str, object]) -> None:
    known = [unit.name for unit in soc.units]
    wanted = options.get("units") or ()
    assert isinstance(wanted, tuple)  # checked_option makes it one
    for name in wanted:
        if name not in known:
            raise ConfigError("--units", f"{soc.name} has no unit '{name}': {did_you_mean(name, known)}")


def _check_names(axes: Sequence[Axis], files: Files, problems: list[ConfigError]) -> None:
    """Hardware and workloads that axes name."""
    for axis in axes:
        if axis.name not in (HARDWARE, *WHAT_RUNS):
            continue
        for index, value in enumerate(axis.values):
            mark = axis.marks[index] if axis.marks else axis.mark
            for name in value if isinstance(value, tuple) else (value,):
                try:
                    if not isinstance(name, str):
                        raise ConfigError("", f"expected a name or a path, got {shown(name)!r}")
                    if axis.name == HARDWARE:
                        files.hardware_of(name)
                    elif axis.name == SCENARIO:
                        files.scenario_of(name)
                    else:
                        files.workload_of(name)
                except (ConfigError, ConfigFileError, WorkloadError) as error:
                    problems.append(ConfigError(str(mark), f"{axis.name}: {error}"))
