"""What mapping hands to the engine: tasks with one variant per unit that may run them, and where instances come from.

A `TaskGraph` is a template: one per graph, symbol binding and placement. Templates that differ in a few tasks (decode
steps at growing `past`) share the other `Task` objects, so the engine prepares each only once. Nothing here knows time
beyond durations that do not depend on a clock, and nothing knows files or torch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, Protocol

Scope = Literal["shared", "stream", "instance"]
"""Whose a buffer is: `shared` by all streams of one workload hash (weights), of a `stream` from run to run (a KV
cache), or of one `instance` of a graph (activations)."""


class Buffer(NamedTuple):
    """A piece of memory that mapping's memory plan assigns. `key` makes shared buffers equal across graphs.

    A tuple, as is `Access`: a long generation makes tens of thousands of them, at a third of a frozen dataclass's cost.
    """

    name: str
    size_bytes: int
    role: str
    scope: Scope
    key: str = ""


class Access(NamedTuple):
    """What a task moves from and to one buffer. Which level serves it is decided at run time, by caches.

    `read_bytes` and `write_bytes` include repeated passes. `ahead` is true for data that does not depend on the tasks
    before (weights): its first tile can be fetched before the task's turn. `whole` is false where only a part of the
    buffer is touched (rows of a table, the new rows of a growing cache). `stride_bytes` is the distance of a strided
    pattern, 0 where it is not known; only the detailed model of DRAM tells strides from streams.
    """

    buffer: int
    read_bytes: int
    write_bytes: int
    pattern: Literal["sequential", "random", "strided"] = "sequential"
    ahead: bool = False
    whole: bool = True
    stride_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to run a task: on which unit, with how much of it, for how long, moving what.

    `launch_ps` is front-end time, `submit_ps` time on the unit's host; `cycles` are of the unit's clock with `slots` of
    its slots; `first_tile_bytes` must arrive (beyond those fetched ahead) before the body can start, `last_tile_bytes`
    leave after it. `operation_counts` are ((kind, precision), FLOP). `active_fraction` of the cores draw power (None:
    those of its slots). `most_bytes_per_s` (beyond the unit's own caches) and `in_flight_bytes` are limits of the task,
    0 where it has none but the unit's.
    """

    unit: str
    cycles: int
    accesses: tuple[Access, ...]
    launch_ps: int = 0
    submit_ps: int = 0
    slots: int = 1
    first_tile_bytes: int = 0
    ahead_tile_bytes: int = 0
    last_tile_bytes: int = 0
    handover_ps: int = 0
    operation_counts: tuple[tuple[tuple[str, str], int], ...] = ()
    active_fraction: float | None = None
    most_bytes_per_s: float = 0.0
    in_flight_bytes: int = 0

    @property
    def read_bytes(self) -> int:
        return sum(access.read_bytes for access in self.accesses)

    @property
    def write_bytes(self) -> int:
        return sum(access.write_bytes for access in self.accesses)

    def active_share(self, num_slots: int) -> float:
        """The part of a unit of so many slots that draws power while the body runs."""
        return self.slots / num_slots if self.active_fraction is None else self.active_fraction


@dataclass(frozen=True, slots=True)
class Task:
    """Fused operations; `predecessors` (data) and `control` are indices of earlier tasks of the graph."""

    name: str
    label: str
    kind: str
    predecessors: tuple[int, ...]
    variants: tuple[Variant, ...]
    control: tuple[int, ...] = ()
    flop: int = 0
    matmul_flop: int = 0
    operations: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskGraph:
    """A template of tasks in topological order over buffers.

    `bindings` are the lengths it was built for, as text for people (`"seq=1 past=513"`).
    """

    name: str
    tasks: tuple[Task, ...]
    buffers: tuple[Buffer, ...]
    bindings: str = ""
    workload: str = ""
    partial: bool = False
    structure: TaskGraph | None = field(default=None, repr=False, compare=False)
    """Another template with the same dependencies and buffers, whose derived tables this one may share."""

    @cached_property
    def successors(self) -> tuple[tuple[int, ...], ...]:
        """For each task the tasks that wait for it."""
        if self.structure is not None:
            return self.structure.successors
        after: list[list[int]] = [[] for _ in self.tasks]
        for index, task in enumerate(self.tasks):
            for before in sorted({*task.predecessors, *task.control}):
                after[before].append(index)
        return tuple(tuple(items) for items in after)

    @cached_property
    def in_degrees(self) -> list[int]:
        """For each task how many tasks it waits for; copied, never changed."""
        if self.structure is not None:
            return self.structure.in_degrees
        return [len({*task.predecessors, *task.control}) for task in self.tasks]

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """Tasks that wait for nothing."""
        if self.structure is not None:
            return self.structure.roots
        return tuple(index for index, degree in enumerate(self.in_degrees) if degree == 0)


@dataclass(frozen=True, slots=True)
class Release:
    """An instance of a graph that falls due at `time_ps` in a stream.

    `index` counts the stream's instances; `phase` is what it means to the stream's program (`run`, `prefill`,
    `decode`, ...). A larger `priority` is more urgent. `deadline_ps` is absolute. `tokens` are those that the instance
    takes in (prefill) or brings forth (decode) for its `request`, over all sequences of its `batch`. In totals it
    counts `stands_for` times (a sample of a long generation). `bandwidth_weight` is its claim on links that others
    want too, `period_ps` the time between the stream's requests where they come at a rate. `due_ps` is when it has to
    be done for the sake of what follows, where that is before its own deadline: what schedulers and governors go by.
    `shares` holds (request, tokens) for each request of an instance that serves several; then `request` is the first.
    """

    time_ps: int
    stream: str
    graph: TaskGraph
    index: int
    phase: str = "run"
    priority: int = 0
    deadline_ps: int | None = None
    warm_up: bool = False
    tokens: int = 0
    request: int = 0
    batch: int = 1
    stands_for: float = 1.0
    bandwidth_weight: float = 1.0
    period_ps: int | None = None
    due_ps: int | None = None
    shares: tuple[tuple[int, int], ...] = ()


class TaskSource(Protocol):
    """Hands the engine instances as they fall due. The engine calls; the source decides (closed loop, arrivals,
    generation, branches) and never sees units or links."""

    def begin(self) -> Iterable[Release]:
        """The first instances."""

    def arrived(self, release: Release, now_ps: int) -> Iterable[Release]:
        """An instance has fallen due: what else does (the next arrival of an open stream)."""

    def completed(self, release: Release, now_ps: int) -> Iterable[Release]:
        """An instance is done: what follows it (the next step of a generation)."""
