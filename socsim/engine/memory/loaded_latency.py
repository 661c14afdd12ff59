"""How the latency of memory grows with its load, and what that does to clients with few requests in flight.

By Little's law a client with `outstanding` requests of `line` bytes in flight moves at most

    outstanding * line / latency,    latency = fixed + (share of its bytes that reach memory) * memory latency(load)

and the load is what all clients move. The load is taken at knots (0, 0.1, ..., 1 of what memory can carry) and solved
for: the knot that is nearest to the load that follows from it. Load falls as latency grows, so there is one such knot,
or two neighbours that point at each other, of which the upper one holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from socsim.engine.memory.traffic import TrafficClass, TrafficClasses

LatencyCurve = Callable[[tuple[TrafficClass, ...], float], float]
"""Latency (ps) that memory adds to its idle latency for a set of streams at a load, 0 to 1 of what it can carry."""

NUM_KNOTS = 11


def knot_of(load: float) -> int:
    """The knot nearest to a load."""
    return min(NUM_KNOTS - 1, max(0, int(load * (NUM_KNOTS - 1) + 0.5)))


class LoadedLatency:
    """The latency of memory by mix of traffic and knot of load; memoised. Without a curve it is the idle latency."""

    def __init__(self, idle_ps: int, curve: LatencyCurve | None, classes: TrafficClasses) -> None:
        self.idle_ps = idle_ps
        self.varies = curve is not None
        self._curve = curve
        self._classes = classes
        self._known: dict[tuple[int, int], float] = {}

    def latency_ps(self, mix: int, knot: int) -> float:
        """Picoseconds at a knot of load."""
        if self._curve is None or not knot:
            return self.idle_ps
        known = self._known.get((mix, knot))
        if known is None:
            added = self._curve(self._classes.streams(mix), knot / (NUM_KNOTS - 1))
            known = self._known[mix, knot] = self.idle_ps + max(0.0, added)
        return known


class Window:
    """Requests in flight of one client on one path: `size_bytes` in all; `fixed_ps` is the mean latency of its bytes
    before memory, `share` what part of them reaches memory, which carries `capacity` (bytes per ps) of a mix."""

    __slots__ = ("_capacity", "_fixed_ps", "_memory", "_share", "size_bytes")

    def __init__(
        self, size_bytes: int, fixed_ps: float, share: float, memory: LoadedLatency, capacity: Callable[[int], float]
    ) -> None:
        self._capacity = capacity
        self.size_bytes = size_bytes
        self._fixed_ps = fixed_ps
        self._share = share
        self._memory = memory

    def limit(self, mix: int, knot: int) -> float:
        """Bytes per ps at a knot of load; without any latency there is no limit."""
        latency = self._fixed_ps + self._share * self._memory.latency_ps(mix, knot)
        return self.size_bytes / latency if latency > 0 else float("inf")

    def alone(self, traffic: int, most: float) -> float:
        """The least of `most` and what the window allows where its own traffic is all the load."""
        if not self._share:
            return min(most, self.limit(traffic, 0))
        capacity = self._capacity(traffic)
        knot = 0
        rate = min(most, self.limit(traffic, knot))
        while knot_of(rate * self._share / capacity) > knot:
            knot += 1
            rate = min(most, self.limit(traffic, knot))
        return rate


def fill_under_load(
    flows: Sequence[Any], links: Sequence[Any], link: Any, fill: Callable[[Sequence[Any], Sequence[Any]], None]
) -> None:
    """Fair rates of flows over links, some with windows, where the latency of `link`, the memory's, follows from them.

    `fill(flows, links)` grants rates by the bounds that flows have and by what is `left` of the links. `link.knot` is
    where the search begins and ends.
    """
    mix = link.mix()
    left = [other.left for other in links]
    memory_left = link.left
    windowed = [(flow, flow.bound, flow.path.window) for flow in flows if flow.path.window is not None]

    def load_at(knot: int) -> int:
        for flow, bound, window in windowed:
            flow.bound = min(bound, window.limit(mix, knot))
            flow.level = flow.bound / flow.weight
        for other, before in zip(links, left, strict=True):
            other.left = before
        fill(flows, links)
        carried = sum([flow.granted * share for flow, share in link.claims.items()])
        return knot_of(carried / memory_left)

    knot = link.knot
    found = load_at(knot)
    if found > knot:
        while found > knot:
            knot += 1
            found = load_at(knot)
    else:
        while found < knot:
            found = load_at(knot - 1)
            if found > knot - 1:
                load_at(knot)
                break
            knot -= 1
    link.knot = knot
    for flow, bound, _ in windowed:
        flow.bound = bound
        flow.level = bound / flow.weight
