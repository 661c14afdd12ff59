"""What the fabric is made of while time runs: links, paths over them, and flows of bytes under way.

Rates are bytes per picosecond.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from socsim.engine.memory.max_min import INFINITE, Claim, Edge

if TYPE_CHECKING:
    from socsim.engine.memory.loaded_latency import Window
    from socsim.engine.memory.shared_links import Meeting

CapacityRule = Callable[[int], float]
"""The capacity (bytes per ps) of a link for a mix of traffic: DRAM carries less when more streams compete. A mix is
the sum of the marks of its flows, see `socsim.engine.memory.traffic`."""

_TIGHT = 1 + 1e-9
"""Bounds may exceed a capacity by this factor and still fit: sums of floats are no finer."""


class LinkState(Edge):
    """A link in one direction, or in both where they share its bandwidth: who crosses it and what it can carry (bytes
    per ps, fixed or by a rule).

    `most` is what its flows would put on it at their bounds: while that is no more than it carries, the link limits
    nobody. `coupled` says that it did limit at the last solution. `feeds_back` says that the latency behind it grows
    with its load, so that it limits clients with few requests in flight before it is full; `knot` is that load.
    """

    __slots__ = (
        "coupled", "feeds_back", "index", "knot", "most", "name", "rule", "shared", "stamp", "suspect_above",
    )  # fmt: skip

    def __init__(self, index: int, name: str, bytes_per_s: float, rule: CapacityRule | None = None) -> None:
        super().__init__(bytes_per_s * 1e-12)
        self.index = index
        self.name = name
        self.rule = rule
        self.most = 0.0
        self.suspect_above = self.capacity * _TIGHT if rule is None else 0.0
        """Where `most` is no more than this, it is not tight."""
        self.coupled = False
        self.feeds_back = False
        self.knot = 0
        self.stamp = 0
        self.shared: Meeting | None = None
        """Where virtual time shares it among its flows."""

    def is_tight(self) -> bool:
        """Whether it cannot give all of its flows what they could take; `left` is then what it can give."""
        if self.most <= self.suspect_above or len(self.claims) < 2:
            return False
        rule = self.rule
        self.left = left = self.capacity if rule is None else rule(self.mix())
        return self.most > left * _TIGHT or self.has_windows()

    def has_windows(self) -> bool:
        """Whether the rate of a flow depends on how loaded it is."""
        return self.feeds_back and any([flow.path.window is not None for flow in self.claims])

    def carries(self, mix: int) -> float:
        """Its capacity for a mix of traffic."""
        return self.capacity if self.rule is None else self.rule(mix)

    def mix(self) -> int:
        """The traffic of all flows that cross it now."""
        return sum([flow.traffic for flow in self.claims])


Shares = tuple[tuple[LinkState, float], ...]
"""Links, each with the share of the bytes that crosses it."""


class Path:
    """The links that bytes cross. One object per distinct path: flows share it, and the record of rates refers to it by
    number. `links` are those that can limit it, `crossed` are all. `grant` is what the path carries to a flow that is
    alone on it, by kind of traffic. `window` limits it by the requests that its `client` can have in flight."""

    __slots__ = ("client", "crossed", "grant", "links", "number", "priority", "weight", "window")

    def __init__(
        self,
        links: Shares,
        number: int,
        crossed: Shares | None = None,
        weight: float = 1.0,
        priority: int = 0,
        client: str = "",
        window: Window | None = None,
    ) -> None:
        self.client = client
        self.window = window
        self.links = links
        self.number = number
        self.crossed = links if crossed is None else crossed
        self.weight = weight
        self.priority = priority
        self.grant: dict[int, float] = {}

    def grants(self, traffic: int) -> float:
        """Bytes per ps for a flow that is alone on the path, its own cap aside."""
        known = self.grant.get(traffic)
        if known is None:
            known = min([link.carries(traffic) / share for link, share in self.links], default=INFINITE)
            if self.window is not None:
                known = self.window.alone(traffic, known)
            self.grant[traffic] = known
        return known


class Flow(Claim):
    """Bytes under way over a path; `on_done(flow)` is called at their end.

    `cap` is the most that its owner can take (bytes per ps), `bound` the most it can get: the least of cap and of what
    its path grants. `traffic` is its mark in the mix that a DRAM link sees. What is left is
    `remaining - rate * (now - last_ps)`, and 0 when `lasts_ps` have passed since `last_ps`.
    """

    __slots__ = (
        "cap", "last_ps", "lasts_ps", "member", "on_done", "owner", "path", "rate", "remaining", "stamp", "traffic",
        "version",
    )  # fmt: skip

    def __init__(
        self,
        size_bytes: float,
        path: Path,
        cap: float,
        on_done: Callable[[Flow], None],
        owner: Any = None,
        traffic: int = 0,
    ) -> None:
        self.remaining = size_bytes
        self.path = path
        self.links = path.links
        self.cap = cap
        self.weight = path.weight
        self.priority = path.priority
        self.granted = 0.0
        self.on_done = on_done
        self.owner = owner
        self.traffic = traffic
        self.rate = 0.0
        self.last_ps = 0
        self.lasts_ps = INFINITE
        self.version = 0
        self.stamp = 0
        self.member: Any = None
        """Its place on a link that virtual time shares."""

    def settle(self, now_ps: int) -> None:
        """Bring the remaining bytes up to date."""
        if self.last_ps != now_ps:
            left = self.remaining - self.rate * (now_ps - self.last_ps)
            self.remaining = left if left > 0.0 else 0.0
            self.last_ps = now_ps
