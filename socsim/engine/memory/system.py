"""The memory system of a run: turns a task's accesses into traffic on links, through the caches on the way.

A byte that a cache serves crosses the links up to the cache; one that misses goes on to DRAM. What a cache writes back
is charged to the flow that pushed it out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from socsim.engine.kernel import Kernel
from socsim.engine.memory.caches import CacheState, replacements
from socsim.engine.memory.fabric import Fabric
from socsim.engine.memory.link import CapacityRule, LinkState, Path
from socsim.engine.memory.max_min import INFINITE
from socsim.hardware import Soc, UnitParams

TrafficClass = tuple[str, float]
"""What DRAM sees of a stream: its pattern and its share of reads, 0 to 1 in steps of 1/32."""


_BITS = 16


class TrafficClasses:
    """Marks for the traffic classes of a run. The sum of the marks of a set of streams is a key for the set: each class
    counts in digits of its own."""

    def __init__(self) -> None:
        self._marks: dict[TrafficClass, int] = {}

    def mark(self, traffic_class: TrafficClass) -> int:
        """The mark of a class, a new one for a new class."""
        known = self._marks.get(traffic_class)
        if known is None:
            known = self._marks[traffic_class] = 1 << _BITS * len(self._marks)
        return known

    def streams(self, mix: int) -> tuple[TrafficClass, ...]:
        """The streams of a mix, a sum of marks."""
        found: list[TrafficClass] = []
        for traffic_class in self._marks:
            found += [traffic_class] * (mix & (1 << _BITS) - 1)
            mix >>= _BITS
        return tuple(sorted(found))


_READ_SHARE_STEPS = 32


@dataclass(frozen=True, slots=True)
class Traffic:
    """How the bytes of one task reach memory: over which path, and at which rate when nobody else is there."""

    path: Path
    alone_bytes_per_ps: float
    dram_class: int


class LinkTally:
    """Bytes that crossed one link of the SoC, for totals; several links may share one state in the solver."""

    __slots__ = ("bandwidth_bytes_per_s", "name", "read_bytes", "write_bytes")

    def __init__(self, name: str, bandwidth_bytes_per_s: float) -> None:
        self.name = name
        self.bandwidth_bytes_per_s = bandwidth_bytes_per_s
        self.read_bytes = 0
        self.write_bytes = 0


@dataclass(frozen=True, slots=True)
class Crossing:
    """One link on a unit's way to DRAM: `level` caches stand before it. A state is None where the link cannot limit."""

    tally: LinkTally
    read: LinkState | None
    write: LinkState | None
    level: int


LevelBytes = tuple[tuple[int, int], ...]
"""(bytes read, bytes written) that cross the links behind 0, 1, ... caches; the last pair is what reaches DRAM."""


class UnitRoute:
    """The way of one unit to DRAM: the links and caches on it, its latency, the unit's own rate cap."""

    __slots__ = (
        "_classes",
        "_fabric",
        "_memo",
        "caches",
        "crossings",
        "latency_ps",
        "name",
        "rate_cap",
        "write_latency_ps",
    )

    def __init__(
        self,
        name: str,
        latency_ps: int,
        write_latency_ps: int,
        rate_cap: float,
        caches: tuple[CacheState, ...],
        crossings: tuple[Crossing, ...],
        classes: TrafficClasses,
        fabric: Fabric,
    ) -> None:
        self.name = name
        self.latency_ps = latency_ps
        self.write_latency_ps = write_latency_ps
        self.rate_cap = rate_cap
        self.caches = caches
        self.crossings = crossings
        self._classes = classes
        self._fabric = fabric
        self._memo: dict[tuple[LevelBytes, str], Traffic] = {}

    def traffic(self, levels: LevelBytes, pattern: str) -> Traffic:
        """The traffic of a task that moves so many bytes at each level; memoised."""
        key = (levels, pattern)
        known = self._memo.get(key)
        if known is None:
            known = self._memo[key] = self._traffic(levels, pattern)
        return known

    def _traffic(self, levels: LevelBytes, pattern: str) -> Traffic:
        total = sum(levels[0])
        shares: dict[LinkState, float] = {}
        for crossing in self.crossings:
            reads, writes = levels[crossing.level]
            if crossing.read is not None and reads:
                shares[crossing.read] = shares.get(crossing.read, 0.0) + reads / total
            if crossing.write is not None and writes:
                shares[crossing.write] = shares.get(crossing.write, 0.0) + writes / total
        reads, writes = levels[-1]
        steps = round(reads / (reads + writes) * _READ_SHARE_STEPS) if reads + writes else _READ_SHARE_STEPS
        dram_class = self._classes.mark((pattern, steps / _READ_SHARE_STEPS))
        path = self._fabric.path(tuple(shares.items()))
        rate = min(self.rate_cap, path.grants(dram_class))
        return Traffic(path, rate, dram_class)

    def count(self, levels: LevelBytes, num_tasks: int) -> None:
        """Add the bytes of so many equal tasks to the totals of the links they crossed."""
        for crossing in self.crossings:
            reads, writes = levels[crossing.level]
            crossing.tally.read_bytes += reads * num_tasks
            crossing.tally.write_bytes += writes * num_tasks


