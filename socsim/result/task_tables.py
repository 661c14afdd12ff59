"""What is known of every distinct task and of its variants before anything runs: columns to take rows from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from socsim.result.columns import Integers, ListColumn, TextColumn
from socsim.result.spans import Spans
from socsim.taskgraph import Task, TaskGraph, Variant

_INSTANCE, _TASK, _VARIANT = (Spans.position(name) for name in ("instance", "task", "variant"))


class TaskTables:
    """Tables of the tasks of some graphs, to which more may come: graphs share `Task` objects, and each stands here
    once. `update` takes in the graphs that were added to the list since."""

    def __init__(self, graphs: Sequence[TaskGraph]) -> None:
        self._graphs = graphs
        self._num_graphs = 0
        self._index: dict[int, int] = {}
        self._positions: list[int] = []
        self._first_of_graph: list[int] = []
        self._structures: dict[int, int] = {}
        self._first_of_structure: list[int] = []
        self._lists: list[tuple[int, ...]] = []
        self.tasks: list[Task] = []
        self.variants: list[Variant] = []
        self._first_variant: list[int] = []
        self.update()

    def update(self) -> None:
        """Take in what came."""
        new = self._graphs[self._num_graphs :]
        if not new and self._num_graphs:
            return
        self._num_graphs = len(self._graphs)
        for graph in new:
            self._add(graph)
        tasks, variants = self.tasks, self.variants
        self.first_of_graph = _integers(self._first_of_graph)
        self.distinct_of = _integers(self._positions)
        self.first_variant = _integers(self._first_variant)
        self.name = TextColumn.encode(task.name for task in tasks)
        self.label = TextColumn.encode(task.label for task in tasks)
        self.kind = TextColumn.encode(task.kind for task in tasks)
        self.operations = TextColumn.encode(" ".join(task.operations) for task in tasks)
        self.flop = _integers([task.flop for task in tasks])
        self.matmul_flop = _integers([task.matmul_flop for task in tasks])
        self.unit = TextColumn.encode(variant.unit for variant in variants)
        self.slots = _integers([variant.slots for variant in variants])
        self.handover_ps = _integers([variant.handover_ps for variant in variants])
        self.read_bytes = _integers([variant.read_bytes for variant in variants])
        self.write_bytes = _integers([variant.write_bytes for variant in variants])
        self.graph_name = TextColumn.encode(graph.name for graph in self._graphs)
        self.num_tasks = _integers([len(graph.tasks) for graph in self._graphs])
        self.first_of_structure = _integers(self._first_of_structure)
        self.predecessors = ListColumn.of(self._lists)

    def _add(self, graph: TaskGraph) -> None:
        self._first_of_graph.append(len(self._positions))
        for task in graph.tasks:
            found = self._index.get(id(task))
            if found is None:
                found = self._index[id(task)] = len(self.tasks)
                self.tasks.append(task)
                self._first_variant.append(len(self.variants))
                self.variants.extend(task.variants)
            self._positions.append(found)
        structure = graph.structure or graph
        first = self._structures.get(id(structure))
        if first is None:
            first = self._structures[id(structure)] = len(self._lists)
            self._lists.extend(tuple(sorted({*task.predecessors, *task.control})) for task in structure.tasks)
        self._first_of_structure.append(first)

    def distinct(self, graph: NDArray[np.integer], task: Integers) -> Integers:
        """The number of each distinct task, from its graph and its place there."""
        found: Integers = self.distinct_of[self.first_of_graph[graph] + task]
        return found

    def variants_of(self, table: Integers, graph_of: Callable[[int], int]) -> Integers:
        """For each row of a table of spans the number of its variant; `graph_of` tells the graph of an instance."""
        numbers, instance = present(table[:, _INSTANCE])
        graph = np.array([graph_of(number) for number in numbers], dtype=np.int64)[instance]
        found: Integers = self.first_variant[self.distinct(graph, table[:, _TASK])] + table[:, _VARIANT]
        return found


def present(instance: Integers) -> tuple[list[int], Integers]:
    """The numbers of the instances that rows belong to, and for each row the place of its instance among them."""
    if not len(instance):
        return [], instance
    lowest = int(instance.min())
    counts = np.bincount(instance - lowest)
    place = np.cumsum(counts > 0) - 1
    numbers: list[int] = (np.flatnonzero(counts) + lowest).tolist()
    return numbers, place[instance - lowest]


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)
