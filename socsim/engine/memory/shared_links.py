"""Which links virtual time shares: those that alone limit many flows.

A link that does not limit a flow is but a bound on its rate. The structure is given up as soon as a second link limits
one of the flows, or few are left, for which progressive filling is cheaper; nothing is lost, bytes are brought up to
date.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from socsim.engine.memory.link import Flow, LinkState, Path
from socsim.engine.memory.virtual_time import Member, SharedLink

if TYPE_CHECKING:
    from socsim.engine.memory.fabric import Fabric

OPEN_AT = 8
"""Flows from which heaps are cheaper than filling one link directly (measured)."""
CLOSE_BELOW = 4


class Meeting(SharedLink):
    """A link in virtual time, with what the fabric has to know of it."""

    __slots__ = ("link", "mix", "number", "priority", "recorded", "version", "waiting")

    def __init__(self, link: LinkState, number: int, priority: int, now_ps: int) -> None:
        super().__init__(link.capacity, now_ps)
        self.link = link
        self.number = number
        self.priority = priority
        self.mix = 0
        self.recorded = 0.0
        self.version = 0
        self.waiting = False


class SharedLinks:
    """The links of a fabric that are in virtual time."""

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric
        self._kernel = fabric.kernel
        self._rows = fabric.record.rows
        self._rest: dict[tuple[Path, LinkState], int] = {}
        self.waiting: list[Meeting] = []
        self.num_open = 0

    def took(self, flow: Flow) -> bool:
        """Whether a flow that changed is on a link in virtual time, no other link of its limiting; a new one enters."""
        meeting: Meeting | None = None
        here = 0.0
        for link, share in flow.links:
            if link.shared is not None and meeting is None:
                meeting = link.shared
                here = share
            elif link.shared is not None or link.coupled or link.is_tight():
                return False
        if meeting is None or flow.priority != meeting.priority:
            return False
        if flow.path.window is not None and meeting.link.feeds_back:
            return False
        if flow.member is None:
            self._enter(meeting, flow, here)
        self._wait(meeting)
        return True

    def takes(self, flows: Sequence[Flow], link: LinkState) -> bool:
        """Whether the flows on the one link that limits them are many and of one class: it is in virtual time then."""
        if len(flows) < OPEN_AT or link.has_windows() or any(flow.priority != flows[0].priority for flow in flows):
            return False
        now = self._kernel.now
        number = self._fabric.path(((link, 1.0),)).number
        meeting = link.shared = Meeting(link, number, flows[0].priority, now)
        self.num_open += 1
        for flow, share in link.claims.items():
            flow.settle(now)
            flow.version += 1
            if flow.rate:
                self._rows.fromlist([now, flow.path.number, -flow.rate])
                flow.rate = 0.0
            self._enter(meeting, flow, share)
        self._wait(meeting)
        return True

    def take_out(self, flow: Flow) -> None:
        """A member leaves, or goes on under another cap."""
        member = flow.member
        meeting: Meeting = member.link
        meeting.remove(member, self._kernel.now)
        self._release(meeting, flow, member)
        flow.last_ps = self._kernel.now
        self._wait(meeting)

    def close(self, link: LinkState) -> None:
        """Back to ordinary flows, all bytes brought up to date."""
        meeting = link.shared
        if meeting is None:
            return
        now = self._kernel.now
        for member in meeting.members():
            meeting.remove(member, now)
            member.flow.last_ps = now
            self._release(meeting, member.flow, member)
        self._record(meeting, now)
        meeting.version += 1
        link.shared = None
        self.num_open -= 1

    def solve(self) -> None:
        """New rates for links where members came or went; the next wake-up of each."""
        waiting, self.waiting = self.waiting, []
        now = self._kernel.now
        for meeting in waiting:
            meeting.waiting = False
            link = meeting.link
            if link.shared is not meeting:
                continue
            if len(meeting) < CLOSE_BELOW:
                left = [member.flow for member in meeting.members()]
                self.close(link)
                if left:
                    self._fabric.solve_component(left[0])
                continue
            if link.rule is not None:
                meeting.capacity = link.rule(meeting.mix)
            meeting.solve(now)
            self._record(meeting, now)
            meeting.version += 1
            due = meeting.next_ps(now)
            if due is not None:
                self._kernel.after(due - now if due > now else 0, self._wake, (meeting, meeting.version))

    def _wake(self, due: tuple[Meeting, int]) -> None:
        meeting, version = due
        if version != meeting.version:
            return
        now = self._kernel.now
        fabric = self._fabric
        fabric.finishing = True
        done = meeting.take_done(now)
        for member in done:
            flow = member.flow
            member.remaining = 0.0
            flow.last_ps = now
            self._release(meeting, flow, member)
        self._wait(meeting)
        for member in done:
            member.flow.on_done(member.flow)
        fabric.finishing = False
        fabric.settle_instant()

    def _wait(self, meeting: Meeting) -> None:
        if not meeting.waiting:
            meeting.waiting = True
            self.waiting.append(meeting)
            self._fabric.at_end_of_instant()

    def _enter(self, meeting: Meeting, flow: Flow, share: float) -> None:
        flow.member = member = Member(flow, flow.remaining, flow.bound, share, flow.weight)
        member.link = meeting
        member.begun_ps = self._kernel.now
        meeting.mix += flow.traffic
        meeting.add(member, self._kernel.now)

    def _release(self, meeting: Meeting, flow: Flow, member: Member) -> None:
        """The flow is no member any more. Its other links carried its mean rate: they see no more of it than that."""
        flow.member = None
        flow.remaining = member.remaining
        meeting.mix -= flow.traffic
        path = flow.path
        if len(path.crossed) > 1:
            now = self._kernel.now
            lasted = now - member.begun_ps
            if lasted:
                number = self._number_of_rest(path, meeting.link)
                mean = (member.size_bytes - member.remaining) / lasted
                self._rows.fromlist([member.begun_ps, number, mean, now, number, -mean])

    def _number_of_rest(self, path: Path, link: LinkState) -> int:
        """The number of a path without the link that is recorded on its own."""
        known = self._rest.get((path, link))
        if known is None:
            crossed = tuple((other, share) for other, share in path.crossed if other is not link)
            known = self._rest[path, link] = self._fabric.path((), crossed).number
        return known

    def _record(self, meeting: Meeting, now: int) -> None:
        carried = meeting.carried
        if carried != meeting.recorded:
            self._rows.fromlist([now, meeting.number, carried - meeting.recorded])
            meeting.recorded = carried