class MemorySystem:
    """Links, caches and routes of one SoC for one run."""

    def __init__(self, kernel: Kernel, soc: Soc, serve: DramCapacity) -> None:
        self.classes = TrafficClasses()
        dram_capacity = capacity_rule(serve, self.classes)
        self.dram = LinkState(0, "dram", soc.dram.peak_bytes_per_s, dram_capacity)
        self.dram_tally = LinkTally("dram", soc.dram.peak_bytes_per_s)
        self.tallies: list[LinkTally] = []
        self.caches = tuple(
            CacheState(
                cache.name,
                cache.node,
                replacements.get(cache.replacement, f"cache '{cache.name}'")(cache.capacity),
                frozenset(cache.clients) if cache.clients is not None else None,
                frozenset(cache.roles) if cache.roles is not None else None,
            )
            for cache in soc.caches
        )
        latency_of = {cache.name: cache.latency for cache in soc.caches}
        states: list[LinkState] = [self.dram]
        by_link: dict[str, tuple[LinkTally, LinkState | None, LinkState | None]] = {}
        for link in soc.links:
            tally = LinkTally(link.name, link.bandwidth)
            self.tallies.append(tally)
            if self._is_covered_by_dram(soc, link.name):
                by_link[link.name] = (tally, None, None)
            elif link.mode == "duplex":
                read = LinkState(len(states), f"{link.name} read", link.bandwidth)
                write = LinkState(len(states) + 1, f"{link.name} write", link.bandwidth)
                states += [read, write]
                by_link[link.name] = (tally, read, write)
            else:
                state = LinkState(len(states), link.name, link.bandwidth)
                states.append(state)
                by_link[link.name] = (tally, state, state)
        self.tallies.append(self.dram_tally)
        self.fabric = Fabric(kernel, states)
        self.routes: dict[str, UnitRoute] = {}
        for unit in soc.units:
            self.routes[unit.name] = self._route(soc, unit, by_link, latency_of)

    def _route(
        self,
        soc: Soc,
        unit: UnitParams,
        by_link: dict[str, tuple[LinkTally, LinkState | None, LinkState | None]],
        latency_of: dict[str, int],
    ) -> UnitRoute:
        links = soc.route(unit)
        write_latency = sum(link.latency for link in links)
        latency = write_latency + soc.dram.latency
        cap = INFINITE if unit.port_bandwidth is None else unit.port_bandwidth * 1e-12
        if unit.outstanding is not None:
            cap = min(cap, unit.outstanding * unit.line / latency)
        node = unit.port or unit.name
        nodes = [node]
        for link in links:
            node = link.between[1] if link.between[0] == node else link.between[0]
            nodes.append(node)
        caches = tuple(sorted((c for c in self.caches if c.node in nodes), key=lambda c: nodes.index(c.node)))
        crossings = []
        for position, link in enumerate(links):
            level = sum(nodes.index(cache.node) <= position for cache in caches)
            crossings.append(Crossing(*by_link[link.name], level))
        crossings.append(Crossing(self.dram_tally, self.dram, self.dram, len(caches)))
        latency += sum(latency_of[cache.name] for cache in caches)
        return UnitRoute(unit.name, latency, write_latency, cap, caches, tuple(crossings), self.classes, self.fabric)

    @staticmethod
    def _is_covered_by_dram(soc: Soc, link_name: str) -> bool:
        """True for a link that every byte to DRAM crosses, none besides, and that is no narrower than DRAM's peak: it
        can never be what limits, so the solver need not see it."""
        (link,) = [link for link in soc.links if link.name == link_name]
        cache_nodes = {cache.node for cache in soc.caches}
        far = link.between[1] if link.between[0] == soc.dram.node else link.between[0]
        behind_caches = soc.dram.node in link.between and (not cache_nodes or far in cache_nodes)
        every = all(link in soc.route(unit) for unit in soc.units)
        return every and behind_caches and link.bandwidth >= soc.dram.peak_bytes_per_s


DramCapacity = Callable[[tuple[TrafficClass, ...]], float]
"""Bytes per second that DRAM serves in all to a set of streams."""


def capacity_rule(serve: DramCapacity, classes: TrafficClasses) -> CapacityRule:
    """A memoised link rule in bytes per ps from a DRAM model: depends on the set of streams, never on solved rates."""
    known: dict[int, float] = {}

    def rule(mix: int) -> float:
        value = known.get(mix)
        if value is None:
            value = known[mix] = serve(classes.streams(mix)) * 1e-12
        return value

    return rule
