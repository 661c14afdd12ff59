"""The walk back from the last completion along what each task waited for.

A task that waited for its unit while its own stream held it is followed into the holder, because the holder's work is
the stream's own; where another stream held the unit the wait is `queue` and the walk goes on with the task's own data.
A launch that did not hide is followed along the front end. At an arrival that nothing in the run caused, the walk goes
on with what ran at that instant, or last before it; the time between is `idle`.

A long run is walked window by window (`socsim.result.windows`): at the end of each the walk starts anew with what was
at work then, so that the figures of a run are the same whether its rows are kept or summed up as they come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from socsim.errors import ModelError
from socsim.result.bottleneck import (
    CAUSES,
    COMPUTE,
    CONTENTION,
    HANDOVER,
    IDLE,
    LATENCY,
    LAUNCH,
    MEMORY,
    QUEUE,
    CriticalPath,
)
from socsim.result.columns import items
from socsim.result.company import EarlierCompany, meets_others
from socsim.result.row_index import NOWHERE, RowIndex
from socsim.result.spans import Gate
from socsim.result.task_columns import ELSEWHERE, TaskColumns
from socsim.result.windows import begins_ps, views

if TYPE_CHECKING:
    from socsim.result.record import RunRecord
    from socsim.result.run_result import InstanceRecord

_NUM_CAUSES = len(CAUSES)
_UNIT, _LAUNCH = int(Gate.UNIT), int(Gate.LAUNCH)


def critical_path(record: RunRecord) -> CriticalPath:
    """Cut the time from the first arrival to the last completion into segments, each with its cause and its task."""
    tasks = record.tasks
    if not record.marks:
        return walk(tasks, company(tasks), record.instances, record.begin_ps, record.end_ps)
    began = begins_ps(tasks.held_start_ps, tasks.launch_start_ps, tasks.start_ps, tasks.end_ps)
    edges = [record.begin_ps, *(mark.end_ps for mark in record.marks), record.end_ps]
    paths, earlier = [], EarlierCompany()
    for number, rows in enumerate(views(record.marks, len(tasks), began, tasks.done_ps, tasks.instance)):
        begin_ps, end_ps = edges[number : number + 2]
        view = tasks.take(rows)
        path = walk(view, company(view, earlier), record.instances, begin_ps, end_ps)
        paths.append(replace(path, row=np.where(path.row >= 0, rows[path.row], NOWHERE).astype(np.int32)))
        last_row = record.marks[number].row if number < len(record.marks) else len(tasks)
        before = slice(0, int(np.searchsorted(rows, last_row)))
        earlier.note(view.stream.part(before), view.held_start_ps[before], view.done_ps[before])
    return CriticalPath(
        *(np.concatenate([getattr(path, field.name) for path in reversed(paths)]) for field in fields(CriticalPath))
    )


def company(tasks: TaskColumns, earlier: EarlierCompany | None = None) -> NDArray[np.bool_]:
    """Whether each task's body met tasks of other streams; `earlier` knows those that are not among these."""
    return meets_others(
        tasks.stream.codes, tasks.held_start_ps, tasks.start_ps, tasks.end_ps, tasks.done_ps,
        earlier.others_ps(tasks.stream) if earlier is not None else None,
    )  # fmt: skip


def walk(
    tasks: TaskColumns,
    in_company: NDArray[np.bool_],
    instances: Mapping[int, InstanceRecord] | Sequence[InstanceRecord],
    begin_ps: int,
    end_ps: int,
) -> CriticalPath:
    """The segments between two times, from rows that hold all tasks at work between them."""
    return _Walk(tasks, in_company, instances, begin_ps, end_ps).run()


