"""Which links a unit's bytes cross, by the caches before them, and which of those links can ever be what limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from socsim.engine.memory.link import LinkState
from socsim.hardware import Soc, UnitParams
from socsim.hardware.routing import Hop, caches_on


class LinkTally:
    """Bytes that crossed one link of the SoC, for totals. Where memory has several nodes a link may carry a part of
    them: bytes are counted in n-th parts, n being their number."""

    __slots__ = ("backward", "bandwidth_bytes_per_s", "duplex", "forward", "name", "num_nodes", "read", "write")

    def __init__(self, name: str, bandwidth_bytes_per_s: float, duplex: bool = False, num_nodes: int = 1) -> None:
        self.name = name
        self.bandwidth_bytes_per_s = bandwidth_bytes_per_s
        self.duplex = duplex
        self.num_nodes = num_nodes
        self.read = self.write = self.forward = self.backward = 0

    @property
    def read_bytes(self) -> int:
        """Bytes read."""
        return round(self.read / self.num_nodes)

    @property
    def write_bytes(self) -> int:
        """Bytes written."""
        return round(self.write / self.num_nodes)

    @property
    def busiest_bytes(self) -> int:
        """Bytes in its busier direction, or in both where they share its bandwidth."""
        ways = (self.forward, self.backward)
        return round((max(ways) if self.duplex else sum(ways)) / self.num_nodes)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A link that bytes cross behind `level` caches on a number of the ways to memory, in one direction of traffic."""

    tally: LinkTally
    state: LinkState
    level: int
    reads: bool
    forward: bool
    num_ways: int = 1


class LinkStates:
    """The states and tallies of all links of a chip: one state for a shared link, one per direction for a duplex."""

    def __init__(self, soc: Soc, dram: LinkState) -> None:
        self.soc = soc
        num_nodes = len(soc.dram.nodes)
        self.states = [dram]
        self.tallies: list[LinkTally] = []
        self._by_link: dict[str, tuple[LinkTally, LinkState, LinkState]] = {}
        kinds = _kinds_of_traffic(soc)
        for link in soc.fabric_links:
            tally = LinkTally(link.name, link.bandwidth, link.mode == "duplex", num_nodes)
            self.tallies.append(tally)
            names = kinds.get(link.name) if tally.duplex else (link.name,)
            if names is None:
                names = (f"{link.name} to {link.between[1]}", f"{link.name} to {link.between[0]}")
            states = [LinkState(len(self.states) + i, name, link.bandwidth) for i, name in enumerate(names)]
            self.states += states
            self._by_link[link.name] = (tally, states[0], states[-1])
        self.dram_tally = LinkTally("dram", soc.dram.peak_bytes_per_s, num_nodes=num_nodes)
        self.tallies.append(self.dram_tally)

    def crossings(self, unit: UnitParams) -> tuple[Crossing, ...]:
        """All links that the unit's bytes cross, DRAM last."""
        soc = self.soc
        counts: dict[tuple[str, int, bool, bool], int] = {}
        for way in soc.ways(unit):
            for hops, start, reads in ((way.out, unit.port or unit.name, False), (way.back, way.memory, True)):
                levels = _levels(hops, start, soc)
                total = len(caches_on(hops, start, soc.caches))
                for hop, level in zip(hops, levels, strict=True):
                    key = (hop.link.name, total - level if reads else level, reads, hop.forward)
                    counts[key] = counts.get(key, 0) + 1
        found = []
        for (name, level, reads, forward), num_ways in counts.items():
            tally, onward, back = self._by_link[name]
            found.append(Crossing(tally, onward if forward else back, level, reads, forward, num_ways))
        level = len(soc.caches_of(unit))
        dram = [Crossing(self.dram_tally, self.states[0], level, reads, True, len(soc.dram.nodes))
                for reads in (False, True)]  # fmt: skip
        return (*found, *dram)


def level_latencies(soc: Soc, unit: UnitParams) -> tuple[float, ...]:
    """For each number of caches that a byte gets past the mean latency (ps) that this adds: the links behind them, and
    the next cache."""
    caches = soc.caches_of(unit)
    ways = soc.ways(unit)
    added = [float(cache.latency) for cache in caches] + [0.0]
    for way in ways:
        for hop, level in zip(way.out, _levels(way.out, unit.port or unit.name, soc), strict=True):
            added[level] += hop.link.latency / len(ways)
    return tuple(added)


def _levels(hops: Sequence[Hop], start: str, soc: Soc) -> list[int]:
    """For each hop how many caches stand at or before the node it starts from."""
    levels = []
    for position in range(len(hops)):
        levels.append(len(caches_on(hops[:position], start, soc.caches)))
    return levels


def _kinds_of_traffic(soc: Soc) -> dict[str, tuple[str, str]]:
    """Names of the two directions of a link by what they carry, where each carries only reads or only writes."""
    carried: dict[str, dict[bool, set[str]]] = {}
    for unit in soc.units:
        for way in soc.ways(unit):
            for hops, kind in ((way.out, "write"), (way.back, "read")):
                for hop in hops:
                    carried.setdefault(hop.link.name, {}).setdefault(hop.forward, set()).add(kind)
    return {
        link: (f"{link} {min(forward)}", f"{link} {min(backward)}")
        for link, ways in carried.items()
        for forward, backward in [(ways.get(True, set()), ways.get(False, set()))]
        if len(forward) == 1 and len(backward) == 1 and forward != backward
    }


Key = tuple[str, int, bool]
"""Unit, caches before, whether read."""


def limiting_states(routes: Mapping[str, Iterable[Crossing]]) -> frozenset[LinkState]:
    """The states that can be what limits. One that another is always at least as full as, whatever flows, cannot: every
    unit's bytes that cross it cross the other too, behind the same caches, and fill it no less. One that carries less
    than its capacity by a rule (DRAM) always can."""
    loads: dict[LinkState, dict[Key, float]] = {}
    for unit, crossings in routes.items():
        for crossing in crossings:
            load = loads.setdefault(crossing.state, {})
            key = (unit, crossing.level, crossing.reads)
            load[key] = load.get(key, 0.0) + crossing.num_ways / crossing.state.capacity
    kept: list[LinkState] = []
    for state in sorted(loads, key=lambda item: (-len(loads[item]), item.index)):
        mine = loads[state]
        if state.rule is not None or not any(_is_fuller(loads[other], mine) for other in kept):
            kept = [other for other in kept if other.rule is not None or not _is_fuller(mine, loads[other])]
            kept.append(state)
    return frozenset(kept)


def _is_fuller(other: Mapping[Key, float], mine: Mapping[Key, float]) -> bool:
    return all(fill <= other.get(key, 0.0) for key, fill in mine.items())
