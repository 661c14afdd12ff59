"""One task of one instance on its way through a unit, and the instance it belongs to."""

from __future__ import annotations

from socsim.engine.memory.link import Flow
from socsim.engine.prepared import PreparedGraph, PreparedVariant, TrafficPlan
from socsim.taskgraph import Release


class Instance:
    """A graph that runs: counters of what each task still waits for, and keys of its buffers."""

    __slots__ = (
        "arrival_ps", "bases", "first_key", "gate_rows", "graph_index", "last_users", "left", "number", "prepared",
        "ready_ps", "release", "released_by", "runs", "unissued", "waiting",
    )  # fmt: skip

    def __init__(
        self, number: int, release: Release, prepared: PreparedGraph, graph_index: int, released_by: int, now_ps: int
    ) -> None:
        self.number = number
        self.release = release
        self.prepared = prepared
        self.graph_index = graph_index
        self.released_by = released_by
        self.arrival_ps = now_ps
        graph = prepared.graph
        num_tasks = len(graph.tasks)
        self.waiting = graph.in_degrees.copy()
        self.unissued = graph.in_degrees.copy()
        self.last_users = prepared.num_last_users.copy()
        self.ready_ps = [now_ps] * num_tasks
        self.gate_rows = [-1] * num_tasks
        self.runs: list[TaskRun | None] = [None] * num_tasks
        self.left = num_tasks
        self.first_key = 0
        self.bases = (0, 0, 0)
        """First buffer keys of what is shared, of its stream's and of its own."""


class TaskRun:
    """A task that has been handed to a unit's ready queue."""

    __slots__ = (
        "fill_ps", "flow", "gate", "gate_kind", "index", "instance", "lanes", "launch_end_ps",
        "launch_start_ps", "plan", "row", "sequence", "start_ps", "tail_bytes", "variant",
    )  # fmt: skip

    launch_start_ps: int
    launch_end_ps: int
    start_ps: int
    fill_ps: int
    gate: int
    gate_kind: int

    def __init__(self, instance: Instance, index: int, variant: PreparedVariant, sequence: int) -> None:
        self.instance = instance
        self.index = index
        self.variant = variant
        self.sequence = sequence
        self.row = -1
        self.flow: Flow | None = None
        self.tail_bytes = 0
        self.lanes: tuple[int, ...] = ()
        self.plan: TrafficPlan | None = None

    @property
    def priority(self) -> int:
        return self.instance.release.priority

    @property
    def deadline_ps(self) -> int | None:
        release = self.instance.release
        return release.deadline_ps if release.due_ps is None else release.due_ps

    @property
    def arrival_ps(self) -> int:
        return self.instance.arrival_ps

    @property
    def compute_ps(self) -> int:
        return self.variant.compute_ps

    @property
    def stream(self) -> str:
        return self.instance.release.stream

    @property
    def period_ps(self) -> int | None:
        return self.instance.release.period_ps

    @property
    def estimate_ps(self) -> int:
        return self.variant.estimate_ps

    @property
    def rank_ps(self) -> int:
        return self.instance.prepared.rank_ps(self.index)

    @property
    def label(self) -> str:
        """What a person calls it: stream, instance and task."""
        release = self.instance.release
        return f"{release.stream} #{release.index} {self.instance.prepared.graph.tasks[self.index].name}"
