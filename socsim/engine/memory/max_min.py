"""Weighted max-min fair rates, as a pure function: no clock, no state.

Progressive filling (Bertsekas and Gallager, Data Networks, 2nd ed., section 6.5.2): raise all rates together in
proportion to their weights; a flow stops at its own cap, all flows of a link stop when the link is full; repeat with
the rest.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Link = TypeVar("Link", bound=Hashable)


def max_min_rates(
    capacities: Mapping[Link, float],
    paths: Sequence[Sequence[tuple[Link, float]]],
    caps: Sequence[float],
    weights: Sequence[float] | None = None,
) -> list[float]:
    """The max-min fair rate of each flow.

    `capacities` is the rate that each link carries, `paths[f]` the (link, share of the flow's bytes) pairs that flow
    f crosses, `caps[f]` the most it can take (infinity allowed where its path is not empty), `weights[f]` its claim
    (1 by default). All rates in one unit.

    A rate vector is max-min fair when no flow can be raised without lowering one whose rate over weight is not larger.
    """
    num_flows = len(paths)
    remaining = dict(capacities)
    load = dict.fromkeys(capacities, 0.0)
    claims = weights if weights is not None else [1.0] * num_flows
    for path, claim in zip(paths, claims, strict=True):
        for link, share in path:
            load[link] += claim * share
    rates = [0.0] * num_flows
    waiting = sorted(range(num_flows), key=lambda flow: caps[flow] / claims[flow])
    while waiting:
        level = float("inf")
        tightest = None
        for link, claimed in load.items():
            if claimed > 1e-12 and remaining[link] < level * claimed:
                level, tightest = remaining[link] / claimed, link
        capped = 0
        while capped < len(waiting) and caps[waiting[capped]] <= level * claims[waiting[capped]]:
            capped += 1
        if capped:
            # Every flow whose cap lies below the level can stop at once: taking less than the level only raises it.
            stopping, waiting = waiting[:capped], waiting[capped:]
            for flow in stopping:
                rates[flow] = caps[flow]
        else:
            stopping = [flow for flow in waiting if any(link == tightest for link, _ in paths[flow])]
            waiting = [flow for flow in waiting if flow not in stopping]
            for flow in stopping:
                rates[flow] = level * claims[flow]
        for flow in stopping:
            for link, share in paths[flow]:
                left = remaining[link] - rates[flow] * share
                remaining[link] = left if left > 0.0 else 0.0
                load[link] -= claims[flow] * share
        if not capped and tightest is not None:
            load[tightest] = 0.0
    return rates
