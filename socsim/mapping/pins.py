"""What a map file pins of one workload: units by operation, and operations that run as one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType

from socsim.errors import ConfigError, ConfigFileError
from socsim.mapping.map_file import MapEntry, MapFile
from socsim.mapping.split import Split, cut
from socsim.registry import did_you_mean
from socsim.workload import Workload

_NONE: Mapping[int, str] = MappingProxyType({})
_NO_TASKS: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Pins:
    """`units` and `tasks` by number of the operation: where it runs, and the number of the task it belongs to.
    `errors[t]` is the place of task t in its file, for messages."""

    units: Mapping[int, str] = field(default_factory=lambda: _NONE)
    tasks: Mapping[int, int] = field(default_factory=lambda: _NO_TASKS)
    places: Sequence[str] = ()
    bands: Mapping[int, int] = field(default_factory=lambda: _NO_TASKS)
    """Bands of the tasks that are depth-first, by number of the task."""


NO_PINS = Pins()


def check_units(file: MapFile, units: Sequence[str]) -> None:
    """Raise `ConfigFileError` where the file names units that the run does not have."""
    problems = []
    for number, entry in enumerate(file.entries):
        named = [("place", index, rule.unit) for index, rule in enumerate(entry.place)]
        named += [("tasks", index, task.unit) for index, task in enumerate(entry.tasks)]
        for index, rule in enumerate(entry.splits):
            for unit in rule.over:
                if unit not in units:
                    what = f"no unit '{unit}' may be used: {did_you_mean(unit, units)}"
                    problems.append(file.error(what, "mappings", number, "splits", index, "over", unit))
        for key, index, unit in named:
            if unit not in units:
                what = f"no unit '{unit}' may be used: {did_you_mean(unit, units)}"
                problems.append(file.error(what, "mappings", number, key, index, "unit"))
    if problems:
        raise ConfigFileError(tuple(problems))


def entry_for(file: MapFile, name: str, values: Mapping[str, int]) -> int | None:
    """The number of the entry that counts for a workload at these lengths."""
    return next((number for number, entry in enumerate(file.entries) if entry.fits(name, values)), None)


def splits_of(file: MapFile, number: int, workload: Workload) -> dict[int, Split]:
    """How operations are cut, by number; `ConfigFileError` where a pattern names no operation."""
    problems: list[ConfigError] = []
    splits: dict[int, Split] = {}
    by_name = _names(workload)
    for index, rule in enumerate(file.entries[number].splits):
        split = Split(rule.by, tuple(rule.over.items()))
        found: list[int] = []
        for at, pattern in enumerate(rule.operations):
            found += _matching(
                by_name, pattern, file, ("mappings", number, "splits", index, "operations", at), problems
            )
        for operation in found:
            splits.setdefault(operation, split)
        if found and not cut(workload, dict.fromkeys(found, split)).splits:
            what = f"none of these operations can be cut by {rule.by}"
            problems.append(file.error(what, "mappings", number, "splits", index, "by"))
    if problems:
        raise ConfigFileError(tuple(problems))
    return splits


def _names(workload: Workload) -> dict[str, list[int]]:
    by_name: dict[str, list[int]] = {}
    for index, operation in enumerate(workload.operations):
        for name in dict.fromkeys((operation.id, operation.label)):
            by_name.setdefault(name, []).append(index)
    return by_name


def pins_of(file: MapFile, number: int, workload: Workload, parts: Mapping[str, str]) -> Pins:
    """The pins of an entry, by number of operation; `ConfigFileError` where a pattern names no operation. `parts` are
    the units of operations that were cut, by id."""
    entry = file.entries[number]
    problems: list[ConfigError] = []
    ids = {operation.id: index for index, operation in enumerate(workload.operations)}
    units = {ids[name]: unit for name, unit in parts.items()}
    tasks: dict[int, int] = {}
    by_name = _names(workload)
    places = []
    for index, rule in enumerate(entry.tasks):
        places.append(str(file.mark("mappings", number, "tasks", index)))
        for at, pattern in enumerate(rule.operations):
            for found in _matching(by_name, pattern, file, ("mappings", number, "tasks", index, "operations", at),
                                   problems):  # fmt: skip
                if tasks.setdefault(found, index) != index:
                    what = f"'{workload.operations[found].id}' is in another task already"
                    problems.append(file.error(what, "mappings", number, "tasks", index, "operations", at))
                units.setdefault(found, rule.unit)
    for index, place in enumerate(entry.place):
        for at, pattern in enumerate(place.operations):
            for found in _matching(by_name, pattern, file, ("mappings", number, "place", index, "operations", at),
                                   problems):  # fmt: skip
                units.setdefault(found, place.unit)
    _check_lengths(file, number, entry, workload, problems)
    if problems:
        raise ConfigFileError(tuple(problems))
    bands = {index: rule.depth_first for index, rule in enumerate(entry.tasks) if rule.depth_first is not None}
    return Pins(units, tasks, places, bands)


def _check_lengths(
    file: MapFile, number: int, entry: MapEntry, workload: Workload, problems: list[ConfigError]
) -> None:
    known = [symbol.name for symbol in workload.symbols]
    for name in entry.lengths:
        if name not in known:
            what = f"{workload.name} has no length '{name}': {did_you_mean(name, known)}"
            problems.append(file.error(what, "mappings", number, "lengths", name))


def _matching(
    by_name: Mapping[str, Sequence[int]],
    pattern: str,
    file: MapFile,
    location: tuple[str | int, ...],
    problems: list[ConfigError],
) -> list[int]:
    if pattern in by_name:
        return list(by_name[pattern])
    found = [index for name, indices in by_name.items() if fnmatchcase(name, pattern) for index in indices]
    if not found:
        problems.append(file.error(f"no operation is called '{pattern}': {did_you_mean(pattern, by_name)}", *location))
    return sorted(dict.fromkeys(found))
