"""Weighted max-min fair rates: no clock, no traffic, only capacities and claims.

Progressive filling (Bertsekas and Gallager, Data Networks, 2nd ed., section 6.5.2): raise all rates together in
proportion to their weights; a flow stops at its own limit, all flows of a link stop when the link is full; repeat with
the rest. Classes of priority are filled one after the other, the highest first, each with what is left.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

INFINITE = float("inf")
_FULL = 1e-9
"""What is left of a link below this fraction of its capacity is float noise: the link is full."""


class Edge:
    """What is shared. `claims` are those that cross it; `left`, `load` and `num_open` are the solver's."""

    __slots__ = ("capacity", "claims", "left", "load", "num_open")

    def __init__(self, capacity: float) -> None:
        self.capacity = capacity
        self.left = capacity
        self.load = 0.0
        self.num_open = 0
        self.claims: dict[Any, float] = {}


class Claim:
    """Who shares: the edges it crosses, each with the share of its rate that crosses it; the most it can take
    (`limit`, infinity allowed where it crosses an edge); its `weight`; its class of priority. `granted` is the answer.
    """

    __slots__ = ("edges", "granted", "level", "limit", "priority", "weight")

    def __init__(
        self, edges: Sequence[tuple[Any, float]], limit: float, weight: float = 1.0, priority: int = 0
    ) -> None:
        self.edges = edges
        self.weight = weight
        self.priority = priority
        self.granted = 0.0
        self.set_limit(limit)

    def set_limit(self, limit: float) -> None:
        """A new limit, for the next solution."""
        self.limit = limit
        self.level = limit / self.weight


_LEVEL = attrgetter("level")


def fill_by_class(claims: Sequence[Any], edges: Sequence[Any]) -> None:
    """Like `fill`, the highest class of priority first, each class with what those above it leave."""
    for priority in sorted({claim.priority for claim in claims}, reverse=True):
        fill([claim for claim in claims if claim.priority == priority], edges)
        for edge in edges:
            if edge.left < edge.capacity * _FULL:
                edge.left = 0.0


def fill(claims: Sequence[Any], edges: Sequence[Any]) -> None:
    """Grant claims of one class their max-min fair rates. `edges` are all that they cross, `left` what those can give.

    A rate vector is max-min fair when no flow can be raised without lowering one whose rate over weight is not larger.
    """
    for edge in edges:
        edge.load = 0.0
        edge.num_open = 0
    for claim in claims:
        claim.granted = -1.0
        weight = claim.weight
        for edge, share in claim.edges:
            edge.load += weight * share
            edge.num_open += 1
    waiting = sorted(claims, key=_LEVEL)
    num_waiting = len(waiting)
    position = 0
    level = 0.0
    while position < num_waiting:
        reached = INFINITE
        tightest = None
        for edge in edges:
            if edge.num_open and edge.load > 0.0:
                at = edge.left / edge.load
                if at < reached:
                    reached, tightest = at, edge
        # Float noise may not lower a level that others have been granted already.
        level = max(level, reached)
        before = position
        while position < num_waiting:
            claim = waiting[position]
            if claim.granted < 0.0:
                if claim.level > level:
                    break
                # Every claim whose limit lies below the level stops at once: it only raises the level of the rest.
                claim.granted = rate = claim.limit
                weight = claim.weight
                for edge, share in claim.edges:
                    edge.left -= rate * share
                    edge.load -= weight * share
                    edge.num_open -= 1
            position += 1
        if position > before or tightest is None:
            continue
        for claim in tightest.claims:
            if claim.granted < 0.0:
                weight = claim.weight
                claim.granted = rate = level * weight
                for edge, share in claim.edges:
                    edge.left -= rate * share
                    edge.load -= weight * share
                    edge.num_open -= 1


Link = TypeVar("Link", bound=Hashable)


def max_min_rates(
    capacities: Mapping[Link, float],
    paths: Sequence[Sequence[tuple[Link, float]]],
    limits: Sequence[float],
    weights: Sequence[float] | None = None,
    priorities: Sequence[int] | None = None,
) -> list[float]:
    """The max-min fair rate of each flow, as a pure function.

    `capacities` is the rate that each link carries, `paths[f]` the (link, share of the flow's bytes) pairs that flow
    f crosses, `limits[f]` the most it can take (infinity allowed where its path is not empty), `weights[f]` its claim
    (1 by default), `priorities[f]` its class (0 by default, larger first). All rates in one unit.
    """
    edges = {link: Edge(capacity) for link, capacity in capacities.items()}
    claims = []
    for flow, path in enumerate(paths):
        claim = Claim(
            tuple((edges[link], share) for link, share in path),
            limits[flow],
            1.0 if weights is None else weights[flow],
            0 if priorities is None else priorities[flow],
        )
        claims.append(claim)
        for edge, share in claim.edges:
            edge.claims[claim] = share
    if claims:
        fill_by_class(claims, tuple(edges.values()))
    return [claim.granted for claim in claims]
