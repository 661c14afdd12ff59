"""The queues of one channel in plain Python: which direction is served, and which of its bursts may be served next.

For the direction that is listed every bank has two candidates, the oldest burst that hits its open row and the oldest
that does not: hits ask for data, misses of closed banks for an activation, misses of open ones for a precharge. No
candidate of a class is ready before the cycle `hit_by`, `act_by` or `pre_by`.

A burst in a queue is a tuple (order, row, cycle it came, request, address).
"""
# ruff: noqa: PLR0915

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from typing import Any, NamedTuple

from socsim.engine.memory.dram.interpreted_banks import CLOSED, HALF_OPEN, OPEN, Banks
from socsim.engine.memory.dram.interpreted_ports import Ports
from socsim.engine.memory.dram.parameters import FAR, ChannelParameters

NOTHING, DATA, ACTIVATE, ACTIVATE_2, PRECHARGE, REFRESHED = range(6)

Burst = tuple[int, int, int, list[int], int]
Choice = tuple[int, int, int, Any]


class Queues(NamedTuple):
    """What a channel asks its queues and tells them. Candidates by bank may be read, not written."""

    bursts: tuple[list[list[Burst]], ...]
    hit: list[Any]
    miss: list[Any]
    insert: Callable[..., None]
    turn_if_due: Callable[[], None]
    choose: Callable[[int, int, int, int, int], Choice]
    next_at: Callable[[int, int, int, int, int], int]
    take: Callable[[int, int, int, Burst], None]
    row_opened: Callable[[int], None]
    row_closed: Callable[[int], None]
    may_close: Callable[[int], None]
    closable_at: Callable[[int], int]
    forget: Callable[[], None]


