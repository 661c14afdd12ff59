"""Tasks made ready to run: clock cycles turned into picoseconds, buffer names into keys, dependencies into counters.

Templates share `Task` objects, so each is prepared once per run however many instances use it.
"""

from __future__ import annotations

from collections.abc import Mapping

from socsim.engine.unit import UnitState
from socsim.errors import ModelError
from socsim.quantity import cycles_to_ps
from socsim.taskgraph import Buffer, Task, TaskGraph, Variant

SHARED, STREAM, INSTANCE = 0, 1, 2
_SCOPES = {"shared": SHARED, "stream": STREAM, "instance": INSTANCE}


class PreparedVariant:
    """One variant of a task in terms of the run: its unit, times in ps, accesses with buffer keys."""

    __slots__ = (
        "accesses", "ahead_tile_bytes", "compute_ps", "first_tile_bytes", "handover_ps", "index", "last_tile_bytes",
        "launch_ps", "pattern", "read_bytes", "slots", "submit_ps", "unit", "write_bytes",
    )  # fmt: skip

    def __init__(self, index: int, variant: Variant, unit: UnitState, accesses: tuple[PreparedAccess, ...]) -> None:
        self.index = index
        self.unit = unit
        self.accesses = accesses
        self.launch_ps = variant.launch_ps
        self.submit_ps = variant.submit_ps
        self.handover_ps = variant.handover_ps
        self.slots = variant.slots
        self.compute_ps: int = cycles_to_ps(variant.cycles, unit.clock_hz)
        self.read_bytes = variant.read_bytes
        self.write_bytes = variant.write_bytes
        self.first_tile_bytes = variant.first_tile_bytes
        self.ahead_tile_bytes = variant.ahead_tile_bytes
        self.last_tile_bytes = variant.last_tile_bytes
        patterns = {access.pattern for access in variant.accesses}
        self.pattern = "sequential" if patterns <= {"sequential"} else _dominant(variant)


PreparedAccess = tuple[int, int, int, int, int, str]
"""(scope, key within the scope, buffer size, bytes read, bytes written, role)."""


def _dominant(variant: Variant) -> str:
    """The pattern that moves most of a variant's bytes."""
    totals: dict[str, int] = {}
    for access in variant.accesses:
        totals[access.pattern] = totals.get(access.pattern, 0) + access.read_bytes + access.write_bytes
    return max(sorted(totals), key=lambda pattern: totals[pattern])


class PreparedGraph:
    """A template ready to run. `successors[i]` are (task, whether it follows on the same unit for certain)."""

    __slots__ = ("graph", "issue_degrees", "num_readers", "successors", "variants")

    def __init__(
        self,
        graph: TaskGraph,
        variants: list[tuple[PreparedVariant, ...]],
        successors: list[tuple[tuple[int, bool], ...]],
        issue_degrees: list[int],
        num_readers: list[int],
    ) -> None:
        self.graph = graph
        self.variants = variants
        self.successors = successors
        self.issue_degrees = issue_degrees
        self.num_readers = num_readers


class Preparer:
    """Prepares graphs for one run and hands out keys of buffers."""

    def __init__(self, units: Mapping[str, UnitState]) -> None:
        self._units = units
        self._tasks: dict[int, tuple[Task, tuple[PreparedVariant, ...]]] = {}
        self._graphs: dict[int, PreparedGraph] = {}
        self._shared: dict[str, int] = {}
        self._next_key = 0

    def reserve_keys(self, count: int) -> int:
        """A range of `count` fresh buffer keys; returns its first."""
        first = self._next_key
        self._next_key += count
        return first

    def prepare(self, graph: TaskGraph) -> PreparedGraph:
        """The prepared form of a template; the same object for the same template."""
        known = self._graphs.get(id(graph))
        if known is not None:
            return known
        variants = [self._task(task, graph.buffers) for task in graph.tasks]
        shape = self._graphs.get(id(graph.structure)) if graph.structure is not None else None
        if shape is not None:
            prepared = PreparedGraph(graph, variants, shape.successors, shape.issue_degrees, shape.num_readers)
        else:
            prepared = self._new_shape(graph, variants)
        self._graphs[id(graph)] = prepared
        return prepared

    @staticmethod
    def _new_shape(graph: TaskGraph, variants: list[tuple[PreparedVariant, ...]]) -> PreparedGraph:
        successors = []
        issue_degrees = list(graph.in_degrees)
        for index, after in enumerate(graph.successors):
            mine = variants[index]
            pairs = []
            for successor in after:
                theirs = variants[successor]
                pairs.append((successor, len(mine) == len(theirs) == 1 and mine[0].unit is theirs[0].unit))
            successors.append(tuple(pairs))
        num_readers = [0] * len(graph.buffers)
        for task in graph.tasks:
            for buffer in {access.buffer for access in task.variants[0].accesses}:
                if graph.buffers[buffer].scope == "instance":
                    num_readers[buffer] += 1
        return PreparedGraph(graph, variants, successors, issue_degrees, num_readers)

    def _task(self, task: Task, buffers: tuple[Buffer, ...]) -> tuple[PreparedVariant, ...]:
        known = self._tasks.get(id(task))
        if known is not None:
            return known[1]
        variants = tuple(self._variant(index, variant, buffers) for index, variant in enumerate(task.variants))
        if not variants:
            raise ModelError(f"task '{task.name}' has no variant: mapping placed it nowhere")
        self._tasks[id(task)] = (task, variants)
        return variants

    def _variant(self, index: int, variant: Variant, buffers: tuple[Buffer, ...]) -> PreparedVariant:
        accesses = []
        for access in variant.accesses:
            buffer = buffers[access.buffer]
            scope = _SCOPES[buffer.scope]
            key = access.buffer if scope != SHARED else self._shared_key(buffer.key)
            accesses.append((scope, key, buffer.size_bytes, access.read_bytes, access.write_bytes, buffer.role))
        return PreparedVariant(index, variant, self._units[variant.unit], tuple(accesses))

    def _shared_key(self, key: str) -> int:
        known = self._shared.get(key)
        if known is None:
            known = self._shared[key] = self.reserve_keys(1)
        return known
