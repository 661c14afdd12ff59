"""One shared link by virtual time: a start or a stop costs O(log n), whatever the number of flows.

All flows that are not held back by a cap of their own get `level` bytes per ps and weight. Virtual time advances by
`level` per picosecond, so such a flow ends when virtual time has advanced by its bytes over its weight, however often
the level changes meanwhile; a capped flow ends at a real time. Members sorted by cap over weight divide into the capped
(below the level) and the open (above), and a change of level moves the boundary.

Generalized processor sharing: Parekh and Gallager, A generalized processor sharing approach to flow control, 1993.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from heapq import heapify, heappop, heappush
from typing import Any

from socsim.engine.memory.max_min import INFINITE
from socsim.quantity import FORGIVEN_PS, fluid_ps, round_up_ps

_REBASE = 1e9
"""Virtual time (bytes per weight) beyond which it is counted from zero again: keeps its float spacing below 1e-6 B."""

_NOISE = 1e-12
"""Fraction of the capacity by which a sum of caps may exceed it and still fit."""


class Member:
    """A flow on the shared link: `cap` bytes per ps at most, `share` of its bytes cross the link. `begun_ps` and
    `size_bytes` are what it entered with, `link` is where it is, all three for the owner's use."""

    __slots__ = (
        "begun_ps", "cap", "capped", "flow", "level", "link", "load", "order", "remaining", "share", "since_ps",
        "size_bytes", "token", "virtual_end", "weight",
    )  # fmt: skip

    begun_ps: int
    link: Any

    def __init__(self, flow: Any, size_bytes: float, cap: float, share: float, weight: float) -> None:
        self.flow = flow
        self.size_bytes = self.remaining = size_bytes
        self.cap = cap
        self.share = share
        self.weight = weight
        self.level = cap / weight
        self.load = weight * share
        self.capped = False
        self.since_ps = 0
        self.virtual_end = 0.0
        self.order = 0
        self.token = 0


