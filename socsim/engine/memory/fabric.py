"""The fabric as a fluid: flows of bytes over links, at max-min fair rates, solved once per instant where it changed.

Rates are bytes per picosecond. The bytes left of a flow are brought up to date only when its rate changes; a wake-up
for a completion that has moved is recognised by its version and dropped. Cost grows with the starts and stops of
flows, never with bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from socsim.engine.kernel import Kernel
from socsim.engine.memory.max_min import max_min_rates
from socsim.quantity import fluid_ps
from socsim.result import Counter

INFINITE = float("inf")
CapacityRule = Callable[[Sequence["Flow"]], float]
"""The capacity (bytes per ps) of a link for a set of flows: DRAM carries less when more streams compete."""


class LinkState:
    """A link while time runs: who crosses it, what it can carry, what it has carried."""

    __slots__ = ("capacity", "counter", "flows", "index", "name", "nominal_bytes_per_s", "rate", "rule")

    def __init__(self, index: int, name: str, bytes_per_s: float, rule: CapacityRule | None = None) -> None:
        self.index = index
        self.name = name
        self.nominal_bytes_per_s = bytes_per_s
        self.capacity = bytes_per_s * 1e-12
        self.rule = rule
        self.flows: dict[Flow, float] = {}
        self.rate = 0.0
        self.counter = Counter(name, "B/s", "link")


class Flow:
    """Bytes under way. `path` holds (link, share of the bytes that cross it); `on_done(flow)` is called at their end.

    `cap` is the most it can take (bytes per ps); `traffic` tells a DRAM link what kind of stream it is.
    """

    __slots__ = (
        "cap", "finish_ps", "last_ps", "on_done", "owner", "path", "rate", "remaining", "traffic", "version", "weight",
    )  # fmt: skip

    def __init__(
        self,
        size_bytes: float,
        path: tuple[tuple[LinkState, float], ...],
        cap: float,
        on_done: Callable[[Flow], None],
        owner: Any = None,
        traffic: Any = None,
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


class Fabric:
    """All flows and links of one run."""

    def __init__(self, kernel: Kernel, links: Iterable[LinkState]) -> None:
        self.kernel = kernel
        self.links = tuple(links)
        self._dirty: dict[Flow, None] = {}
        self._solve_due = False

    def start(self, flow: Flow) -> None:
        """Let a flow enter at this instant. A flow without bytes on any link runs at its cap."""
        flow.last_ps = self.kernel.now
        alone = True
        for link, share in flow.path:
            link.flows[flow] = share
            if len(link.flows) > 1:
                alone = False
        if alone:
            self._run_alone(flow)
        else:
            self._mark(flow)

    def restart(self, flow: Flow, size_bytes: float, cap: float) -> None:
        """Give a flow that has just finished more bytes under another cap, without leaving its links."""
        flow.remaining = size_bytes
        flow.cap = cap
        flow.last_ps = self.kernel.now
        self._changed(flow)

    def set_cap(self, flow: Flow, cap: float) -> None:
        """The owner's clock or share has changed."""
        flow.cap = cap
        self._changed(flow)

    def stop(self, flow: Flow) -> float:
        """Take a flow off its links; returns the bytes it still had."""
        self._settle(flow)
        flow.version += 1
        for link, _ in flow.path:
            del link.flows[flow]
            self._link_changed(link)
        return flow.remaining

    def _changed(self, flow: Flow) -> None:
        if all(len(link.flows) == 1 for link, _ in flow.path):
            self._settle(flow)
            self._run_alone(flow)
        else:
            self._mark(flow)

    def _link_changed(self, link: LinkState) -> None:
        for other in link.flows:
            self._mark(other)
            return
        self._sample(link, 0.0)

    def _mark(self, flow: Flow) -> None:
        self._dirty[flow] = None
        if not self._solve_due:
            self._solve_due = True
            self.kernel.at_end_of_instant(self._solve, None)

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
        now = self.kernel.now
        duration = fluid_ps(flow.remaining, rate)
        flow.finish_ps = now + duration
        self.kernel.after(duration, self._finish, (flow, flow.version))
        for link, share in flow.path:
            link.rate = rate * share
            link.counter.sample(now, link.rate * 1e12)

    def _solve(self, _: None) -> None:
        """New rates for every connected component that changed at this instant."""
        self._solve_due = False
        dirty, self._dirty = self._dirty, {}
        done: set[Flow] = set()
        for flow in dirty:
            if flow not in done and flow.path and flow in flow.path[0][0].flows:
                component = self._component(flow)
                done.update(component)
                self._solve_component(component)

    def _component(self, start: Flow) -> list[Flow]:
        """The flows connected to one by shared links, in order of discovery."""
        found = {start: None}
        order = [start]
        seen: set[int] = set()
        for flow in order:
            for link, _ in flow.path:
                if link.index not in seen:
                    seen.add(link.index)
                    for other in link.flows:
                        if other not in found:
                            found[other] = None
                            order.append(other)
        return order

    def _solve_component(self, component: list[Flow]) -> None:
        now = self.kernel.now
        position: dict[int, int] = {}
        links: list[LinkState] = []
        paths = []
        for flow in component:
            path = []
            for link, share in flow.path:
                if link.index not in position:
                    position[link.index] = len(links)
                    links.append(link)
                path.append((position[link.index], share))
            paths.append(path)
        capacities = [link.capacity if link.rule is None else link.rule(tuple(link.flows)) for link in links]
        rates = max_min_rates(capacities, paths, [f.cap for f in component], [f.weight for f in component])
        totals = [0.0] * len(links)
        first: Flow | None = None
        for flow, rate, path in zip(component, rates, paths, strict=True):
            for link_position, share in path:
                totals[link_position] += rate * share
            if flow.last_ps != now:
                flow.remaining = max(0.0, flow.remaining - flow.rate * (now - flow.last_ps))
                flow.last_ps = now
            if rate != flow.rate or flow.finish_ps < now:
                flow.rate = rate
                flow.finish_ps = now + fluid_ps(flow.remaining, rate)
            flow.version += 1
            if first is None or flow.finish_ps < first.finish_ps:
                first = flow
        for link, total in zip(links, totals, strict=True):
            self._sample(link, total)
        if first is not None:
            self.kernel.after(first.finish_ps - now, self._finish, (first, first.version))

    def _sample(self, link: LinkState, rate: float) -> None:
        if rate != link.rate:
            link.rate = rate
            link.counter.sample(self.kernel.now, rate * 1e12)

    def _finish(self, due: tuple[Flow, int]) -> None:
        """A flow's own wake-up: it is over, unless rates have changed since. Others that end now finish with it."""
        flow, version = due
        if version != flow.version:
            return
        now = self.kernel.now
        finished = [flow]
        for link, _ in flow.path:
            for other in link.flows:
                if other.finish_ps <= now and other is not flow and other not in finished:
                    finished.append(other)
        for each in finished:
            each.remaining = 0.0
            each.last_ps = now
            each.version += 1
            each.finish_ps = -1
        for each in finished:
            each.on_done(each)

    def leave(self, flow: Flow) -> None:
        """A finished flow gives its links back."""
        for link, _ in flow.path:
            del link.flows[flow]
        for link, _ in flow.path:
            self._link_changed(link)
