"""The executed tasks of a run as columns: what the engine recorded, joined with what mapping knew of each task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from socsim.result.columns import Integers, ListColumn, TextColumn
from socsim.result.company import EarlierCompany, meets_others
from socsim.result.spans import Gate, Spans
from socsim.result.task_tables import TaskTables, present
from socsim.taskgraph import TaskGraph

if TYPE_CHECKING:
    from socsim.result.run_result import InstanceRecord

BOUNDS = ("compute", "memory", "contention", "latency")
"""What may take most of a task's own time: its arithmetic, its bytes, other traffic, or fill and drain."""


@dataclass(frozen=True, slots=True, eq=False)
class TaskColumns:
    """One row per executed task in the order in which the bodies ended; rows are referred to by their number.

    All times are absolute picoseconds but `fill_ps`, `handover_ps`, `compute_ps` and `alone_ps`, which are durations.
    See `socsim.result.spans.COLUMNS` for those that the engine writes.
    """

    stream: TextColumn
    phase: TextColumn
    instance: NDArray[np.int32]
    """Index into `RunRecord.instances`."""
    graph: TextColumn
    task: NDArray[np.int32]
    """Index into the tasks of the instance's graph."""
    name: TextColumn
    label: TextColumn
    kind: TextColumn
    operations: TextColumn
    """Ids of the fused operations, separated by spaces."""
    unit: TextColumn
    lane: NDArray[np.int16]
    slots: NDArray[np.int16]
    """How much of a unit that is shared by slots."""
    ready_ps: Integers
    launch_start_ps: Integers
    launch_end_ps: Integers
    start_ps: Integers
    end_ps: Integers
    done_ps: Integers
    fill_ps: Integers
    suspended_ps: Integers
    """How long it had given way to more urgent tasks between the start and the end of its body."""
    handover_ps: Integers
    """Fence, cache maintenance and conversion of data that came from another unit (0 where none did)."""
    compute_ps: Integers
    alone_ps: Integers
    flop: Integers
    matmul_flop: Integers
    read_bytes: Integers
    """Bytes the task reads, whatever level serves them."""
    write_bytes: Integers
    dram_read_bytes: Integers
    dram_write_bytes: Integers
    energy_j: NDArray[np.float64]
    """Energy of its arithmetic, its unit while it ran, and its bytes; 0 where the chip's power is not known."""
    gate: NDArray[np.int32]
    """Row of the task it waited for last, or -1."""
    gate_kind: TextColumn
    bound_by: TextColumn
    predecessors: ListColumn
    """Rows of the tasks whose data or permission it needed; those that never ran are left out."""

    def __len__(self) -> int:
        return len(self.task)

    def take(self, rows: Integers) -> TaskColumns:
        """Some rows, in order; gates and predecessors become positions among them."""
        taken: dict[str, Any] = {}
        for field in fields(self):
            column = getattr(self, field.name)
            taken[field.name] = column[rows] if isinstance(column, np.ndarray) else column.take(rows)
        taken["gate"] = _positions(taken["gate"], rows).astype(np.int32)
        taken["predecessors"] = _present_only(taken["predecessors"], rows)
        return TaskColumns(**taken)

    def part(self, rows: slice) -> TaskColumns:
        """Some rows that lie side by side; gates and predecessors are left as they are."""
        taken: dict[str, Any] = {}
        for field in fields(self):
            column = getattr(self, field.name)
            taken[field.name] = column[rows] if isinstance(column, np.ndarray) else column.part(rows)
        return TaskColumns(**taken)

    @property
    def held_start_ps(self) -> Integers:
        """When the task took its unit: the body's start less the fill that delayed it."""
        return self.start_ps - self.fill_ps


GATE_NAMES = tuple(gate.name.lower() for gate in Gate)

ELSEWHERE = -2
"""A gate that is a row of the run, but not among these."""


def task_columns(
    spans: Spans,
    instances: Sequence[InstanceRecord],
    graphs: Sequence[TaskGraph],
    suspensions: Sequence[tuple[int, int, int]] = (),
    energy_j: NDArray[np.float64] | None = None,
) -> TaskColumns:
    """All rows of a run, joined with instances and graphs. Costs some microseconds per distinct task and nanoseconds
    per row.

    `suspensions` are (row, begin_ps, end_ps) of tasks that gave way while they ran, `energy_j` is of each row.
    """
    table = np.frombuffer(spans.rows, dtype=np.int64).reshape(-1, Spans.WIDTH)
    return columns_of(table, None, instances, TaskTables(graphs), suspensions, energy_j)