class SharedLink:
    """Members of one link of a given capacity (bytes per ps), all of one class of priority.

    After `add` and `remove` call `solve`; then `next_ps` says when the first member ends, and `take_done` at that time
    returns those that do.
    """

    __slots__ = (
        "_boundary", "_capped_rate", "_ends", "_last_ps", "_open_load", "_sorted", "_token", "_virtual",
        "_virtual_ends", "capacity", "level",
    )  # fmt: skip

    def __init__(self, capacity: float, now_ps: int) -> None:
        self.capacity = capacity
        self.level = INFINITE
        self._virtual = 0.0
        self._last_ps = now_ps
        self._capped_rate = 0.0
        self._open_load = 0.0
        self._boundary = 0
        self._token = 0
        self._sorted: list[tuple[float, int, Member]] = []
        self._ends: list[tuple[int, int, Member]] = []
        self._virtual_ends: list[tuple[float, int, Member]] = []

    def __len__(self) -> int:
        return len(self._sorted)

    @property
    def carried(self) -> float:
        """Bytes per ps that cross the link."""
        if self._boundary == len(self._sorted):
            return self._capped_rate
        return self._capped_rate + self.level * self._open_load

    def members(self) -> list[Member]:
        """All members, the one with the least cap over weight first."""
        return [member for _, _, member in self._sorted]

    def rate(self, member: Member) -> float:
        """Bytes per ps of a member since the last `solve`."""
        return member.cap if member.capped else self.level * member.weight

    def add(self, member: Member, now_ps: int) -> None:
        """A member enters."""
        if now_ps != self._last_ps:
            self._advance(now_ps)
        member.order = self._token
        entry = (member.level, member.order, member)
        if self._boundary and entry < self._sorted[self._boundary - 1]:
            self._boundary += 1
            self._hold(member, now_ps)
        else:
            self._open(member)
        insort(self._sorted, entry)

    def remove(self, member: Member, now_ps: int) -> None:
        """A member leaves before its end; its `remaining` is brought up to date."""
        if now_ps != self._last_ps:
            self._advance(now_ps)
        self._bring_up(member, now_ps)
        self._forget(member)

    def solve(self, now_ps: int) -> None:
        """A new level for the members that are there now."""
        if now_ps != self._last_ps:
            self._advance(now_ps)
        members, boundary = self._sorted, self._boundary
        level = self._level(boundary)
        while boundary and members[boundary - 1][0] > level:
            boundary -= 1
            member = members[boundary][2]
            self._bring_up(member, now_ps)
            self._capped_rate -= member.cap * member.share
            self._open(member)
            level = self._level(boundary)
        while boundary < len(members) and members[boundary][0] <= level:
            member = members[boundary][2]
            self._bring_up(member, now_ps)
            self._open_load -= member.load
            self._hold(member, now_ps)
            boundary += 1
            level = self._level(boundary)
        self._boundary = boundary
        self.level = level

    def next_ps(self, now_ps: int) -> int | None:
        """When the first member ends, or None where none ever does."""
        ends, virtual_ends = self._ends, self._virtual_ends
        while ends and ends[0][2].token != ends[0][1]:
            heappop(ends)
        while virtual_ends and virtual_ends[0][2].token != virtual_ends[0][1]:
            heappop(virtual_ends)
        first = ends[0][0] if ends else None
        if virtual_ends and self.level > 0.0:
            lasts = round_up_ps((virtual_ends[0][0] - self._virtual) / self.level)
            if first is None or now_ps + lasts < first:
                return now_ps + lasts
        return first

    def left(self, member: Member, now_ps: int) -> float:
        """What is left of a member's bytes."""
        if now_ps != self._last_ps:
            self._advance(now_ps)
        self._bring_up(member, now_ps)
        return member.remaining

    def take_done(self, now_ps: int) -> list[Member]:
        """The members that end at this time leave."""
        if now_ps != self._last_ps:
            self._advance(now_ps)
        done = []
        ends, virtual_ends = self._ends, self._virtual_ends
        while ends and (ends[0][0] <= now_ps or ends[0][2].token != ends[0][1]):
            _, token, member = heappop(ends)
            if member.token == token:
                done.append(member)
                self._forget(member)
        reached = self._virtual + FORGIVEN_PS * self.level if virtual_ends else 0.0
        while virtual_ends and (virtual_ends[0][0] <= reached or virtual_ends[0][2].token != virtual_ends[0][1]):
            _, token, member = heappop(virtual_ends)
            if member.token == token:
                done.append(member)
                self._forget(member)
        return done

    def _level(self, boundary: int) -> float:
        left = self.capacity - self._capped_rate
        if boundary == len(self._sorted):
            return INFINITE if left >= -_NOISE * self.capacity else 0.0
        return left / self._open_load if left > 0.0 else 0.0

    def _advance(self, now_ps: int) -> None:
        if self._boundary < len(self._sorted):
            self._virtual += self.level * (now_ps - self._last_ps)
        self._last_ps = now_ps
        if self._virtual > _REBASE:
            self._rebase()

    def _rebase(self) -> None:
        """Count virtual time from zero, add up sums afresh, drop what is out of date from the heaps."""
        past, self._virtual = self._virtual, 0.0
        self._virtual_ends = [(end - past, token, m) for end, token, m in self._virtual_ends if m.token == token]
        heapify(self._virtual_ends)
        for end, _, member in self._virtual_ends:
            member.virtual_end = end
        self._ends = [entry for entry in self._ends if entry[2].token == entry[1]]
        heapify(self._ends)
        self._capped_rate = sum(m.cap * m.share for _, _, m in self._sorted[: self._boundary])
        self._open_load = sum(m.load for _, _, m in self._sorted[self._boundary :])

    def _hold(self, member: Member, now_ps: int) -> None:
        """The member runs at its cap from now on."""
        member.capped = True
        member.since_ps = now_ps
        self._token += 1
        member.token = self._token
        self._capped_rate += member.cap * member.share
        heappush(self._ends, (now_ps + fluid_ps(member.remaining, member.cap), member.token, member))

    def _open(self, member: Member) -> None:
        """The member runs at the level from now on."""
        member.capped = False
        self._token += 1
        member.token = self._token
        member.virtual_end = self._virtual + member.remaining / member.weight
        self._open_load += member.load
        heappush(self._virtual_ends, (member.virtual_end, member.token, member))

    def _bring_up(self, member: Member, now_ps: int) -> None:
        """What is left of the member's bytes now."""
        if member.capped:
            left = member.remaining - member.cap * (now_ps - member.since_ps)
            member.since_ps = now_ps
        else:
            left = (member.virtual_end - self._virtual) * member.weight
        member.remaining = left if left > 0.0 else 0.0

    def _forget(self, member: Member) -> None:
        place = bisect_left(self._sorted, (member.level, member.order))
        del self._sorted[place]
        member.token = -1
        if member.capped:
            self._boundary -= 1
            self._capped_rate -= member.cap * member.share
        else:
            self._open_load -= member.load
        if not self._sorted:
            self._capped_rate = self._open_load = 0.0
