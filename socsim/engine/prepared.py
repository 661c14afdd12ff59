"""Tasks made ready to run: clock cycles turned into picoseconds, buffer names into keys, dependencies into counters.

Templates share `Task` objects, so each is prepared once per run however many instances use it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from socsim.engine.memory.replacement import Lookup
from socsim.engine.memory.route import NO_LIMITS, LevelBytes, Limits, UnitRoute
from socsim.engine.shape import Shape
from socsim.engine.unit import UnitState
from socsim.errors import ModelError
from socsim.quantity import cycles_to_ps, fluid_ps
from socsim.taskgraph import Buffer, Task, TaskGraph, Variant

SHARED, STREAM, INSTANCE = 0, 1, 2
STREAM_SLOTS = 1 << 20
"""Keys kept for the buffers of one stream; more than any workload has."""

_SCOPES = {"shared": SHARED, "stream": STREAM, "instance": INSTANCE}


class PreparedVariant:
    """One variant of a task in terms of the run: its unit, times in ps, bytes, and which accesses caches must see.

    `plans` remembers how its bytes reach memory for each outcome of the caches, `last_plan` the latest of them and
    `last_beyond` what it had to read and write beyond its only cache then.
    """

    __slots__ = (
        "_estimate_ps", "ahead_tile_bytes", "alone_ps", "body_bytes", "clock_hz", "compute_ps", "cycles",
        "first_tile_bytes", "handover_ps", "index", "last_beyond", "last_plan", "last_tile_bytes", "launch_ps",
        "limits", "lookups", "num_tiles", "passing", "pattern", "plans", "read_bytes", "slots", "submit_ps",
        "total_bytes", "turn_launch_ps", "unit", "write_bytes",
    )  # fmt: skip

    def __init__(
        self, index: int, variant: Variant, unit: UnitState, accesses: Sequence[PreparedAccess], owner: int = 0
    ) -> None:
        self.index = index
        self.unit = unit
        self.launch_ps = variant.launch_ps if unit.launches_ahead else 0
        self.turn_launch_ps = 0 if unit.launches_ahead else variant.launch_ps
        self.submit_ps = variant.submit_ps
        self.handover_ps = variant.handover_ps
        self.slots = variant.slots
        self.limits = NO_LIMITS
        if variant.most_bytes_per_s or variant.in_flight_bytes:
            self.limits = Limits(variant.most_bytes_per_s * 1e-12, variant.in_flight_bytes)
        self.cycles = variant.cycles
        self.clock_hz = unit.clock_hz
        self.compute_ps: int = cycles_to_ps(variant.cycles, unit.clock_hz)
        self.alone_ps = variant.launch_ps + self.compute_ps
        read = write = 0
        for access in variant.accesses:
            read += access.read_bytes
            write += access.write_bytes
        self.read_bytes = read
        self.write_bytes = write
        self.total_bytes = self.read_bytes + self.write_bytes
        self.first_tile_bytes = variant.first_tile_bytes
        self.ahead_tile_bytes = variant.ahead_tile_bytes
        self.last_tile_bytes = min(variant.last_tile_bytes, self.write_bytes)
        self.body_bytes = self.total_bytes - self.last_tile_bytes
        self.num_tiles = max(1, -(-self.total_bytes // unit.tile_bytes))
        self.pattern: str = variant.accesses[0].pattern if variant.accesses else "sequential"
        for access in variant.accesses:
            if access.pattern != self.pattern or access.pattern == "strided":
                self.pattern = _dominant(variant)
                break
        self.plans: dict[LevelBytes, TrafficPlan] = {}
        self.last_plan: TrafficPlan | None = None
        self.last_beyond = (-1, -1)
        route = unit.route
        self.lookups: list[Lookup] = []
        num_caches = len(route.caches)
        reads, writes = [0] * num_caches, [0] * num_caches
        for scope, key, size, read_bytes, write_bytes, role, whole in accesses:
            allocates = route.allocating(role) if whole else None
            if allocates:
                self.lookups.append((scope, key, size, read_bytes, write_bytes, allocates, owner))
            else:
                for level in range(num_caches):
                    reads[level] += read_bytes
                    writes[level] += write_bytes
        self.passing = tuple(zip(route.caches, reads, writes, strict=True))
        self._estimate_ps = -1

    @property
    def estimate_ps(self) -> int:
        """Launch and body alone on the unit, caches cold, without fill and drain."""
        if self._estimate_ps < 0:
            self._estimate_ps = self.estimate_at(self.clock_hz)
        return self._estimate_ps

    def estimate_at(self, clock_hz: int) -> int:
        """The same at another clock."""
        body = cycles_to_ps(self.cycles, clock_hz)
        if self.total_bytes:
            cold = ((self.read_bytes, self.write_bytes),) * (len(self.passing) + 1)
            alone = self.unit.route.traffic(cold, self.pattern, self.limits).alone_bytes_per_ps
            body = max(body, fluid_ps(self.total_bytes, alone))
        return self.launch_ps + self.turn_launch_ps + body

    def retime(self, clock_hz: int) -> None:
        """The unit's clock is another now."""
        launch_ps = self.alone_ps - self.compute_ps
        self.clock_hz = clock_hz
        self.compute_ps = cycles_to_ps(self.cycles, clock_hz)
        self.alone_ps = launch_ps + self.compute_ps
        self._estimate_ps = -1


