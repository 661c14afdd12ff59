"""The fabric as a fluid: flows of bytes over links, at max-min fair rates, solved once per instant where it changed.

The bytes left of a flow are brought up to date only when its rate changes; a wake-up for a completion that has moved is
recognised by its version and dropped. Cost grows with the starts and stops of flows, never with bytes: a flow alone on
its links costs one division, a link that many share virtual time (O(log n)), anything else progressive filling on the
connected component.
"""

from __future__ import annotations

from collections.abc import Iterable

from socsim.engine.kernel import Kernel
from socsim.engine.memory.link import Flow, LinkState, Path, Shares
from socsim.engine.memory.max_min import INFINITE, fill, fill_by_class
from socsim.engine.memory.rate_record import RateRecord
from socsim.engine.memory.shared_links import SharedLinks
from socsim.quantity import FORGIVEN_PS, fluid_ps, round_up_ps
from socsim.result import Counter


class Fabric:
    """All flows and links of one run."""

    def __init__(self, kernel: Kernel, links: Iterable[LinkState]) -> None:
        self.kernel = kernel
        self.links = tuple(links)
        self.record = RateRecord()
        self._rows = self.record.rows
        self._paths: dict[tuple[object, ...], Path] = {}
        self._dirty: list[Flow] = []
        self._scheduled = False
        self.finishing = False
        self._stamp = 0
        self._mixed = False
        self._shared = SharedLinks(self)

    def path(self, links: Shares, crossed: Shares | None = None, weight: float = 1.0, priority: int = 0) -> Path:
        """The path over these links; the same object for the same links, shares, weight and class of priority."""
        key = (links, crossed, weight, priority)
        known = self._paths.get(key)
        if known is None:
            known = self._paths[key] = Path(links, len(self._paths), crossed, weight, priority)
            self._mixed = len({path.priority for path in self._paths.values()}) > 1
        return known

    def start(self, flow: Flow) -> None:
        """Let a flow enter at this instant. A flow that crosses no link runs at its cap."""
        flow.last_ps = self.kernel.now
        alone = True
        for link, share in flow.edges:
            claims = link.claims
            if claims:
                alone = False
            claims[flow] = share
        if alone:
            self._run_alone(flow)
        else:
            self._mark(flow)

    def restart(self, flow: Flow, size_bytes: float, cap: float) -> None:
        """Give a flow that has just finished more bytes under another cap, without leaving its links."""
        flow.remaining = size_bytes
        flow.last_ps = self.kernel.now
        flow.set_limit(cap)
        self._changed(flow)

    def set_cap(self, flow: Flow, cap: float) -> None:
        """The owner's clock or share has changed."""
        if flow.member is not None:
            self._shared.take_out(flow)
        flow.set_limit(cap)
        self._changed(flow)

    def leave(self, flow: Flow) -> None:
        """A flow gives its links back."""
        flow.version += 1
        if flow.member is not None:
            self._shared.take_out(flow)
        if flow.rate:
            self._rows.extend((self.kernel.now, flow.path.number, -flow.rate))
            flow.rate = 0.0
        for link, _ in flow.edges:
            claims = link.claims
            del claims[flow]
            if claims and link.shared is None:
                self._mark(next(iter(claims)))

    def carried(self, link: LinkState) -> float:
        """Bytes per ps that cross a link at the rates of the last solution."""
        if link.shared is not None:
            return link.shared.carried
        carried: float = sum([flow.rate * share for flow, share in link.claims.items()])
        return carried

    def counters(self) -> tuple[Counter, ...]:
        """Bytes per second over time of every link that carried something."""
        return self.record.counters(self.links, self._paths.values())

    def _changed(self, flow: Flow) -> None:
        for link, _ in flow.edges:
            if len(link.claims) > 1:
                self._mark(flow)
                return
        flow.settle(self.kernel.now)
        self._run_alone(flow)

    def _mark(self, flow: Flow) -> None:
        self._dirty.append(flow)
        if not self._scheduled and not self.finishing:
            self.at_end_of_instant()

    def at_end_of_instant(self) -> None:
        """Solve when all that is due at this instant has happened."""
        if not self._scheduled and not self.finishing:
            self._scheduled = True
            self.kernel.at_end_of_instant(self._solve, None)

    def _run_alone(self, flow: Flow) -> None:
        """One flow on its links: the least of its cap and of what the path grants it."""
        path = flow.path
        rate = path.grant.get(flow.traffic) or path.grants(flow.traffic)
        if flow.limit < rate:
            rate = flow.limit
        flow.version = version = flow.version + 1
        now = self.kernel.now
        duration = fluid_ps(flow.remaining, rate)
        flow.lasts_ps = duration
        self.kernel.after(duration, self._finish, (flow, version))
        if rate != flow.rate:
            self._rows.extend((now, path.number, rate - flow.rate))
            flow.rate = rate

    def _solve(self, _: None) -> None:
        """New rates wherever something changed at this instant."""
        self._scheduled = False
        dirty, self._dirty = self._dirty, []
        stamp = self._stamp
        shared = self._shared
        self.finishing = True
        for flow in dirty:
            if flow.stamp <= stamp and flow.edges and flow in flow.edges[0][0].claims and not shared.took(flow):
                self.solve_component(flow)
        if shared.waiting:
            shared.solve()
        self.finishing = False

    def component(self, start: Flow) -> tuple[list[Flow], list[LinkState]]:
        """All flows and links that a flow is connected with over shared links."""
        self._stamp = stamp = self._stamp + 1
        start.stamp = stamp
        flows = [start]
        links = []
        for flow in flows:
            for link, _ in flow.edges:
                if link.stamp != stamp:
                    link.stamp = stamp
                    links.append(link)
                    if link.shared is not None:
                        self._shared.close(link)
                    if len(link.claims) > 1:
                        for other in link.claims:
                            if other.stamp != stamp:
                                other.stamp = stamp
                                if other.member is not None:
                                    self._shared.close(other.member.link.link)
                                flows.append(other)
        return flows, links

    def solve_component(self, start: Flow) -> None:
        """New rates for a flow and all that it is connected with."""
        now = self.kernel.now
        flows, links = self.component(start)
        if self._shared.takes(flows, links):
            return
        for link in links:
            link.left = link.capacity if link.rule is None else link.rule(link.mix())
        if self._mixed:
            fill_by_class(flows, links)
        else:
            fill(flows, links)
        self.apply(flows, now)

    def apply(self, flows: Iterable[Flow], now: int) -> None:
        """Let flows go on at the rates granted to them; wake up when the first of them is over."""
        first = None
        soonest = INFINITE
        rows = self._rows
        for flow in flows:
            rate = flow.granted
            flow.version += 1
            last = flow.last_ps
            if rate != flow.rate or last == now:
                if last != now:
                    left = flow.remaining - flow.rate * (now - last)
                    flow.remaining = left if left > 0.0 else 0.0
                    flow.last_ps = last = now
                if rate != flow.rate:
                    rows.extend((now, flow.path.number, rate - flow.rate))
                    flow.rate = rate
                flow.lasts_ps = flow.remaining / rate if rate else INFINITE
            left_ps = flow.lasts_ps - (now - last)
            if left_ps < soonest:
                soonest = left_ps
                first = flow
        if first is not None:
            due = first.last_ps + round_up_ps(first.lasts_ps)
            self.kernel.after(due - now if due > now else 0, self._finish, (first, first.version))

    def _finish(self, due: tuple[Flow, int]) -> None:
        """A flow's own wake-up: it is over, unless rates have changed since. Others that end now finish with it."""
        flow, version = due
        if version != flow.version:
            return
        now = self.kernel.now
        done = None
        for link, _ in flow.edges:
            if len(link.claims) > 1:
                for other in link.claims:
                    if other.remaining and (other is flow or now - other.last_ps >= other.lasts_ps - FORGIVEN_PS):
                        other.remaining = 0.0
                        other.last_ps = now
                        if done is None:
                            done = []
                        done.append(other)
        self.finishing = True
        if done is None:
            flow.remaining = 0.0
            flow.last_ps = now
            flow.on_done(flow)
        else:
            for other in done:
                other.on_done(other)
        self.settle_instant()

    def settle_instant(self) -> None:
        """After completions: solve at once where nothing else is due at this instant, else at its end."""
        self.finishing = False
        if not self._scheduled and (self._dirty or self._shared.waiting):
            if self.kernel.is_instant_over():
                self._solve(None)
            else:
                self.at_end_of_instant()
