"""The executed tasks of a run as columns: what the engine recorded, joined with what mapping knew of each task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from socsim.result.columns import Integers, ListColumn, TextColumn
from socsim.result.company import meets_others
from socsim.result.spans import COLUMNS, Gate, Spans
from socsim.taskgraph import Task, TaskGraph

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

    @property
    def held_start_ps(self) -> Integers:
        """When the task took its unit: the body's start less the fill that delayed it."""
        return self.start_ps - self.fill_ps


GATE_NAMES = tuple(gate.name.lower() for gate in Gate)


def task_columns(
    spans: Spans,
    instances: Sequence[InstanceRecord],
    graphs: Sequence[TaskGraph],
    suspensions: Sequence[tuple[int, int, int]] = (),
    energy_j: NDArray[np.float64] | None = None,
) -> TaskColumns:
    """Join spans with instances and graphs. Costs some microseconds per distinct task and nanoseconds per row.

    `suspensions` are (row, begin_ps, end_ps) of tasks that gave way while they ran, `energy_j` is of each row.
    """
    table = np.array([spans.column(name) for name in COLUMNS])  # contiguous columns, and free of the engine's array

    def column(name: str) -> Integers:
        values: Integers = table[spans.position(name)]
        return values

    instance, task = column("instance"), column("task")
    graph_of_instance = np.array([record.graph for record in instances], dtype=np.int32)
    first_of_graph, distinct_of, tasks = distinct_tasks(graphs)
    distinct = distinct_of[first_of_graph[graph_of_instance[instance]] + task]
    static = _Static(tasks)
    variant = static.first_variant[distinct] + column("variant")
    start, end, done = column("start_ps"), column("end_ps"), column("done_ps")
    fill, compute, alone = column("fill_ps"), column("compute_ps"), column("alone_ps")
    unit = static.unit.take(variant)
    suspended = np.zeros(len(start), dtype=np.int64)
    for row, begin_ps, end_ps in suspensions:
        suspended[row] += end_ps - begin_ps
    stream = TextColumn.encode(record.stream for record in instances).take(instance)
    predecessors = _predecessor_rows(instance, task, instances, graph_of_instance, graphs)
    return TaskColumns(
        stream=stream,
        phase=TextColumn.encode(record.phase for record in instances).take(instance),
        instance=instance.astype(np.int32),
        graph=TextColumn.encode(graphs[record.graph].name for record in instances).take(instance),
        task=task.astype(np.int32),
        name=static.name.take(distinct),
        label=static.label.take(distinct),
        kind=static.kind.take(distinct),
        operations=static.operations.take(distinct),
        unit=unit,
        lane=column("lane").astype(np.int16),
        slots=static.slots[variant].astype(np.int16),
        ready_ps=column("ready_ps"),
        launch_start_ps=column("launch_start_ps"),
        launch_end_ps=column("launch_end_ps"),
        start_ps=start,
        end_ps=end,
        done_ps=done,
        fill_ps=fill,
        suspended_ps=suspended,
        handover_ps=np.where(_crossed(predecessors, unit), static.handover_ps[variant], 0),
        compute_ps=compute,
        alone_ps=alone,
        flop=static.flop[distinct],
        matmul_flop=static.matmul_flop[distinct],
        read_bytes=static.read_bytes[variant],
        write_bytes=static.write_bytes[variant],
        dram_read_bytes=column("dram_read_bytes"),
        dram_write_bytes=column("dram_write_bytes"),
        energy_j=np.zeros(len(start)) if energy_j is None else energy_j,
        gate=column("gate").astype(np.int32),
        gate_kind=TextColumn(column("gate_kind").astype(np.int32), GATE_NAMES),
        bound_by=bound_by(
            end - start - suspended,
            fill + done - end,
            compute,
            alone,
            meets_others(stream.codes, start - fill, start, end, done),
        ),
        predecessors=predecessors,
    )


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


def distinct_tasks(graphs: Sequence[TaskGraph]) -> tuple[Integers, Integers, list[Task]]:
    """Graphs share `Task` objects: (first position of each graph in the next, position -> distinct task, those)."""
    index: dict[int, int] = {}
    tasks: list[Task] = []
    positions: list[int] = []
    first: list[int] = []
    for graph in graphs:
        first.append(len(positions))
        for task in graph.tasks:
            found = index.get(id(task))
            if found is None:
                found = index[id(task)] = len(tasks)
                tasks.append(task)
            positions.append(found)
    return np.array(first, dtype=np.int64), np.array(positions, dtype=np.int64), tasks


class _Static:
    """What is known of each distinct task and of each of its variants before anything runs."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.name = TextColumn.encode(task.name for task in tasks)
        self.label = TextColumn.encode(task.label for task in tasks)
        self.kind = TextColumn.encode(task.kind for task in tasks)
        self.operations = TextColumn.encode(" ".join(task.operations) for task in tasks)
        self.flop = _integers([task.flop for task in tasks])
        self.matmul_flop = _integers([task.matmul_flop for task in tasks])
        variants = [variant for task in tasks for variant in task.variants]
        counts = [len(task.variants) for task in tasks]
        self.first_variant = np.cumsum([0, *counts[:-1]]) if counts else _integers([])
        self.unit = TextColumn.encode(variant.unit for variant in variants)
        self.slots = _integers([variant.slots for variant in variants])
        self.handover_ps = _integers([variant.handover_ps for variant in variants])
        self.read_bytes = _integers([variant.read_bytes for variant in variants])
        self.write_bytes = _integers([variant.write_bytes for variant in variants])


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def _predecessor_rows(
    instance: Integers,
    task: Integers,
    instances: Sequence[InstanceRecord],
    graph_of_instance: NDArray[np.int32],
    graphs: Sequence[TaskGraph],
) -> ListColumn:
    """For each row the rows of the tasks it waited for, all of the same instance."""
    structures: dict[int, int] = {}
    lists: list[tuple[int, ...]] = []
    first_of_graph = []
    for graph in graphs:
        structure = graph.structure or graph
        if id(structure) not in structures:
            structures[id(structure)] = len(lists)
            lists.extend(tuple(sorted({*t.predecessors, *t.control})) for t in structure.tasks)
        first_of_graph.append(structures[id(structure)])
    sizes = _integers([len(graphs[record.graph].tasks) for record in instances])
    first_of_instance = np.cumsum(sizes) - sizes
    row_of = np.full(int(sizes.sum()), -1, dtype=np.int32)
    row_of[first_of_instance[instance] + task] = np.arange(len(task), dtype=np.int32)
    before = ListColumn.of(lists).take(_integers(first_of_graph)[graph_of_instance[instance]] + task)
    owners = before.owners()
    rows = row_of[first_of_instance[instance[owners]] + before.values]
    ran = rows >= 0
    offsets = np.zeros(len(task) + 1, dtype=np.int32)
    np.cumsum(np.bincount(owners[ran], minlength=len(task)), out=offsets[1:])
    return ListColumn(offsets, rows[ran])
