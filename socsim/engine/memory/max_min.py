"""Weighted max-min fair rates: no clock, no traffic, only capacities and claims.

Progressive filling (Bertsekas and Gallager, Data Networks, 2nd ed., section 6.5.2): raise all rates together in
proportion to their weights; a flow stops at its own bound, all flows of a link stop when the link is full; repeat with
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
    """What is shared: its capacity, and the claims that cross it, each with the share of its rate that does. `left`,
    `load` and `num_open` are the solver's."""

    __slots__ = ("capacity", "claims", "left", "load", "num_open")

    def __init__(self, capacity: float) -> None:
        self.capacity = capacity
        self.left = capacity
        self.load = 0.0
        self.num_open = 0
        self.claims: dict[Any, float] = {}


class Claim:
    """Who shares: the edges it crosses, each with the share of its rate that does; the most it can take (`bound`,
    infinity allowed where it crosses an edge), its `weight` and class of priority. `level` is bound over weight,
    `granted` is the answer."""

    __slots__ = ("bound", "granted", "level", "links", "priority", "weight")

    def __init__(
        self, links: Sequence[tuple[Any, float]], bound: float, weight: float = 1.0, priority: int = 0
    ) -> None:
        self.links = links
        self.bound = bound
        self.weight = weight
        self.level = bound / weight
        self.priority = priority
        self.granted = 0.0


_LEVEL = attrgetter("level")


def fill_by_class(claims: Sequence[Any], edges: Sequence[Any]) -> None:
    """Like `fill`, the highest class of priority first, each class with what those above it leave."""
    for priority in sorted({claim.priority for claim in claims}, reverse=True):
        fill([claim for claim in claims if claim.priority == priority], edges)
        for edge in edges:
            if edge.left < edge.capacity * _FULL:
                edge.left = 0.0


def fill(claims: Sequence[Any], edges: Sequence[Any]) -> None:
    """Grant claims of one class their max-min fair rates. `edges` are those that can be full, `left` what they give;
    other links of the claims are disregarded.

    A rate vector is max-min fair when no flow can be raised without lowering one whose rate over weight is not larger.
    """
    for claim in claims:
        claim.granted = -1.0
    for edge in edges:
        load = 0.0
        num_open = 0
        for claim, share in edge.claims.items():
            if claim.granted < 0.0:
                load += claim.weight * share
                num_open += 1
        edge.load = load
        edge.num_open = num_open
    _raise(claims, edges)


def fill_alike(claims: Sequence[Any], edges: Sequence[Any]) -> None:
    """The same as `fill` where all weights are 1 and all claims of the edges are of one class."""
    for claim in claims:
        claim.granted = -1.0
    for edge in edges:
        edge.load = sum(edge.claims.values())
        edge.num_open = len(edge.claims)
    _raise(claims, edges)


def _raise(claims: Sequence[Any], edges: Sequence[Any]) -> None:
    waiting = sorted(claims, key=_LEVEL)
    num_waiting = len(waiting)
    position = 0
    level = 0.0
    while position < num_waiting:
        reached = INFINITE
        tightest = None
        edges = [edge for edge in edges if edge.num_open]
        for edge in edges:
            load = edge.load
            if load > 0.0:
                at = edge.left / load
                if at < reached:
                    reached = at
                    tightest = edge
        # Float noise may not lower a level that others have been granted already.
        if reached > level:
            level = reached
        before = position
        while position < num_waiting:
            claim = waiting[position]
            if claim.granted < 0.0:
                if claim.level > level:
                    break
                # Every claim whose bound lies below the level stops at once: it only raises the level of the rest.
                claim.granted = rate = claim.bound
                weight = claim.weight
                for edge, share in claim.links:
                    edge.left -= rate * share
                    edge.load -= weight * share
                    edge.num_open -= 1
            position += 1
        if position == before and tightest is not None:
            for claim in tightest.claims:
                if claim.granted < 0.0:
                    weight = claim.weight
                    claim.granted = rate = level * weight
                    for edge, share in claim.links:
                        edge.left -= rate * share
                        edge.load -= weight * share
                        edge.num_open -= 1


def fill_one(edge: Any) -> None:
    """Grant the claims on one edge, all of one class, their fair rates: the same as `fill` with that edge alone."""
    left = edge.left
    shares = edge.claims
    waiting = sorted(shares, key=_LEVEL)
    load = 0.0
    for claim, share in shares.items():
        load += claim.weight * share
    for position, claim in enumerate(waiting):
        if claim.level * load > left:
            level = left / load if left > 0.0 else 0.0
            for other in waiting[position:]:
                other.granted = level * other.weight
            return
        claim.granted = claim.bound
        share = shares[claim]
        left -= claim.bound * share
        load -= claim.weight * share


Link = TypeVar("Link", bound=Hashable)


def max_min_rates(
    capacities: Mapping[Link, float],
    paths: Sequence[Sequence[tuple[Link, float]]],
    bounds: Sequence[float],
    weights: Sequence[float] | None = None,
    priorities: Sequence[int] | None = None,
) -> list[float]:
    """The max-min fair rate of each flow, as a pure function.

    `capacities` is the rate that each link carries, `paths[f]` the (link, share of the flow's bytes) pairs that flow
    f crosses, `bounds[f]` the most it can take (infinity allowed where its path is not empty), `weights[f]` its claim
    (1 by default), `priorities[f]` its class (0 by default, larger first). All rates in one unit.
    """
    edges = {link: Edge(capacity) for link, capacity in capacities.items()}
    claims = []
    for flow, path in enumerate(paths):
        weight = 1.0 if weights is None else weights[flow]
        links = tuple((edges[link], share) for link, share in path)
        claims.append(Claim(links, bounds[flow], weight, 0 if priorities is None else priorities[flow]))
        for edge, share in links:
            edge.claims[claims[-1]] = share
    fill_by_class(claims, tuple(edges.values()))
    return [claim.granted for claim in claims]