def make_queues(c: int, par: ChannelParameters, ports: Ports, bank: Banks) -> Queues:
    """The queues of channel `c`, empty."""
    room, waiting, wake, visits = ports.room, ports.waiting, ports.wake, ports.visits
    read_cap, write_cap = caps = par.read_queue, par.write_queue
    high_room, low_room = write_cap - par.write_high, write_cap - par.write_low
    rd_pre, wr_pre = par.read_to_pre, par.write_to_pre
    reads, writes = 2 * c, 2 * c + 1  # the queues
    state, row, grp, busy, b_act, b_pre, b_rd, b_wr, _, b_last_rd, b_last_wr, g_rd, g_wr, g_act = bank
    banks = par.banks
    queues: tuple[list[list[Burst]], ...] = ([[] for _ in range(banks)], [[] for _ in range(banks)])
    hit: list[Any] = [None] * banks  # oldest burst of the listed direction that hits the open row, if any
    hit_order = [FAR] * banks
    miss: list[Any] = [None] * banks  # oldest one that does not
    hits: list[int] = []  # banks with a hit
    acts: list[tuple[int, int]] = []  # closed banks with a miss: (order, bank)
    pres: list[tuple[int, int]] = []  # open banks with a miss whose row may close
    hit_by = act_by = pre_by = FAR
    mode = listed = order = 0
    turn = True  # the direction may have to turn
    nothing: Choice = (NOTHING, -1, 0, None)

    def turn_if_due() -> None:
        nonlocal mode, turn
        if turn:
            turn = False
            if mode == 0:
                if room[writes] < high_room or room[reads] == read_cap:
                    mode = 1
            elif room[writes] > low_room and room[reads] != read_cap:
                mode = 0

    def list_candidates() -> None:
        nonlocal listed, hit_by, act_by, pre_by
        listed = mode
        hit_by = act_by = pre_by = 0
        hits.clear()
        acts.clear()
        pres.clear()
        for b, queue in enumerate(queues[mode]):
            hit[b] = miss[b] = None
            if queue and state[b] == CLOSED:
                miss[b] = queue[0]
                acts.append((queue[0][0], b))
            elif queue and state[b] == OPEN:
                list_open(b)
                if miss[b] is not None and not busy[b]:
                    list_closable(b)
        acts.sort()

    def list_open(b: int) -> None:
        """The oldest hit and the oldest miss of an open bank."""
        nonlocal hit_by
        first_hit = first_miss = None
        r = row[b]
        for e in queues[listed][b]:
            if e[1] == r:
                if first_hit is None:
                    first_hit = e
                    if first_miss is not None:
                        break
            elif first_miss is None:
                first_miss = e
                if first_hit is not None:
                    break
        miss[b] = first_miss
        if first_hit is not None:
            hit[b] = first_hit
            hit_order[b] = first_hit[0]
            t = b_wr[b] if listed else b_rd[b]
            if t < hit_by or not hits:
                hit_by = t
            hits.append(b)

    def list_closable(b: int) -> None:
        nonlocal pre_by
        t = closable_at(b)
        if t < pre_by or not pres:
            pre_by = t
        insort(pres, (miss[b][0], b))

    def closable_at(b: int) -> int:
        """First cycle in which an open bank may be precharged."""
        t = b_pre[b]
        i = b_last_rd[b] + rd_pre
        if i > t:
            t = i
        i = b_last_wr[b] + wr_pre
        if i > t:
            t = i
        b_pre[b] = t
        return t

    def row_opened(b: int) -> None:
        if listed >= 0:
            list_open(b)

    def row_closed(b: int) -> None:
        nonlocal act_by
        if listed < 0:
            return
        if hit[b] is not None:
            hit[b] = None
            hits.remove(b)
        if miss[b] is not None:
            pres.remove((miss[b][0], b))
        queue = queues[listed][b]
        miss[b] = queue[0] if queue else None
        if queue:
            insort(acts, (queue[0][0], b))
            if b_act[b] < act_by:
                act_by = b_act[b]

    def may_close(b: int) -> None:
        """Nobody waits any more for whom the row was opened."""
        if miss[b] is not None:
            list_closable(b)

    def forget() -> None:
        """Rows have closed: list anew."""
        nonlocal listed
        listed = -1
        hit[:] = miss[:] = [None] * banks

    def choose(now: int, rd_ok: int, wr_ok: int, act_ok: int, pre_ok: int) -> Choice:
        """(kind, bank, direction, burst) of the oldest command that is ready; the channel allows each from `ok` on."""
        nonlocal hit_by, act_by, pre_by
        if turn:
            turn_if_due()
        if listed != mode:
            if room[reads + mode] == caps[mode]:
                return nothing
            list_candidates()
        kind, at, best = NOTHING, -1, FAR
        if hits and hit_by <= now and (wr_ok if mode else rd_ok) <= now:
            b_ok = b_wr if mode else b_rd
            g_ok = g_wr if mode else g_rd
            soonest = FAR
            for b in hits:
                t = g_ok[grp[b]]
                if b_ok[b] > t:
                    t = b_ok[b]
                if t > now:
                    if t < soonest:
                        soonest = t
                elif hit_order[b] < best:
                    best = hit_order[b]
                    at = b
                    kind = DATA
            if not kind:
                hit_by = soonest
        if acts and act_by <= now and act_ok <= now:
            act_by = now + 1
            soonest = FAR
            for i, b in acts:
                if i > best:
                    break
                t = g_act[grp[b]]
                if b_act[b] > t:
                    t = b_act[b]
                if t <= now:
                    best = i
                    at = b
                    kind = ACTIVATE
                    break
                if t < soonest:
                    soonest = t
            else:
                act_by = soonest
        if pres and pre_by <= now and pre_ok <= now:
            pre_by = now + 1
            soonest = FAR
            for i, b in pres:
                if i > best:
                    break
                t = b_pre[b]
                if t <= now:
                    at = b
                    kind = PRECHARGE
                    break
                if t < soonest:
                    soonest = t
            else:
                pre_by = soonest
        if not kind:
            return nothing
        return kind, at, mode, hit[at] if kind == DATA else miss[at]

    def next_at(now: int, rd_ok: int, wr_ok: int, act_ok: int, pre_ok: int) -> int:
        """The next cycle worth a choice: no later than the first in which a command can be legal."""
        nonlocal mode, turn
        if turn:
            if mode or room[reads] != read_cap or room[writes] != write_cap:
                return now + 1
            mode = 1
            turn = False
            return FAR
        if listed != mode:
            return FAR if room[reads + mode] == caps[mode] else now + 1
        t = FAR
        if hits:
            t = wr_ok if mode else rd_ok
            if hit_by > t:
                t = hit_by
        if acts:
            i = act_by if act_by > act_ok else act_ok
            if i < t:
                t = i
        if pres:
            i = pre_by if pre_by > pre_ok else pre_ok
            if i < t:
                t = i
        return t

    def take(now: int, b: int, w: int, e: Burst) -> None:
        """A candidate leaves its queue: who waits for the place may look, and the direction may turn."""
        nonlocal turn
        queue = queues[w][b]
        queue.remove(e)
        if hit[b] is e:
            r = e[1]
            for f in queue:
                if f[1] == r:
                    hit[b] = f
                    hit_order[b] = f[0]
                    break
            else:
                hit[b] = None
                hits.remove(b)
        else:
            miss[b] = None
            acts.remove((e[0], b))
        i = reads + w
        t = room[i] + 1
        room[i] = t
        if waiting[i]:
            wake[0] = now
        elif t == caps[w]:
            turn = True
        if w and t > low_room:
            turn = True

    def insert(now: int, b: int, r: int, w: int, req: list[int], address: int) -> None:
        """A burst enters the queue of its bank."""
        nonlocal hit_by, act_by, pre_by, order, turn
        e = (order, r, now, req, address)
        queues[w][b].append(e)
        i = reads + w
        room[i] -= 1
        t = FAR
        if listed == w:
            s = state[b]
            if s == OPEN and row[b] == r:
                if hit[b] is None:
                    hit[b] = e
                    hit_order[b] = order
                    t = b_wr[b] if w else b_rd[b]
                    if t < hit_by or not hits:
                        hit_by = t
                    hits.append(b)
            elif miss[b] is None and s != HALF_OPEN:
                miss[b] = e
                if s == CLOSED:
                    t = b_act[b]
                    if t < act_by or not acts:
                        act_by = t
                    insort(acts, (order, b))
                elif not busy[b]:
                    list_closable(b)
                    t = b_pre[b]
        elif mode == w:
            t = now
        order += 1
        if mode != w:
            if room[i] < high_room if w else room[i + 1] > low_room:
                turn = True
                t = now
            else:
                t = FAR
        if t < visits[c]:
            visits[c] = t if t > now else now + 1

    return Queues(
        queues, hit, miss, insert, turn_if_due, choose, next_at, take, row_opened, row_closed, may_close, closable_at,
        forget,
    )  # fmt: skip
