"""Executed tasks summed up by operation: what a table, a roofline and a top ten show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from socsim.quantity import PS_PER_S
from socsim.result.columns import Integers
from socsim.result.task_columns import BOUNDS, TaskColumns

if TYPE_CHECKING:
    from socsim.result.record import RunRecord


@dataclass(frozen=True, slots=True)
class OperationFigures:
    """All executions of one operation (same stream, phase, name and unit) together.

    `busy_ps` is the time its tasks held their unit (fill and body), `active_ps` that and their drains: the time in
    which all their bytes moved, and which rates are over. `critical_ps` is the part of the critical path that belongs
    to them, `bound_by` what took most of their own time. Bytes are sums over all executions.
    """

    stream: str
    phase: str
    name: str
    label: str
    kind: str
    unit: str
    count: int
    busy_ps: int
    active_ps: int
    critical_ps: int
    flop: int
    read_bytes: int
    write_bytes: int
    dram_bytes: int
    bound_by: str
    energy_j: float = 0.0
    """Of arithmetic, of the unit while they ran, and of their bytes; 0 where the chip's power is not known."""

    @property
    def flop_per_s(self) -> float:
        """Arithmetic over the time from fill to drain."""
        return self.flop * PS_PER_S / self.active_ps if self.active_ps else 0.0

    @property
    def dram_bytes_per_s(self) -> float:
        """DRAM traffic over the time from fill to drain."""
        return self.dram_bytes * PS_PER_S / self.active_ps if self.active_ps else 0.0


_SUMS = ("count", "busy_ps", "active_ps", "critical_ps", "flop", "read_bytes", "write_bytes", "dram_bytes")


class OperationSums:
    """Tasks summed up by operation, as they come."""

    def __init__(self) -> None:
        self._totals: dict[tuple[str, ...], list[Any]] = {}

    def add(self, tasks: TaskColumns, critical_ps: Integers, own: slice = slice(None)) -> None:
        """Some tasks, of which those of a slice count, and the time of the critical path that belongs to each of
        all."""
        if len(tasks) == 0:
            return
        keys = (tasks.stream, tasks.phase, tasks.name, tasks.unit)
        combined = np.zeros(len(tasks), dtype=np.int64)
        for column in keys:
            combined = combined * len(column.values) + column.codes
        _, first, group = np.unique(combined, return_index=True, return_inverse=True)
        group = group.ravel()
        counted = group[own]
        num_groups = len(first)

        def total(values: Integers, of: Integers = counted) -> list[int]:
            sums = np.zeros(num_groups, dtype=np.int64)
            np.add.at(sums, of, values)
            listed: list[int] = sums.tolist()
            return listed

        active = (tasks.done_ps - tasks.held_start_ps)[own]
        time_by_bound = np.zeros((num_groups, len(BOUNDS)), dtype=np.int64)
        np.add.at(time_by_bound, (counted, tasks.bound_by.codes[own]), active + 1)
        columns = zip(
            np.bincount(counted, minlength=num_groups).tolist(), total((tasks.end_ps - tasks.held_start_ps)[own]),
            total(active), total(critical_ps, group), total(tasks.flop[own]), total(tasks.read_bytes[own]),
            total(tasks.write_bytes[own]), total((tasks.dram_read_bytes + tasks.dram_write_bytes)[own]),
            np.bincount(counted, weights=tasks.energy_j[own], minlength=num_groups).tolist(), time_by_bound,
            strict=True,
        )  # fmt: skip
        for row, sums in zip(first.tolist(), columns, strict=True):
            key = tuple(column[row] for column in keys)
            known = self._totals.get(key)
            if known is None:
                self._totals[key] = [*sums, tasks.label[row], tasks.kind[row]]
            else:
                for place, value in enumerate(sums):
                    known[place] = known[place] + value

    def figures(self) -> list[OperationFigures]:
        """One entry per operation, those that held a unit longest first."""
        found = []
        for (stream, phase, name, unit), (*sums, energy_j, by_bound, label, kind) in self._totals.items():
            figures = dict(zip(_SUMS, sums, strict=True))
            bound_by = BOUNDS[int(by_bound.argmax())]
            found.append(
                OperationFigures(stream, phase, name, label, kind, unit, **figures, bound_by=bound_by,
                                 energy_j=energy_j)
            )  # fmt: skip
        return sorted(found, key=_longest_first)


def operation_figures(record: RunRecord) -> list[OperationFigures]:
    """The operations of a run, those that held a unit longest first."""
    sums = OperationSums()
    sums.add(record.tasks, record.critical_path.time_by_row_ps(len(record.tasks)))
    return sums.figures()


def merge_layers(figures: Sequence[OperationFigures]) -> list[OperationFigures]:
    """Operations of repeated layers as one: names that differ in numbers only, with the same work and the same bytes.

    `layers.0.mlp/linear` and `layers.1.mlp/linear` become `layers.*.mlp/linear`; a number that they share stays.
    """
    alike: dict[tuple[object, ...], list[OperationFigures]] = {}
    for item in figures:
        work = (item.count, item.flop, item.read_bytes, item.write_bytes)
        alike.setdefault((item.stream, item.phase, layer_pattern(item.name), item.kind, item.unit, *work), []).append(
            item
        )
    return sorted((_merged(group) for group in alike.values()), key=_longest_first)


def layer_pattern(name: str) -> str:
    """A name with a star for each number of a list of modules."""
    return _NUMBER.sub("*", name)


_NUMBER = re.compile(r"(?<![^.])\d+(?![^./])")
"""A part of a module path that is a number."""


def _longest_first(item: OperationFigures) -> tuple[int, str, str, str, str]:
    return (-item.busy_ps, item.stream, item.phase, item.name, item.unit)


def _merged(group: Sequence[OperationFigures]) -> OperationFigures:
    first = group[0]
    if len(group) == 1:
        return first
    longest = max(group, key=lambda item: item.busy_ps)
    return replace(
        first,
        name=_common_name([item.name for item in group]),
        label=_common_name([item.label for item in group]),
        count=sum(item.count for item in group),
        busy_ps=sum(item.busy_ps for item in group),
        active_ps=sum(item.active_ps for item in group),
        critical_ps=sum(item.critical_ps for item in group),
        flop=sum(item.flop for item in group),
        read_bytes=sum(item.read_bytes for item in group),
        write_bytes=sum(item.write_bytes for item in group),
        dram_bytes=sum(item.dram_bytes for item in group),
        bound_by=longest.bound_by,
        energy_j=sum(item.energy_j for item in group),
    )


def _common_name(names: Sequence[str]) -> str:
    """Names that differ in numbers only, with a star where they differ."""
    parts = zip(*(re.split(r"([./])", name) for name in names), strict=False)
    return "".join(column[0] if len(set(column)) == 1 else "*" for column in parts)
