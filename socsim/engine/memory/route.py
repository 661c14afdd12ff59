"""The way of one unit to memory: turns the bytes of a task at each level of caches into a path over links."""

from __future__ import annotations

from dataclasses import dataclass

from socsim.engine.memory.caches import CacheState
from socsim.engine.memory.crossing import Crossing
from socsim.engine.memory.fabric import Fabric
from socsim.engine.memory.link import LinkState, Path, Shares
from socsim.engine.memory.loaded_latency import LoadedLatency, Window, knot_of
from socsim.engine.memory.traffic import TrafficClasses
from socsim.quantity import round_up_ps

LevelBytes = tuple[tuple[int, int], ...]
"""(bytes read, bytes written) that cross the links behind 0, 1, ... caches; the last pair is what reaches DRAM."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """How the bytes of one task reach memory: over which path, and at which rate when nobody else is there."""

    path: Path
    alone_bytes_per_ps: float
    dram_class: int
    rate_cap: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What a task may draw, less than its unit can: bytes per ps beyond the unit's own caches, bytes in flight; 0 where
    there is no limit of its own."""

    bytes_per_ps: float = 0.0
    in_flight_bytes: int = 0


NO_LIMITS = Limits()


class UnitRoute:
    """The way of one unit to DRAM: the links and caches on it, its latency, the unit's own rate cap.

    `latency_ps` is what the first byte of a read takes when memory is idle, `write_latency_ps` what a posted write
    takes; where memory has several nodes, the farthest counts. `level_latency_ps[k]` is the mean latency that a byte
    adds which gets past k caches: of the links behind them and of the next cache. `in_flight_bytes` are its outstanding
    requests.
    """

    __slots__ = (
        "_allocating", "_classes", "_fabric", "_in_flight_bytes", "_level_latency_ps", "_limiting", "_memo", "_memory",
        "_own_caches", "caches", "crossings", "dram_flows", "latency_ps", "name", "priority", "rate_cap", "weight",
        "write_latency_ps",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        latency_ps: int,
        write_latency_ps: int,
        rate_cap: float,
        caches: tuple[CacheState, ...],
        crossings: tuple[Crossing, ...],
        limiting: frozenset[LinkState],
        classes: TrafficClasses,
        fabric: Fabric,
        memory: LoadedLatency,
        level_latency_ps: tuple[float, ...],
        in_flight_bytes: int | None = None,
        weight: float = 1.0,
        priority: int = 0,
    ) -> None:
        self.name = name
        self.latency_ps = latency_ps
        self.write_latency_ps = write_latency_ps
        self.rate_cap = rate_cap
        self.caches = caches
        self.crossings = crossings
        self.weight = weight
        self.priority = priority
        self._limiting = limiting
        self._classes = classes
        self._fabric = fabric
        self._memory = memory
        self._level_latency_ps = level_latency_ps
        self._in_flight_bytes = in_flight_bytes
        self._memo: dict[tuple[LevelBytes, str, Limits], Traffic] = {}
        self._own_caches = crossings[0].level
        self._allocating: dict[str, tuple[bool, ...]] = {}
        self.dram_flows = crossings[-1].state.claims
        """The flows that reach DRAM now; where there are none, a read takes `latency_ps`."""

    def allocating(self, role: str) -> tuple[bool, ...]:
        """Whether each cache on the way keeps buffers of a role; empty where none does."""
        known = self._allocating.get(role)
        if known is None:
            known = tuple([cache.allocates(self.name, role) for cache in self.caches])
            self._allocating[role] = known = known if any(known) else ()
        return known

    def loaded_latency_ps(self) -> int:
        """What the first byte of a read takes now that others load the memory."""
        if not self._memory.varies:
            return self.latency_ps
        dram = self.crossings[-1].state
        carried, mix = 0.0, 0
        for flow, share in self.dram_flows.items():
            if flow.path.client != self.name:
                carried += self._fabric.rate(flow) * share
                mix += flow.traffic
        if not mix:
            return self.latency_ps
        loaded = self._memory.latency_ps(mix, knot_of(carried / dram.carries(mix)))
        return self.latency_ps + round_up_ps(loaded - self._memory.idle_ps)

    def traffic(self, levels: LevelBytes, pattern: str, limits: Limits = NO_LIMITS) -> Traffic:
        """The traffic of a task that moves so many bytes at each level; memoised."""
        key = (levels, pattern, limits)
        known = self._memo.get(key)
        if known is None:
            known = self._memo[key] = self._traffic(levels, pattern, limits)
        return known

    def _traffic(self, levels: LevelBytes, pattern: str, limits: Limits) -> Traffic:
        total = sum(levels[0])
        num_nodes = self.crossings[-1].num_ways
        moved: dict[LinkState, int] = {}
        for crossing in self.crossings:
            reads, writes = levels[crossing.level]
            size = (reads if crossing.reads else writes) * crossing.num_ways
            if size:
                moved[crossing.state] = moved.get(crossing.state, 0) + size
        crossed: Shares = tuple((state, size / (total * num_nodes)) for state, size in moved.items())
        links = tuple(item for item in crossed if item[0] in self._limiting)
        mark = self._classes.mark(pattern, *levels[-1])
        path = self._fabric.path(links, crossed, self.weight, self.priority, self.name, self._window(levels, limits))
        cap = self.rate_cap
        outside = sum(levels[self._own_caches])
        if limits.bytes_per_ps and outside:
            cap = min(cap, limits.bytes_per_ps * total / outside)
        return Traffic(path, min(cap, path.grants(mark)), mark, cap)

    def _window(self, levels: LevelBytes, limits: Limits) -> Window | None:
        given = [size for size in (self._in_flight_bytes, limits.in_flight_bytes) if size]
        if not given:
            return None
        total = sum(levels[0])
        fixed_ps = sum(
            sum(moved) / total * latency for moved, latency in zip(levels, self._level_latency_ps, strict=True)
        )
        share = min(1.0, sum(levels[-1]) / total)
        return Window(min(given), fixed_ps, share, self._memory, self.crossings[-1].state.carries)

    def count(self, levels: LevelBytes, num_tasks: int) -> None:
        """Add the bytes of so many equal tasks to the totals of the links they crossed."""
        for crossing in self.crossings:
            reads, writes = levels[crossing.level]
            parts = (reads if crossing.reads else writes) * crossing.num_ways * num_tasks
            tally = crossing.tally
            if crossing.reads:
                tally.read += parts
            else:
                tally.write += parts
            if crossing.forward:
                tally.forward += parts
            else:
                tally.backward += parts