def columns_of(
    table: Integers,
    rows: Integers | None,
    instances: Mapping[int, InstanceRecord] | Sequence[InstanceRecord],
    tables: TaskTables,
    suspensions: Iterable[tuple[int, int, int]] = (),
    energy_j: NDArray[np.float64] | None = None,
    earlier: EarlierCompany | None = None,
) -> TaskColumns:
    """Some rows of a run, joined with what is known of their instances and tasks.

    `rows` are their numbers in the run, in order (None: all of them); gates and predecessors become positions among
    them. `earlier` knows the tasks that are not among these.
    """

    def column(name: str) -> Integers:
        return np.ascontiguousarray(table[:, Spans.position(name)])

    instance, task = column("instance"), column("task")
    numbers, local_instance = present(instance)
    records = [instances[number] for number in numbers]
    graph_of_instance = np.array([record.graph for record in records], dtype=np.int32)
    distinct = tables.distinct(graph_of_instance[local_instance], task)
    variant = tables.first_variant[distinct] + column("variant")
    start, end, done = column("start_ps"), column("end_ps"), column("done_ps")
    fill, compute, alone = column("fill_ps"), column("compute_ps"), column("alone_ps")
    unit = tables.unit.take(variant)
    suspended = np.zeros(len(start), dtype=np.int64)
    for row, begin_ps, end_ps in suspensions:
        suspended[row if rows is None else int(np.searchsorted(rows, row))] += end_ps - begin_ps
    stream = TextColumn.encode(record.stream for record in records).take(local_instance)
    before = earlier.others_ps(stream) if earlier is not None else None
    predecessors = _predecessor_rows(local_instance, task, graph_of_instance, tables)
    gate = column("gate")
    return TaskColumns(
        stream=stream,
        phase=TextColumn.encode(record.phase for record in records).take(local_instance),
        instance=instance.astype(np.int32),
        graph=tables.graph_name.take(graph_of_instance[local_instance]),
        task=task.astype(np.int32),
        name=tables.name.take(distinct),
        label=tables.label.take(distinct),
        kind=tables.kind.take(distinct),
        operations=tables.operations.take(distinct),
        unit=unit,
        lane=column("lane").astype(np.int16),
        slots=tables.slots[variant].astype(np.int16),
        ready_ps=column("ready_ps"),
        launch_start_ps=column("launch_start_ps"),
        launch_end_ps=column("launch_end_ps"),
        start_ps=start,
        end_ps=end,
        done_ps=done,
        fill_ps=fill,
        suspended_ps=suspended,
        handover_ps=np.where(_crossed(predecessors, unit), tables.handover_ps[variant], 0),
        compute_ps=compute,
        alone_ps=alone,
        flop=tables.flop[distinct],
        matmul_flop=tables.matmul_flop[distinct],
        read_bytes=tables.read_bytes[variant],
        write_bytes=tables.write_bytes[variant],
        dram_read_bytes=column("dram_read_bytes"),
        dram_write_bytes=column("dram_write_bytes"),
        energy_j=np.zeros(len(start)) if energy_j is None else energy_j,
        gate=(gate if rows is None else _positions(gate, rows)).astype(np.int32),
        gate_kind=TextColumn(column("gate_kind").astype(np.int32), GATE_NAMES),
        bound_by=bound_by(
            end - start - suspended,
            fill + done - end,
            compute,
            alone,
            meets_others(stream.codes, start - fill, start, end, done, before),
        ),
        predecessors=predecessors,
    )


def _positions(numbers: NDArray[np.integer], rows: Integers) -> Integers:
    """Where rows of the run stand among some of them, which are in order; -1 stays, others are `ELSEWHERE`."""
    found: Integers = numbers.astype(np.int64)
    if len(rows):
        place = np.minimum(np.searchsorted(rows, numbers), len(rows) - 1)
        found = np.where(numbers < 0, found, np.where(rows[place] == numbers, place, ELSEWHERE))
    return found


def bound_by(
    body_ps: Integers, latency_ps: Integers, compute_ps: Integers, alone_ps: Integers, in_company: NDArray[np.bool_]
) -> TextColumn:
    """What takes most of each task's own time (one of `BOUNDS`).

    `max(compute, alone)` of the body is its arithmetic or its bytes, whichever is longer; what the body takes beyond is
    contention where other streams were at work, and else bytes, lost to other tasks of the same stream. Fill and drain
    are latency.
    """
    needed = np.minimum(np.maximum(compute_ps, alone_ps), body_ps)
    beyond = body_ps - needed
    cause = np.where(compute_ps >= alone_ps, 0, 1)
    cause = np.where(beyond > needed, np.where(in_company, 2, 1), cause)
    cause = np.where(latency_ps > np.maximum(beyond, needed), 3, cause)
    return TextColumn(cause.astype(np.int32), BOUNDS)


def _crossed(predecessors: ListColumn, unit: TextColumn) -> NDArray[np.bool_]:
    """Whether any data of a task came from another unit."""
    owners = predecessors.owners()
    crossing = owners[unit.codes[predecessors.values] != unit.codes[owners]]
    return np.bincount(crossing, minlength=len(unit)) > 0


def _predecessor_rows(
    instance: Integers, task: Integers, graph_of_instance: NDArray[np.int32], tables: TaskTables
) -> ListColumn:
    """For each row the rows of the tasks it waited for, all of the same instance; those that are not here are left
    out."""
    sizes = tables.num_tasks[graph_of_instance]
    first_of_instance = np.cumsum(sizes) - sizes
    row_of = np.full(int(sizes.sum()), -1, dtype=np.int32)
    row_of[first_of_instance[instance] + task] = np.arange(len(task), dtype=np.int32)
    before = tables.predecessors.take(tables.first_of_structure[graph_of_instance[instance]] + task)
    owners = before.owners()
    rows = row_of[first_of_instance[instance[owners]] + before.values]
    return _kept(owners, rows, len(task))


def _present_only(lists: ListColumn, rows: Integers) -> ListColumn:
    """Lists of rows of the run as positions among some of them."""
    return _kept(lists.owners(), _positions(lists.values, rows), len(lists))


def _kept(owners: Integers, values: NDArray[np.integer], num_rows: int) -> ListColumn:
    """Lists without what is negative."""
    kept = values >= 0
    offsets = np.zeros(num_rows + 1, dtype=np.int32)
    np.cumsum(np.bincount(owners[kept], minlength=num_rows), out=offsets[1:])
    return ListColumn(offsets, values[kept].astype(np.int32))