class _Walk:
    """A cursor in time and the segments behind it. `_task` is run once per task on the path and therefore asks before
    it calls."""

    def __init__(
        self,
        tasks: TaskColumns,
        in_company: NDArray[np.bool_],
        instances: Mapping[int, InstanceRecord] | Sequence[InstanceRecord],
        begin_ps: int,
        end_ps: int,
    ) -> None:
        self.instances = instances
        self.first_ps = begin_ps
        self.last_ps = self.cursor = end_ps
        self.index = RowIndex(tasks, instances, end_ps)
        self.stream = items(tasks.stream.codes)
        self.unit = items(tasks.unit.codes)
        self.instance = items(tasks.instance)
        self.ready = items(tasks.ready_ps)
        self.launch_start = items(tasks.launch_start_ps)
        self.launch_end = items(tasks.launch_end_ps)
        self.held_start = items(tasks.held_start_ps)
        self.start = items(tasks.start_ps)
        self.end = items(tasks.end_ps)
        self.done = items(tasks.done_ps)
        self.handover = items(tasks.handover_ps)
        self.bytes_longer = items(tasks.alone_ps > tasks.compute_ps)
        self.needed = items(np.maximum(tasks.alone_ps, tasks.compute_ps))
        self.suspended = items(tasks.suspended_ps)
        self.in_company = items(in_company)
        self.gate = items(tasks.gate)
        self.gate_kind = items(tasks.gate_kind.codes)
        self.first_predecessor = items(tasks.predecessors.offsets)
        self.predecessors = items(tasks.predecessors.values)
        self.owners: list[int] = []
        """Row and cause of each segment as one number; a segment ends where the one before it begins."""
        self.begins: list[int] = []

    def run(self) -> CriticalPath:
        row, in_launch = self.index.finishing_at(self.cursor), False
        steps_left = 4 * len(self.start) + 4
        while self.cursor > self.first_ps:
            if row == NOWHERE:
                row = self._work_before()
                if row == NOWHERE:
                    break
            row, in_launch = self._launch(row) if in_launch else self._task(row)
            steps_left -= 1
            if steps_left < 0:
                raise ModelError("the tasks of the run wait for each other in a circle: their gates are wrong")
        owner = np.array(self.owners, dtype=np.int64)
        begin = np.maximum(np.array(self.begins, dtype=np.int64), self.first_ps)
        end = np.append(self.last_ps, begin)[: len(begin)]
        inside = begin < end
        row_of, cause = np.divmod(owner[inside], _NUM_CAUSES)
        return CriticalPath(row_of.astype(np.int32), cause.astype(np.int8), begin[inside], end[inside])

    def _take(self, row: int, cause: int, begin_ps: int) -> None:
        """The time from `begin_ps` to the cursor has this cause; the cursor goes back to its begin."""
        if begin_ps < self.cursor:
            self.owners.append(row * _NUM_CAUSES + cause)
            self.begins.append(begin_ps)
            self.cursor = begin_ps

    def _task(self, row: int) -> tuple[int, bool]:
        """What of drain, body and fill lies before the cursor; then on with what the task waited for.

        Returns the next task and whether the walk enters it at the end of its launch.
        """
        start, end, held, cursor = self.start[row], self.end[row], self.held_start[row], self.cursor
        owners, begins, owner = self.owners, self.begins, row * _NUM_CAUSES
        if end < cursor:
            owners.append(owner + LATENCY)
            begins.append(end)
            cursor = end
        if start < cursor:
            needed, body, length = self.needed[row], end - start, cursor - start
            if length < body:  # a part of a body has the same shares as the whole
                needed = min(needed, body) * length // body
            if self.suspended[row]:
                stopped = min(self.suspended[row] * length // body, length)
                owners.append(owner + QUEUE)
                begins.append(cursor - stopped)
                length -= stopped
                needed = min(needed, length)
            if needed < length:
                owners.append(owner + (CONTENTION if self.in_company[row] else MEMORY))
                begins.append(start + needed)
            if needed:
                owners.append(owner + (MEMORY if self.bytes_longer[row] else COMPUTE))
                begins.append(start)
            cursor = start
        if held < cursor:
            owners.append(owner + LATENCY)
            begins.append(held)
            cursor = held
        self.cursor = cursor
        kind = self.gate_kind[row]
        if kind == _UNIT:
            gate = self.gate[row]
            if gate >= 0 and self.stream[gate] == self.stream[row]:
                self._take(row, QUEUE, self.end[gate])
                return gate, False
        ready, launched = self.ready[row], self.launch_end[row]
        if self.cursor > ready and self.cursor > launched:
            self._take(row, QUEUE, max(ready, launched))
        if kind == _LAUNCH and self.launch_start[row] > ready:
            return row, True
        if ready < self.cursor:
            self._take(row, LAUNCH, ready)
        return self._data(row), False

    def _data(self, row: int) -> int:
        """From the instant at which a task's data was ready to the task that brought it, or to what released it."""
        before = self._own_predecessor(row)
        if before != NOWHERE:
            if self.done[before] < self.cursor:
                self._take(row, HANDOVER, self.done[before])
            return before
        arrival = self.instances[self.instance[row]].arrival_ps
        self._take(row, LAUNCH, arrival)
        released_by = self.gate[row] if self.gate_kind[row] != _UNIT else NOWHERE
        if released_by == NOWHERE:
            released_by = self.index.released_at(self.stream[row], arrival)
        if released_by == ELSEWHERE:
            self._take(NOWHERE, IDLE, self.first_ps)
            return NOWHERE
        if released_by != NOWHERE:
            self._take(NOWHERE, IDLE, self.done[released_by])
        return released_by

    def _own_predecessor(self, row: int) -> int:
        """The predecessor whose data came last, hand-over included."""
        gate = self.gate[row]
        if gate >= 0 and self.gate_kind[row] != _UNIT and self.instance[gate] == self.instance[row]:
            return gate
        rows = self.predecessors[self.first_predecessor[row] : self.first_predecessor[row + 1]]
        if len(rows) < 2:
            return rows[0] if rows else NOWHERE
        handover, unit = self.handover[row], self.unit
        return max(rows, key=lambda other: (self.done[other] + handover * (unit[other] != unit[row]), other))

    def _launch(self, row: int) -> tuple[int, bool]:
        """What of a launch lies before the cursor; then on with what the front end waited for: the task's data, the
        launch before it, or the body whose end made room in the queue."""
        self._take(row, LAUNCH, self.launch_start[row])
        instant, unit = self.cursor, self.unit[row]
        if self.ready[row] == instant:
            return self._data(row), False
        previous, in_launch = self.index.launched_at(unit, instant), True
        if previous == NOWHERE:
            previous, in_launch = self.index.ended_at(unit, instant), False
        if previous == NOWHERE:  # submission by a host stands between the front end's launches
            previous, launched = self.index.launched_before(unit, instant)
            if launched <= self.instances[self.instance[row]].arrival_ps:
                previous = NOWHERE
            else:
                in_launch = True
                self._take(row, LAUNCH, launched)
        if previous == NOWHERE:
            self._take(row, LAUNCH, self.ready[row])
            return self._data(row), False
        if self.stream[previous] != self.stream[row] and self.ready[row] < self.cursor:
            self._take(row, QUEUE, self.ready[row])
            return self._data(row), False
        return previous, in_launch

    def _work_before(self) -> int:
        """What ran at the cursor, or last before it; the time without work is idle."""
        row, until = self.index.working_before(self.cursor)
        self._take(NOWHERE, IDLE, until if row != NOWHERE else self.first_ps)
        return row
