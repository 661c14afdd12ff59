"""What a placement takes, estimated from prices: a list schedule in the order of the graph, and the cheapest chain."""

from __future__ import annotations

from collections.abc import Sequence

from socsim.mapping.prices import Prices


def estimate_ps(prices: Prices, choice: Sequence[int]) -> int:
    """When the last atom ends, each starting in order when its unit is free and its data is there."""
    free = [0] * len(prices.handover_ps)
    first = [-1] * len(free)
    ends: list[int] = []
    for position, (atom, unit) in enumerate(zip(prices.atoms, choice, strict=True)):
        ready = free[unit]
        begun = first[unit]
        new = begun < 0
        for before, size in atom.producers:
            source = choice[before]
            if source != unit:
                new = new or before >= begun
            ready = max(ready, ends[before] + prices.crossing_ps(source, unit, size))
        if new:
            first[unit] = position
            ready += prices.run_overhead_ps[unit]
        end = ready + atom.on(unit)
        free[unit] = end
        ends.append(end)
    return max(ends, default=0)


def chain_choice(prices: Prices) -> list[int]:
    """The cheapest way through the atoms taken one after the other: a shortest path whose states are units and whose
    transitions are hand-overs and new programs (dynamic programming, exact for a chain)."""
    costs: dict[int, int] = {}
    back: list[dict[int, int]] = []
    for position, atom in enumerate(prices.atoms):
        size = max((size for _, size in atom.producers), default=0)
        nearest = max((before for before, _ in atom.producers), default=-1)
        sources: dict[int, int] = {}
        fresh: dict[int, int] = {}
        for unit in atom.units:
            if not position:
                fresh[unit] = prices.run_overhead_ps[unit] + atom.on(unit)
                continue
            ways = {
                source: cost
                + (prices.crossing_ps(source, unit, size if nearest == position - 1 else 0))
                + (prices.run_overhead_ps[unit] if source != unit else 0)
                for source, cost in costs.items()
            }
            sources[unit] = min(ways, key=lambda source: (ways[source], source))
            fresh[unit] = ways[sources[unit]] + atom.on(unit)
        costs = fresh
        back.append(sources)
    if not costs:
        return []
    unit = min(costs, key=lambda unit: (costs[unit], unit))
    chosen = [unit]
    for sources in reversed(back[1:]):
        unit = sources[unit]
        chosen.append(unit)
    return chosen[::-1]
