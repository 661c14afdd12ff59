"""Weighted max-min fair rates, as a pure function: no clock, no state.

Progressive filling (Bertsekas and Gallager, Data Networks, 2nd ed., section 6.5.2): raise all rates together in
proportion to their weights; a flow stops at its own cap, all flows of a link stop when the link is full; repeat with
the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

Path = Sequence[tuple[int, float]]
"""(link index, share of the flow's bytes that cross it), the share greater than zero."""


def max_min_rates(
    capacities: Sequence[float], paths: Sequence[Path], caps: Sequence[float], weights: Sequence[float] | None = None
) -> list[float]:
    """The max-min fair rate of each flow.

    `capacities[l]` is the rate a link carries, `paths[f]` what links a flow crosses with which share of its bytes,
    `caps[f]` the most it can take (infinity allowed where its path is not empty), `weights[f]` its claim (1 by
    default). All in one unit of rate.

    A rate vector is max-min fair when no flow can be raised without lowering one whose rate over weight is not larger.
    """
    num_flows = len(paths)
    claim = [1.0] * num_flows if weights is None else list(weights)
    remaining = list(capacities)
    load = [0.0] * len(remaining)
    flows_of: list[list[int]] = [[] for _ in remaining]
    for flow in range(num_flows):
        for link, share in paths[flow]:
            load[link] += claim[flow] * share
            flows_of[link].append(flow)
    rates = [0.0] * num_flows
    fixed = [False] * num_flows
    by_cap = sorted(range(num_flows), key=lambda f: caps[f] / claim[f])
    active_links = [link for link in range(len(remaining)) if flows_of[link]]
    next_cap = 0
    left = num_flows
    while left:
        level, tightest = float("inf"), -1
        for link in active_links:
            if load[link] > 1e-15:
                level_here = remaining[link] / load[link]
                if level_here < level:
                    level, tightest = level_here, link
        while next_cap < num_flows and fixed[by_cap[next_cap]]:
            next_cap += 1
        capped = by_cap[next_cap] if next_cap < num_flows else -1
        if capped >= 0 and caps[capped] / claim[capped] <= level:
            stopping, value = [capped], caps[capped]
            rates[capped] = value
        else:
            stopping = [flow for flow in flows_of[tightest] if not fixed[flow]]
            for flow in stopping:
                rates[flow] = claim[flow] * level
        for flow in stopping:
            fixed[flow] = True
            left -= 1
            for link, share in paths[flow]:
                remaining[link] = max(0.0, remaining[link] - rates[flow] * share)
                load[link] -= claim[flow] * share
        if tightest >= 0 and not (capped >= 0 and stopping == [capped]):
            load[tightest] = 0.0
    return rates