class TrafficPlan:
    """How a variant's bytes reach memory for one outcome of the caches, with the times that follow from it."""

    __slots__ = (
        "alone_bytes_per_ps", "alone_ps", "dram_class", "first_ps", "levels", "num_uses", "number", "path", "rate_cap",
        "route",
    )  # fmt: skip

    def __init__(self, variant: PreparedVariant, levels: LevelBytes, number: int) -> None:
        self.number = number
        self.route = variant.unit.route
        traffic = self.route.traffic(levels, variant.pattern, variant.limits)
        self.levels = levels
        self.num_uses = 0
        self.path = traffic.path
        self.rate_cap = traffic.rate_cap
        self.dram_class = traffic.dram_class
        self.alone_bytes_per_ps = alone = traffic.alone_bytes_per_ps
        first = variant.first_tile_bytes + variant.ahead_tile_bytes
        self.first_ps: int = fluid_ps(first, alone)
        self.alone_ps: int = fluid_ps(max(0, variant.body_bytes - first), alone)


PreparedAccess = tuple[int, int, int, int, int, str, bool]
"""(scope, key within the scope, buffer size, bytes read, bytes written, role, whether all of the buffer is touched)."""


def _dominant(variant: Variant) -> str:
    """The pattern that moves most of a variant's bytes, with its stride."""
    totals: dict[str, int] = {}
    for access in variant.accesses:
        pattern: str = access.pattern
        if pattern == "strided" and access.stride_bytes:
            pattern = f"{pattern}:{access.stride_bytes}"
        totals[pattern] = totals.get(pattern, 0) + access.read_bytes + access.write_bytes
    return max(sorted(totals), key=lambda pattern: totals[pattern])


class PreparedGraph:
    """A template ready to run, with the tables of its `shape`, which templates of one structure share."""

    __slots__ = ("_ranks", "followers", "graph", "last_uses", "num_last_users", "shape", "successors", "variants")

    def __init__(self, graph: TaskGraph, variants: list[tuple[PreparedVariant, ...]], shape: Shape) -> None:
        self.graph = graph
        self.variants = variants
        self.shape = shape
        self.successors = shape.successors
        self.followers = shape.followers
        self.last_uses = shape.last_uses
        self.num_last_users = shape.num_last_users
        self._ranks: list[int] = []

    def rank_ps(self, index: int) -> int:
        """Upward rank of a task: its mean estimate over its variants, and the longest chain that follows, hand-over
        included where a successor may be on another unit."""
        if not self._ranks:
            ranks = [0] * len(self.variants)
            for task in range(len(ranks) - 1, -1, -1):
                mine = self.variants[task]
                longest = 0
                for successor, same_unit in self.successors[task]:
                    theirs = self.variants[successor]
                    way = 0 if same_unit else sum(variant.handover_ps for variant in theirs) // len(theirs)
                    longest = max(longest, way + ranks[successor])
                ranks[task] = sum(variant.estimate_ps for variant in mine) // len(mine) + longest
            self._ranks = ranks
        return self._ranks[index]


