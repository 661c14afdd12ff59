"""Which task did something at a given instant: look-ups over the columns of a run, built when first asked."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from socsim.result.columns import items
from socsim.result.task_columns import TaskColumns

if TYPE_CHECKING:
    from socsim.result.run_result import InstanceRecord

NOWHERE = -1
"""No row."""


class RowIndex:
    """Rows of a run by instants. Integer picoseconds make "at the same instant" an exact question."""

    def __init__(
        self, tasks: TaskColumns, instances: Mapping[int, InstanceRecord] | Sequence[InstanceRecord], end_ps: int
    ) -> None:
        self._tasks = tasks
        self._instances = instances
        self._end_ps = end_ps

    def finishing_at(self, instant_ps: int) -> int:
        """The last task that was done at an instant."""
        rows = np.flatnonzero(self._tasks.done_ps == instant_ps)
        return int(rows[-1]) if len(rows) else NOWHERE

    def released_at(self, stream: int, instant_ps: int) -> int:
        """The last task of an instance of the stream that was completed at an instant before the end."""
        return self._completions.get((stream, instant_ps), NOWHERE)

    def launched_at(self, unit: int, instant_ps: int) -> int:
        """The task whose launch on a unit ended at an instant."""
        ends, rows = self._launches.get(unit, ([], []))
        position = bisect_left(ends, instant_ps)
        return rows[position] if position < len(ends) and ends[position] == instant_ps else NOWHERE

    def launched_before(self, unit: int, instant_ps: int) -> tuple[int, int]:
        """The last task whose launch on a unit ended before an instant, and when."""
        ends, rows = self._launches.get(unit, ([], []))
        position = bisect_left(ends, instant_ps) - 1
        return (rows[position], ends[position]) if position >= 0 else (NOWHERE, 0)

    def ended_at(self, unit: int, instant_ps: int) -> int:
        """The task whose body on a unit ended at an instant."""
        ends, rows = self._bodies[unit]
        position = bisect_right(ends, instant_ps) - 1
        return rows[position] if position >= 0 and ends[position] == instant_ps else NOWHERE

    def working_before(self, instant_ps: int) -> tuple[int, int]:
        """A task in hand right before an instant, or else the last that was done before; and until when it worked."""
        held = self._held_start
        first = int(np.searchsorted(self._tasks.end_ps, instant_ps))
        row = first
        while row < len(held) and self._earliest_start[row] < instant_ps:
            if held[row] < instant_ps:
                return row, instant_ps
            row += 1
        best, best_ps = NOWHERE, -1
        row = first - 1
        while row >= 0 and best_ps < instant_ps and self._latest_done[row] > best_ps:
            done = min(int(self._tasks.done_ps[row]), instant_ps)
            if done > best_ps:
                best, best_ps = row, done
            row -= 1
        return best, best_ps

    @cached_property
    def _completions(self) -> dict[tuple[int, int], int]:
        tasks = self._tasks
        numbers, place = np.unique(tasks.instance, return_inverse=True)
        completed = np.array([self._instances[number].done_ps for number in numbers.tolist()], dtype=np.int64)
        rows = np.flatnonzero((tasks.done_ps == completed[place]) & (tasks.done_ps < self._end_ps))
        streams, instants = tasks.stream.codes[rows].tolist(), tasks.done_ps[rows].tolist()
        return dict(zip(zip(streams, instants, strict=True), rows.tolist(), strict=True))

    @cached_property
    def _launches(self) -> dict[int, tuple[memoryview, memoryview]]:
        """Per unit the ends of launches that took time, in order, and their tasks."""
        tasks = self._tasks
        found = {}
        for unit in range(len(tasks.unit.values)):
            rows = np.flatnonzero((tasks.unit.codes == unit) & (tasks.launch_end_ps > tasks.launch_start_ps))
            rows = rows[np.argsort(tasks.launch_end_ps[rows], kind="stable")]
            found[unit] = (items(tasks.launch_end_ps[rows]), items(rows))
        return found

    @cached_property
    def _bodies(self) -> list[tuple[memoryview, memoryview]]:
        """Per unit the ends of bodies that took time, in order as all rows are, and their tasks."""
        tasks = self._tasks
        found = []
        for unit in range(len(tasks.unit.values)):
            rows = np.flatnonzero((tasks.unit.codes == unit) & (tasks.end_ps > tasks.start_ps))
            found.append((items(tasks.end_ps[rows]), items(rows)))
        return found

    @cached_property
    def _held_start(self) -> memoryview:
        """When each task took its unit."""
        return items(self._tasks.held_start_ps)

    @cached_property
    def _earliest_start(self) -> memoryview:
        """For each row the earliest instant at which it or a later row took its unit."""
        return items(np.minimum.accumulate(self._tasks.held_start_ps[::-1])[::-1])

    @cached_property
    def _latest_done(self) -> memoryview:
        """For each row the latest completion of it and all before it."""
        return items(np.maximum.accumulate(self._tasks.done_ps))
