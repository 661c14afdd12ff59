"""The memory system of a run: links, caches, DRAM and the way of every unit through them.

A byte that a cache serves crosses the links up to the cache; one that misses goes on to DRAM. What a cache writes back
is charged to the flow that pushed it out.
"""

from __future__ import annotations

from collections.abc import Callable

from socsim.engine.kernel import Kernel
from socsim.engine.memory.caches import CacheState
from socsim.engine.memory.crossing import Crossing, LinkStates, level_latencies, limiting_states
from socsim.engine.memory.fabric import Fabric
from socsim.engine.memory.link import LinkState
from socsim.engine.memory.loaded_latency import LatencyCurve, LoadedLatency
from socsim.engine.memory.max_min import INFINITE
from socsim.engine.memory.replacement import replacements
from socsim.engine.memory.request_fabric import RequestDram, RequestFabric
from socsim.engine.memory.route import UnitRoute
from socsim.engine.memory.traffic import DramCapacity, TrafficClasses, capacity_rule
from socsim.hardware import Soc, UnitParams
from socsim.result import CacheTotals, Counter, LinkTotals


class MemorySystem:
    """Links, caches and routes of one SoC for one run."""

    def __init__(
        self,
        kernel: Kernel,
        soc: Soc,
        serve: DramCapacity,
        latency: LatencyCurve | None = None,
        notes: Callable[[], tuple[str, ...]] = tuple,
        requests: RequestDram | None = None,
    ) -> None:
        self.notes = notes
        """What a run should tell about its memory."""
        self.classes = TrafficClasses()
        self.dram = LinkState(0, "dram", soc.dram.peak_bytes_per_s, capacity_rule(serve, self.classes))
        self.dram.feeds_back = latency is not None
        self.latency = LoadedLatency(soc.dram.latency, latency, self.classes)
        self.caches = tuple(
            CacheState(
                cache.name,
                replacements.get(cache.replacement, f"cache '{cache.name}'")(cache.capacity, cache.probation),
                frozenset(cache.clients) if cache.clients is not None else None,
                frozenset(cache.roles) if cache.roles is not None else None,
            )
            for cache in soc.caches
        )
        links = LinkStates(soc, self.dram)
        self.tallies = links.tallies
        self.dram_tally = links.dram_tally
        self._dram_latency_ps: int = soc.dram.latency
        if requests is None:
            self.fabric = Fabric(kernel, links.states)
        else:
            self.fabric = RequestFabric(kernel, links.states, self.dram, self.classes, requests)
            self._dram_latency_ps = max(0, soc.dram.latency - requests.idle_ps)
        crossings = {unit.name: links.crossings(unit) for unit in soc.units}
        limiting = limiting_states(crossings)
        self.routes = {unit.name: self._route(soc, unit, crossings[unit.name], limiting) for unit in soc.units}

    def link_totals(self) -> tuple[LinkTotals, ...]:
        """What crossed each link of the chip, DRAM last."""
        return tuple(
            LinkTotals(
                tally.name, tally.bandwidth_bytes_per_s, tally.read_bytes, tally.write_bytes, tally.duplex,
                tally.busiest_bytes,
            )
            for tally in self.tallies
        )  # fmt: skip

    def counters(self, until_ps: int | None = None) -> tuple[Counter, ...]:
        """Bytes per second of every link; occupancy, hits and misses of every cache. With a time, only what changed
        before it, which is forgotten."""
        of_caches = [counter for cache in self.caches for counter in cache.counters(until_ps)]
        return (*self.fabric.counters(until_ps), *of_caches)

    def forget_counters(self, until_ps: int) -> None:
        """Forget what changed before a time."""
        self.fabric.record.forget(until_ps)
        for cache in self.caches:
            cache.counters(until_ps)

    def cache_totals(self) -> tuple[CacheTotals, ...]:
        """What each cache served, passed on and wrote back."""
        return tuple(
            CacheTotals(c.name, c.replacement.capacity_bytes, c.hit_bytes, c.miss_bytes, c.writeback_bytes)
            for c in self.caches
        )

    def _route(
        self, soc: Soc, unit: UnitParams, crossings: tuple[Crossing, ...], limiting: frozenset[LinkState]
    ) -> UnitRoute:
        passed = soc.caches_of(unit)
        states = {cache.name: cache for cache in self.caches}
        cap = INFINITE if unit.port_bandwidth is None else unit.port_bandwidth * 1e-12
        ways = soc.ways(unit)
        farthest = max(way.latency for way in ways)
        return UnitRoute(
            unit.name,
            latency_ps=farthest + self._dram_latency_ps + sum(cache.latency for cache in passed),
            write_latency_ps=farthest,
            rate_cap=cap,
            caches=tuple(states[cache.name] for cache in passed),
            crossings=crossings,
            limiting=limiting,
            classes=self.classes,
            fabric=self.fabric,
            memory=self.latency,
            level_latency_ps=level_latencies(soc, unit),
            in_flight_bytes=None if unit.outstanding is None else unit.outstanding * unit.line,
            weight=unit.memory_weight,
            priority=unit.memory_priority,
        )