class Preparer:
    """Prepares graphs for one run and hands out keys of buffers."""

    def __init__(self, units: Mapping[str, UnitState]) -> None:
        self._units = units
        self._tasks: dict[int, tuple[Task, tuple[PreparedVariant, ...]]] = {}
        self._graphs: dict[int, PreparedGraph] = {}
        self._latest: dict[int, PreparedGraph] = {}
        self._shared: dict[str, int] = {}
        self._owners: dict[str, int] = {}
        self._slots: dict[tuple[int, str], int] = {}
        self._next_key = 0
        self.plans: list[TrafficPlan] = []
        """All ways that bytes have taken to memory so far, by their number."""

    def plan(self, variant: PreparedVariant, levels: LevelBytes) -> TrafficPlan:
        """A variant's way to memory for an outcome of the caches that it has not had before."""
        plan = variant.plans[levels] = TrafficPlan(variant, levels, len(self.plans))
        self.plans.append(plan)
        return plan

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
        owner = self._owners.setdefault(graph.workload, len(self._owners))
        structure = id(graph.structure or graph)
        latest = self._latest.get(structure)
        if latest is None:
            variants = [self._task(task, graph.buffers, owner) for task in graph.tasks]
            shape = Shape(graph, [[way.unit for way in ways] for ways in variants])
        else:  # from one decode step to the next most tasks are the same objects
            variants = [
                ways if task is other else self._task(task, graph.buffers, owner)
                for task, other, ways in zip(graph.tasks, latest.graph.tasks, latest.variants, strict=True)
            ]
            shape = latest.shape
        prepared = PreparedGraph(graph, variants, shape)
        self._graphs[id(graph)] = self._latest[structure] = prepared
        return prepared

    def _task(self, task: Task, buffers: tuple[Buffer, ...], owner: int) -> tuple[PreparedVariant, ...]:
        known = self._tasks.get(id(task))
        if known is not None:
            return known[1]
        variants = tuple(self._variant(index, variant, buffers, owner) for index, variant in enumerate(task.variants))
        if not variants:
            raise ModelError(f"task '{task.name}' has no variant: mapping placed it nowhere")
        self._tasks[id(task)] = (task, variants)
        return variants

    def _variant(self, index: int, variant: Variant, buffers: tuple[Buffer, ...], owner: int) -> PreparedVariant:
        accesses = []
        for access in variant.accesses:
            buffer = buffers[access.buffer]
            scope = _SCOPES[buffer.scope]
            if scope == INSTANCE:
                key = access.buffer
            else:
                key = self._shared_key(buffer.key) if scope == SHARED else self._stream_slot(owner, buffer.name)
            size = buffer.size_bytes
            accesses.append((scope, key, size, access.read_bytes, access.write_bytes, buffer.role, access.whole))
        return PreparedVariant(index, variant, self._units[variant.unit], accesses, owner)

    def count_traffic(self) -> None:
        """Add the bytes of all tasks that ran to the totals of the links they crossed."""
        uses: dict[tuple[UnitRoute, LevelBytes], int] = {}
        for plan in self.plans:
            key = (plan.route, plan.levels)
            uses[key] = uses.get(key, 0) + plan.num_uses
        for (route, levels), num_uses in uses.items():
            route.count(levels, num_uses)

    def _stream_slot(self, owner: int, name: str) -> int:
        """A buffer's number among those that a stream keeps for a workload, whichever graph names it."""
        return self._slots.setdefault((owner, name), len(self._slots))

    def _shared_key(self, key: str) -> int:
        known = self._shared.get(key)
        if known is None:
            known = self._shared[key] = self.reserve_keys(1)
        return known
