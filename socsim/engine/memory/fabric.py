"""The fabric as a fluid: flows of bytes over links, at max-min fair rates, solved once per instant where it changed.

Rates are bytes per picosecond. The bytes left of a flow are brought up to date only when its rate changes; a wake-up
for a completion that has moved is recognised by its version and dropped. Cost grows with the starts and stops of
flows, never with bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from socsim.engine.kernel import Kernel
from socsim.engine.memory.max_min import max_min_rates
from socsim.quantity import fluid_ps
from socsim.result import Counter

INFINITE = float("inf")
CapacityRule = Callable[[Sequence["Flow"]], float]
"""The capacity (bytes per ps) of a link for a set of flows: DRAM carries less when more streams compete."""


class LinkState:
    """A link while time runs: who crosses it and what it can carry (bytes per ps, fixed or by a rule)."""

    __slots__ = ("capacity", "flows", "index", "name", "rate", "rule", "stamp")

    def __init__(self, index: int, name: str, bytes_per_s: float, rule: CapacityRule | None = None) -> None:
        self.index = index
        self.name = name
        self.capacity = bytes_per_s * 1e-12
        self.rule = rule
        self.flows: dict[Flow, float] = {}
        self.rate = 0.0
        self.stamp = 0


class Flow:
    """Bytes under way. `path` holds (link, share of the bytes that cross it); `on_done(flow)` is called at their end.

    `cap` is the most it can take (bytes per ps); `traffic` tells a DRAM link what kind of stream it is.
    """

    __slots__ = (
        "cap", "finish_ps", "last_ps", "on_done", "owner", "path", "rate", "remaining", "stamp", "traffic", "version",
        "weight",
    )  # fmt: skip

    def __init__(
        self,
        size_bytes: float,
        path: tuple[tuple[LinkState, float], ...],
        cap: float,
        on_done: Callable[[Flow], None],
        owner: Any = None,
        traffic: int = 0,
        weight: float = 1.0,
    ) -> None:
        self.remaining = size_bytes
        self.path = path
        self.cap = cap
        self.on_done = on_done
        self.owner = owner
        self.traffic = traffic
        self.weight = weight
        self.rate = 0.0
        self.last_ps = 0
        self.finish_ps = -1
        self.version = 0
        self.stamp = 0


class Fabric:
    """All flows and links of one run."""

    def __init__(self, kernel: Kernel, links: Iterable[LinkState]) -> None:
        self.kernel = kernel
        self.links = tuple(links)
        self._dirty: list[Flow] = []
        self._stamp = 0
        self._samples = array("d")

    def start(self, flow: Flow) -> None:
        """Let a flow enter at this instant. A flow that crosses no link runs at its cap."""
        flow.last_ps = self.kernel.now
        alone = True
        for link, share in flow.path:
            flows = link.flows
            if flows:
                alone = False
            flows[flow] = share
        if alone:
            self._run_alone(flow)
        else:
            self._mark(flow)

    def restart(self, flow: Flow, size_bytes: float, cap: float) -> None:
        """Give a flow that has just finished more bytes under another cap, without leaving its links."""
        flow.remaining = size_bytes
        flow.cap = cap
        self._changed(flow)

    def set_cap(self, flow: Flow, cap: float) -> None:
        """The owner's clock or share has changed."""
        flow.cap = cap
        self._changed(flow)

    def leave(self, flow: Flow) -> None:
        """A flow gives its links back."""
        flow.version += 1
        neighbour = None
        for link, _ in flow.path:
            flows = link.flows
            del flows[flow]
            if flows:
                neighbour = next(iter(flows))
                self._mark(neighbour)
            else:
                self._sample(link, 0.0)

    def counters(self) -> tuple[Counter, ...]:
        """Bytes per second over time of every link that carried something."""
        rows = np.frombuffer(self._samples, dtype=np.float64).reshape(-1, 3)
        counters = []
        for link in self.links:
            mine = rows[rows[:, 1] == link.index]
            if len(mine):
                last_of_instant = np.append(mine[1:, 0] != mine[:-1, 0], True)
                mine = mine[last_of_instant]
                counters.append(Counter(link.name, "B/s", "link", mine[:, 0].astype(np.int64), mine[:, 2] * 1e12))
        return tuple(counters)

    def _changed(self, flow: Flow) -> None:
        for link, _ in flow.path:
            if len(link.flows) > 1:
                self._mark(flow)
                return
        self._settle(flow)
        self._run_alone(flow)

    def _mark(self, flow: Flow) -> None:
        if not self._dirty:
            self.kernel.at_end_of_instant(self._solve, None)
        self._dirty.append(flow)

    def _settle(self, flow: Flow) -> None:
        """Bring the remaining bytes up to date."""
        now = self.kernel.now
        if flow.last_ps != now:
            flow.remaining = max(0.0, flow.remaining - flow.rate * (now - flow.last_ps))
            flow.last_ps = now

    def _run_alone(self, flow: Flow) -> None:
        """One flow on its links: the least of its cap and of what each link grants it."""
        rate = flow.cap
        for link, share in flow.path:
            capacity = link.capacity if link.rule is None else link.rule((flow,))
            if rate * share > capacity:
                rate = capacity / share
        flow.rate = rate
        flow.version += 1
        duration = fluid_ps(flow.remaining, rate)
        flow.finish_ps = self.kernel.now + duration
        self.kernel.after(duration, self._finish, (flow, flow.version))
        for link, share in flow.path:
            self._sample(link, rate * share)

    def _solve(self, _: None) -> None:
        """New rates for every connected component that changed at this instant."""
        dirty, self._dirty = self._dirty, []
        stamp = self._stamp
        for flow in dirty:
            if flow.stamp <= stamp and flow.path and flow in flow.path[0][0].flows:
                self._solve_component(flow)

    def _solve_component(self, start: Flow) -> None:
        now = self.kernel.now
        self._stamp = stamp = self._stamp + 1
        start.stamp = stamp
        component = [start]
        capacities: dict[LinkState, float] = {}
        for flow in component:
            for link, _ in flow.path:
                if link.stamp != stamp:
                    link.stamp = stamp
                    capacities[link] = link.capacity if link.rule is None else link.rule(tuple(link.flows))
                    for other in link.flows:
                        if other.stamp != stamp:
                            other.stamp = stamp
                            component.append(other)
        rates = max_min_rates(
            capacities, [flow.path for flow in component], [flow.cap for flow in component],
            [flow.weight for flow in component],
        )  # fmt: skip
        carried = dict.fromkeys(capacities, 0.0)
        first = start
        for flow, rate in zip(component, rates, strict=True):
            for link, share in flow.path:
                carried[link] += rate * share
            if rate != flow.rate or flow.finish_ps < now:
                if flow.last_ps != now:
                    flow.remaining = max(0.0, flow.remaining - flow.rate * (now - flow.last_ps))
                    flow.last_ps = now
                flow.rate = rate
                flow.finish_ps = now + fluid_ps(flow.remaining, rate)
            flow.version += 1
            if flow.finish_ps < first.finish_ps:
                first = flow
        for link, rate in carried.items():
            self._sample(link, rate)
        self.kernel.after(first.finish_ps - now, self._finish, (first, first.version))

    def _sample(self, link: LinkState, rate: float) -> None:
        if rate != link.rate:
            link.rate = rate
            self._samples.extend((self.kernel.now, link.index, rate))

    def _finish(self, due: tuple[Flow, int]) -> None:
        """A flow's own wake-up: it is over, unless rates have changed since. Others that end now finish with it."""
        flow, version = due
        if version != flow.version:
            return
        now = self.kernel.now
        finished = [flow]
        for link, _ in flow.path:
            if len(link.flows) > 1:
                finished += [
                    other for other in link.flows if 0 <= other.finish_ps <= now and other not in finished
                ]  # fmt: skip
        for each in finished:
            each.remaining = 0.0
            each.last_ps = now
            each.finish_ps = -1
        for each in finished:
            each.on_done(each)
