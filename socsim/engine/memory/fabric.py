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

    __slots__ = ("capacity", "flows", "index", "name", "rule", "stamp")

    def __init__(self, index: int, name: str, bytes_per_s: float, rule: CapacityRule | None = None) -> None:
        self.index = index
        self.name = name
        self.capacity = bytes_per_s * 1e-12
        self.rule = rule
        self.flows: dict[Flow, float] = {}
        self.stamp = 0


class Path:
    """The links that bytes cross, each with the share of the bytes that cross it. One object per distinct path: flows
    share it, and the record of rates refers to it by number. `grant` is what the path carries to a flow that is alone
    on it, by kind of traffic."""

    __slots__ = ("grant", "links", "number")

    def __init__(self, links: tuple[tuple[LinkState, float], ...], number: int) -> None:
        self.links = links
        self.number = number
        self.grant: dict[int, float] = {}

    def grants(self, flow: Flow) -> float:
        """Bytes per ps for a flow that is alone on the path, its own cap aside."""
        known = self.grant.get(flow.traffic)
        if known is None:
            known = INFINITE
            for link, share in self.links:
                capacity = link.capacity if link.rule is None else link.rule((flow,))
                known = min(known, capacity / share)
            self.grant[flow.traffic] = known
        return known


class Flow:
    """Bytes under way over a path; `on_done(flow)` is called at their end.

    `cap` is the most it can take (bytes per ps); `traffic` tells a DRAM link what kind of stream it is.
    """

    __slots__ = (
        "cap", "finish_ps", "last_ps", "links", "on_done", "owner", "path", "rate", "remaining", "stamp",
        "traffic", "version", "weight",
    )  # fmt: skip

    def __init__(
        self,
        size_bytes: float,
        path: Path,
        cap: float,
        on_done: Callable[[Flow], None],
        owner: Any = None,
        traffic: int = 0,
        weight: float = 1.0,
    ) -> None:
        self.remaining = size_bytes
        self.path = path
        self.links = path.links
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
        self._paths: dict[tuple[tuple[LinkState, float], ...], Path] = {}
        self._dirty: list[Flow] = []
        self._stamp = 0
        self._also_done: list[Flow] = []
        self._samples = array("d")

    def path(self, links: tuple[tuple[LinkState, float], ...]) -> Path:
        """The path over these links; the same object for the same links and shares."""
        known = self._paths.get(links)
        if known is None:
            known = self._paths[links] = Path(links, len(self._paths))
        return known

    def start(self, flow: Flow) -> None:
        """Let a flow enter at this instant. A flow that crosses no link runs at its cap."""
        flow.last_ps = self.kernel.now
        alone = True
        for link, share in flow.links:
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
        self._samples.extend((self.kernel.now, flow.path.number, -flow.rate))
        for link, _ in flow.links:
            flows = link.flows
            del flows[flow]
            if flows:
                self._mark(next(iter(flows)))

    def counters(self) -> tuple[Counter, ...]:
        """Bytes per second over time of every link that carried something.

        The record holds changes of rate per path; a link carries the sum over the paths that cross it.
        """
        rows = np.frombuffer(self._samples, dtype=np.float64).reshape(-1, 3)
        if not len(rows):
            return ()
        times = rows[:, 0].astype(np.int64)
        order = np.argsort(times, kind="stable")
        times, paths, changes = times[order], rows[order, 1].astype(np.int64), rows[order, 2]
        last_of_instant = np.append(times[1:] != times[:-1], True)
        counters = []
        for link in self.links:
            share = np.zeros(len(self._paths))
            for path in self._paths.values():
                share[path.number] = sum(part for other, part in path.links if other is link)
            if not share.any():
                continue
            carried = np.cumsum(changes * share[paths])[last_of_instant]
            # Sums of floats leave dust where nothing flows: a billionth of the peak is nothing.
            carried[np.abs(carried) < 1e-9 * carried.max()] = 0.0
            changed = np.append(True, carried[1:] != carried[:-1])
            counters.append(Counter(link.name, "B/s", "link", times[last_of_instant][changed], carried[changed] * 1e12))
        return tuple(counters)

    def _changed(self, flow: Flow) -> None:
        for link, _ in flow.links:
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
        """One flow on its links: the least of its cap and of what the path grants it."""
        rate = flow.path.grant.get(flow.traffic) or flow.path.grants(flow)
        rate = min(rate, flow.cap)
        flow.version += 1
        duration = fluid_ps(flow.remaining, rate)
        now = self.kernel.now
        flow.finish_ps = now + duration
        self.kernel.after(duration, self._finish, (flow, flow.version))
        if rate != flow.rate:
            self._samples.extend((now, flow.path.number, rate - flow.rate))
            flow.rate = rate

    def _solve(self, _: None) -> None:
        """New rates for every connected component that changed at this instant."""
        dirty, self._dirty = self._dirty, []
        stamp = self._stamp
        for flow in dirty:
            if flow.stamp <= stamp and flow.links and flow in flow.links[0][0].flows:
                self._solve_component(flow)

    def _solve_component(self, start: Flow) -> None:
        now = self.kernel.now
        self._stamp = stamp = self._stamp + 1
        start.stamp = stamp
        component = [start]
        capacities: dict[LinkState, float] = {}
        for flow in component:
            for link, _ in flow.links:
                if link.stamp != stamp:
                    link.stamp = stamp
                    capacities[link] = link.capacity if link.rule is None else link.rule(tuple(link.flows))
                    for other in link.flows:
                        if other.stamp != stamp:
                            other.stamp = stamp
                            component.append(other)
        rates = max_min_rates(
            capacities, [flow.links for flow in component], [flow.cap for flow in component],
            [flow.weight for flow in component],
        )  # fmt: skip
        first = start
        for flow, rate in zip(component, rates, strict=True):
            if rate != flow.rate or flow.finish_ps < now:
                if flow.last_ps != now:
                    flow.remaining = max(0.0, flow.remaining - flow.rate * (now - flow.last_ps))
                    flow.last_ps = now
                self._samples.extend((now, flow.path.number, rate - flow.rate))
                flow.rate = rate
                flow.finish_ps = now + fluid_ps(flow.remaining, rate)
            flow.version += 1
            if flow.finish_ps < first.finish_ps:
                first = flow
        self.kernel.after(first.finish_ps - now, self._finish, (first, first.version))

    def _finish(self, due: tuple[Flow, int]) -> None:
        """A flow's own wake-up: it is over, unless rates have changed since. Others that end now finish with it."""
        flow, version = due
        if version != flow.version:
            return
        now = self.kernel.now
        flow.remaining = 0.0
        flow.last_ps = now
        flow.finish_ps = -1
        others = None
        for link, _ in flow.links:
            if len(link.flows) > 1:
                others = [other for other in link.flows if 0 <= other.finish_ps <= now]
                for other in others:
                    other.remaining = 0.0
                    other.last_ps = now
                    other.finish_ps = -1
                    self._also_done.append(other)
        flow.on_done(flow)
        if others is not None:
            also, self._also_done = self._also_done, []
            for other in also:
                other.on_done(other)
