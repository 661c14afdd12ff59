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
from socsim.engine.memory.loaded_latency import Window, fill_under_load
from socsim.engine.memory.max_min import INFINITE, fill_alike, fill_by_class, fill_one
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
        self._alike = True
        self._shared = SharedLinks(self)

    def path(
        self,
        links: Shares,
        crossed: Shares | None = None,
        weight: float = 1.0,
        priority: int = 0,
        client: str = "",
        window: Window | None = None,
    ) -> Path:
        """The path over these links; the same object for the same links, shares, weight, class of priority, client and
        size of its window."""
        key = (links, crossed, weight, priority, client, None if window is None else window.size_bytes)
        known = self._paths.get(key)
        if known is None:
            known = self._paths[key] = Path(links, len(self._paths), crossed, weight, priority, client, window)
            self._alike = all(path.weight == 1.0 and path.priority == 0 for path in self._paths.values())
        return known

    def start(self, flow: Flow) -> None:
        """Let a flow enter at this instant. A flow that crosses no link runs at its cap."""
        flow.last_ps = self.kernel.now
        bound = flow.path.grant.get(flow.traffic) or flow.path.grants(flow.traffic)
        if flow.cap < bound:
            bound = flow.cap
        flow.bound = bound
        flow.level = bound / flow.weight
        alone = True
        for link, share in flow.links:
            claims = link.claims
            if claims:
                alone = False
            claims[flow] = share
            link.most += bound * share
        if alone:
            self._run_alone(flow)
        elif not (self._shared.num_open and self._shared.took(flow)):
            self._mark(flow)

    def restart(self, flow: Flow, size_bytes: float, cap: float) -> None:
        """Give a flow that has just finished more bytes under another cap, without leaving its links."""
        flow.remaining = size_bytes
        flow.last_ps = self.kernel.now
        self._set_cap(flow, cap)

    def set_cap(self, flow: Flow, cap: float) -> None:
        """The owner's clock or share has changed."""
        if flow.member is not None:
            self._shared.take_out(flow)
        flow.settle(self.kernel.now)
        self._set_cap(flow, cap)

    def bytes_left(self, flow: Flow) -> float:
        """What is left of a flow's bytes at this instant."""
        now = self.kernel.now
        if flow.member is not None:
            return flow.member.link.left(flow.member, now)  # type: ignore[no-any-return]
        return max(0.0, flow.remaining - flow.rate * (now - flow.last_ps))

    def rate(self, flow: Flow) -> float:
        """Bytes per ps that a flow gets since the last solution."""
        if flow.member is not None:
            return flow.member.link.rate(flow.member)  # type: ignore[no-any-return]
        return flow.rate

    def pause(self, flow: Flow) -> None:
        """A flow stops where it is and gives its links back; `start` lets it go on."""
        if flow.member is None:
            flow.settle(self.kernel.now)
        self.leave(flow)

    def leave(self, flow: Flow) -> None:
        """A flow gives its links back."""
        flow.version += 1
        flow.lasts_ps = INFINITE
        if flow.member is not None:
            self._shared.take_out(flow)
        if flow.rate:
            self._rows.fromlist([self.kernel.now, flow.path.number, -flow.rate])
            flow.rate = 0.0
        bound = flow.bound
        for link, share in flow.links:
            claims = link.claims
            del claims[flow]
            if claims:
                link.most -= bound * share
                if link.coupled and link.shared is None:
                    self._mark(next(iter(claims)))
            else:
                link.most = 0.0

    def carried(self, link: LinkState) -> float:
        """Bytes per ps that cross a link at the rates of the last solution."""
        if link.shared is not None:
            return link.shared.carried
        carried: float = sum([flow.rate * share for flow, share in link.claims.items()])
        return carried

    def counters(self, until_ps: int | None = None) -> tuple[Counter, ...]:
        """Bytes per second over time of every link that carried something; with a time, what changed before it."""
        return self.record.counters(self.links, self._paths.values(), until_ps)

    def end(self) -> None:
        """The run is over: the fabric and its shared links would keep each other, and the record, alive."""
        del self._shared

    def _set_cap(self, flow: Flow, cap: float) -> None:
        before = flow.bound
        flow.cap = cap
        grant = flow.path.grants(flow.traffic)
        flow.bound = bound = cap if cap < grant else grant
        flow.level = bound / flow.weight
        alone = True
        for link, share in flow.links:
            link.most += (bound - before) * share
            if len(link.claims) > 1:
                alone = False
        if alone:
            self._run_alone(flow)
        else:
            self._mark(flow)

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
        """A flow that nobody else holds back: it gets its bound."""
        rate = flow.bound
        flow.version = version = flow.version + 1
        now = self.kernel.now
        flow.lasts_ps = duration = fluid_ps(flow.remaining, rate)
        self.kernel.after(duration, self._finish, (flow, version, None))
        if rate != flow.rate:
            self._rows.fromlist([now, flow.path.number, rate - flow.rate])
            flow.rate = rate

    def _solve(self, _: None) -> None:
        """New rates wherever something changed at this instant."""
        self._scheduled = False
        self.finishing = True
        stamp = self._stamp
        shared = self._shared
        dirty = self._dirty
        while dirty or shared.waiting:
            for flow in dirty:
                if flow.stamp <= stamp and flow.links and flow in flow.links[0][0].claims and not shared.took(flow):
                    self.solve_component(flow)
            dirty.clear()
            if shared.waiting:
                shared.solve()
        self.finishing = False

    def solve_component(self, start: Flow) -> None:
        """New rates for a flow and all that it is connected with over links that limit. Who was connected with them
        until now is left for this round of solutions."""
        self._stamp = stamp = self._stamp + 1
        start.stamp = stamp
        flows = [start]
        tight = []
        for flow in flows:
            for link, _ in flow.links:
                if link.stamp == stamp:
                    continue
                link.stamp = stamp
                if link.most > link.suspect_above and link.is_tight():
                    tight.append(link)
                    for other in link.claims:
                        if other.stamp != stamp:
                            other.stamp = stamp
                            if other.member is not None:
                                self._shared.close(other.member.link.link)
                            flows.append(other)
                elif link.coupled:
                    link.coupled = False
                    self._dirty.extend(link.claims)
                if link.shared is not None:
                    self._shared.close(link)
        if not tight:
            start.settle(self.kernel.now)
            self._run_alone(start)
            return
        for link in tight:
            link.coupled = True
        if len(tight) == 1:
            flows = list(tight[0].claims)
            if self._shared.takes(flows, tight[0]):
                return
        memory = next((link for link in tight if link.has_windows()), None)
        if memory is not None:
            fill_under_load(flows, tight, memory, fill_alike if self._alike else fill_by_class)
        elif not self._alike:
            fill_by_class(flows, tight)
        elif len(tight) == 1:
            fill_one(tight[0])
        else:
            fill_alike(flows, tight)
        self._apply(flows)

    def _apply(self, flows: list[Flow]) -> None:
        """Let flows go on at the rates granted to them; wake up when the first of them is over."""
        now = self.kernel.now
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
                    rows.fromlist([now, flow.path.number, rate - flow.rate])
                    flow.rate = rate
                flow.lasts_ps = flow.remaining / rate if rate else (INFINITE if flow.remaining else 0.0)
            left_ps = flow.lasts_ps - (now - last)
            if left_ps < soonest:
                soonest = left_ps
                first = flow
        if first is not None:
            due = first.last_ps + round_up_ps(first.lasts_ps)
            self.kernel.after(due - now if due > now else 0, self._finish, (first, first.version, flows))

    def _finish(self, due: tuple[Flow, int, list[Flow] | None]) -> None:
        """A flow's own wake-up: it is over, unless rates have changed since. Others that were granted their rates with
        it and end now finish with it."""
        flow, version, together = due
        if version != flow.version:
            return
        now = self.kernel.now
        self.finishing = True
        if together is None or len(together) == 1:
            flow.remaining = 0.0
            flow.last_ps = now
            flow.on_done(flow)
        else:
            done = [other for other in together if other is flow or now - other.last_ps >= other.lasts_ps - FORGIVEN_PS]
            for other in done:
                other.remaining = 0.0
                other.last_ps = now
                other.lasts_ps = INFINITE
            for other in done:
                other.on_done(other)
        self.finishing = False
        if self._dirty or self._shared.waiting:
            self.settle_instant()

    def settle_instant(self) -> None:
        """After completions that changed something: solve at once where nothing else is due at this instant, else at
        its end."""
        if not self._scheduled:
            if self.kernel.is_instant_over():
                if self._dirty:
                    self._solve(None)
                else:
                    self._shared.solve()
            else:
                self.at_end_of_instant()
