"""One DRAM channel in plain Python: its queues, its banks and the choice of the next command.

The registers of a channel are variables of nested functions, because those are what the interpreter reaches fastest;
its banks are lists. The rules and the cycles are those of `compiled`, which says what they are; a property test
compares the two.

A burst in a queue is a tuple (order, row, cycle it came, request, address); a request is a list [bursts left, client,
cycle it stepped to the head of its port, write, cycle of forwarded data]; an owner, whose row was opened for it, is
(cycle it came, bank, write, request).
"""
# ruff: noqa: PLR0915

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from typing import Any

from socsim.engine.memory.dram.interpreted_ports import Ports
from socsim.engine.memory.dram.parameters import FAR, NEVER, ChannelCounts, ChannelParameters

Burst = tuple[int, int, int, list[int], int]
Owner = tuple[int, int, int, list[int]]


def make_channel(c: int, par: ChannelParameters, ports: Ports) -> tuple[Callable[..., Any], ...]:
    """The functions (visit, insert, join_write, counts) of channel `c`.

    `visit(now)` issues what is legal in cycle `now` and returns the next cycle worth a visit. `insert` queues a burst.
    `join_write` is the cycle at which a write still queued for its address serves a burst, or -1.
    """
    room, waiting, wake, visits, finish = ports.room, ports.waiting, ports.wake, ports.visits, ports.finish
    (
        _, banks, bank_bits, rd_rd, wr_wr, rd_wr, wr_rd, rd_rd_g, wr_wr_g, wr_rd_g, act_act, act_act_g, act_act_b,
        four_act, act_rd, act_wr, act_pre, act_pre_all, pre_act, pre_all_act, pre_pre, rd_pre, wr_pre, rd_pre_all,
        wr_pre_all, act_ref, pre_ref, ref_act, ref_pre_all, act_ref_b, pre_ref_b, ref_b_ref_b, ref_b_act, ref_b_act_b,
        refresh_mode, refresh_every, split, deadline, wck_rd, wck_wr, data_back, bus_act, bus_col, bus_pre, bus_ref, *_,
    ) = par  # fmt: skip
    sync, slow_bus, closed_page = wck_rd > 0, max(bus_act, bus_col, bus_pre) > 1, par.page_policy == 1
    read_cap, write_cap = caps = par.read_queue, par.write_queue
    high_room, low_room = write_cap - par.write_high, write_cap - par.write_low
    reads, writes = 2 * c, 2 * c + 1  # the queues

    state = [0] * banks  # 0 closed, 1 half activated, 2 open
    row = [-1] * banks
    b_act, b_pre, b_rd, b_wr, b_ref = ([0] * banks for _ in range(5))
    b_last_rd, b_last_wr = [NEVER] * banks, [NEVER] * banks
    busy = [False] * banks
    queues: tuple[list[list[Burst]], ...] = ([[] for _ in range(banks)], [[] for _ in range(banks)])
    hit: list[Any] = [None] * banks  # oldest burst of the listed direction that hits the open row, if any
    hit_order = [FAR] * banks
    miss: list[Any] = [None] * banks  # oldest one that does not
    grp = [b >> bank_bits for b in range(banks)]
    g_rd, g_wr, g_act = ([0] * (banks >> bank_bits) for _ in range(3))
    hits: list[int] = []  # banks with a hit
    acts: list[tuple[int, int]] = []  # closed banks with a miss: (order, bank)
    pres: list[tuple[int, int]] = []  # open banks with a miss whose row may close
    owners: list[Owner] = []
    hit_by = act_by = pre_by = own_by = FAR  # no candidate of the class is ready before
    rd_ok = wr_ok = act_ok = pre_ok = ref_ok = pre_all_ok = ref_b_ok = bus_ok = wck_ok = 0
    last_rd = last_wr = last_act = NEVER
    window = [NEVER] * 4  # the last four activations
    mode = listed = opened = due = due_bank = last_return = order = half_by = 0
    turn = True  # the direction may have to turn
    due_at = refresh_every if refresh_mode else FAR
    half: Any = None  # owner of a half-finished activation
    cas: Any = None  # (bank, write, burst, owner) that waits for the data clock
    n_act = n_rd = n_wr = n_ref = 0

    def choose_direction() -> None:
        nonlocal mode, turn
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
            if queue and state[b] == 0:
                miss[b] = queue[0]
                acts.append((queue[0][0], b))
            elif queue and state[b] == 2:
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
        b_pre[b] = t = max(b_pre[b], b_last_rd[b] + rd_pre, b_last_wr[b] + wr_pre)
        if t < pre_by or not pres:
            pre_by = t
        insort(pres, (miss[b][0], b))

    def close_row(b: int, at: int) -> None:
        nonlocal opened, ref_ok, act_by
        state[b] = 0
        opened -= 1
        if at + pre_act > b_act[b]:
            b_act[b] = at + pre_act
        if at + pre_ref_b > b_ref[b]:
            b_ref[b] = at + pre_ref_b
        if at + pre_ref > ref_ok:
            ref_ok = at + pre_ref
        if listed >= 0:
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

    def open_row(b: int, own: Owner) -> None:
        nonlocal half, own_by
        half = None
        state[b] = 2
        busy[b] = True
        t = b_wr[b] if own[2] else b_rd[b]
        if t < own_by or not owners:
            own_by = t
        owners.append(own)
        if listed >= 0:
            list_open(b)

    def refresh(now: int) -> int:
        """Refresh is due: issue its next command if it is legal; the cycle at which it is (was)."""
        nonlocal due, due_bank, opened, listed, act_ok, pre_all_ok, pre_ok, ref_ok, ref_b_ok, bus_ok, n_ref
        if refresh_mode == 1:
            if opened == 0:
                t = max(ref_ok, last_act + act_ref)
                if t <= now:
                    n_ref += 1
                    due -= 1
                    act_ok = max(act_ok, now + ref_act)
                    pre_all_ok = max(pre_all_ok, now + ref_pre_all)
                    bus_ok = now + bus_ref
                return t
            if owners or half is not None:
                return FAR
            t = max(pre_all_ok, pre_ok, last_rd + rd_pre_all, last_wr + wr_pre_all, last_act + act_pre_all)
            if t <= now:
                for b in range(banks):
                    state[b] = 0
                opened = 0
                listed = -1
                act_ok = max(act_ok, now + pre_all_act)
                pre_ok = now + pre_pre
                ref_ok = max(ref_ok, now + pre_ref)
                bus_ok = now + bus_pre
            return t
        b = due_bank
        if state[b] == 0:
            t = max(b_ref[b], ref_b_ok)
            if t <= now:
                n_ref += 1
                due -= 1
                due_bank = (b + 1) % banks
                b_act[b] = max(b_act[b], now + ref_b_act_b)
                ref_b_ok = now + ref_b_ref_b
                act_ok = max(act_ok, now + ref_b_act)
                bus_ok = now + bus_ref
            return t
        if busy[b] or state[b] == 1:
            return FAR
        t = max(b_pre[b], pre_ok, b_last_rd[b] + rd_pre, b_last_wr[b] + wr_pre)
        if t <= now:
            listed = -1
            close_row(b, now)
            pre_ok = now + pre_pre
            bus_ok = now + bus_pre
        return t

    def visit(now: int) -> int:
        nonlocal rd_ok, wr_ok, act_ok, pre_ok, bus_ok, wck_ok, hit_by, act_by, pre_by, own_by, last_rd, last_wr
        nonlocal last_act, mode, turn, opened, due, due_at, half, half_by, cas, last_return, n_act, n_rd, n_wr
        if now >= due_at:
            due_at += refresh_every
            due += 1
        kind = 0  # 1 data, 2 activate, 3 second half of it, 4 precharge, 5 refresh and what it needs
        left = -1  # the direction of the queue that a burst leaves
        soon = FAR
        own = None
        if cas is not None:
            b, w, e, own = cas
            t = max(wr_ok, b_wr[b], g_wr[grp[b]]) if w else max(rd_ok, b_rd[b], g_rd[grp[b]])
            if t > now:
                return t if t < due_at else due_at
            kind = 1
            cas = None
        elif half is not None and half_by <= now:
            kind = 3
        elif slow_bus and bus_ok > now:
            soon = bus_ok
            if turn and not due:
                choose_direction()
        else:
            if own_by <= now and owners:
                own_by = rd_ok if rd_ok < wr_ok else wr_ok
                if own_by <= now:
                    best = own_by = FAR
                    for x in owners:
                        i = x[1]
                        t = max(wr_ok, b_wr[i], g_wr[grp[i]]) if x[2] else max(rd_ok, b_rd[i], g_rd[grp[i]])
                        if t <= now and x[0] < best:
                            best = x[0]
                            own = x
                        if t < own_by:
                            own_by = t
                    if own is not None:
                        kind = 1
                        b = own[1]
                        w = own[2]
            if kind == 0:
                if due:
                    soon = refresh(now)
                    if soon <= now:
                        kind = 5
                else:
                    if turn:
                        choose_direction()
                    if listed != mode and room[reads + mode] != caps[mode]:
                        list_candidates()
                    if listed == mode:
                        best = FAR
                        if hit_by <= now and hits:
                            ok, b_ok, g_ok = (wr_ok, b_wr, g_wr) if mode else (rd_ok, b_rd, g_rd)
                            if ok > now:
                                hit_by = ok
                            else:
                                for i in hits:
                                    if hit_order[i] < best and g_ok[grp[i]] <= now and b_ok[i] <= now:
                                        best = hit_order[i]
                                        b = i
                                if best == FAR:
                                    hit_by = min([max(g_ok[grp[i]], b_ok[i]) for i in hits])
                                else:
                                    kind = 1
                        if acts and act_by <= now and half is None:
                            act_by = max(window[0] + four_act, act_ok)
                            if act_by <= now:
                                act_by = now + 1
                                for o, i in acts:
                                    if o > best:
                                        break
                                    if b_act[i] <= now and g_act[grp[i]] <= now:
                                        best = o
                                        b = i
                                        kind = 2
                                        break
                                else:
                                    act_by = min([max(g_act[grp[i]], b_act[i]) for o, i in acts])
                        if pres and pre_by <= now:
                            pre_by = pre_ok
                            if pre_by <= now:
                                pre_by = now + 1
                                for o, i in pres:
                                    if o > best:
                                        break
                                    if b_pre[i] <= now:
                                        b = i
                                        kind = 4
                                        break
                                else:
                                    pre_by = min([b_pre[i] for o, i in pres])
                    if kind == 1:
                        e = hit[b]
                        w = mode
            if kind == 1:
                if sync and now >= wck_ok:
                    wck_ok = max(last_rd + wck_rd, last_wr + wck_wr)
                    if now >= wck_ok:
                        if half is not None and half_by <= now + 1:
                            kind = 3
                        else:
                            # the data clock sleeps: synchronise it, then this burst goes in the next cycle
                            cas = (b, w, None if own is not None else e, own)
                            return now + 1
            elif kind == 0 and half is not None:
                kind = 3

        if kind == 1:
            if w:
                n_wr += 1
                last_wr = b_last_wr[b] = now
                wr_ok = now + wr_wr
                rd_ok = now + wr_rd
                g_wr[grp[b]] = now + wr_wr_g
                g_rd[grp[b]] = now + wr_rd_g
            else:
                n_rd += 1
                last_rd = b_last_rd[b] = now
                rd_ok = now + rd_rd
                wr_ok = now + rd_wr
                g_rd[grp[b]] = now + rd_rd_g
                last_return = now + data_back
            if own is None:
                queue = queues[w][b]
                queue.remove(e)
                left = w
                r = e[1]
                for f in queue:
                    if f[1] == r:
                        hit[b] = f
                        hit_order[b] = f[0]
                        break
                else:
                    hit[b] = None
                    hits.remove(b)
                if miss[b] is not None and not busy[b]:
                    t = now + (wr_pre if w else rd_pre)
                    if t > b_pre[b]:
                        b_pre[b] = t
                req = e[3]
            else:
                owners.remove(own)
                own_by = min([b_wr[o[1]] if o[2] else b_rd[o[1]] for o in owners], default=FAR)
                busy[b] = False
                if miss[b] is not None and listed >= 0:
                    list_closable(b)
                req = own[3]
            t = req[0] - 1
            req[0] = t
            if not t:
                finish(req, max(now, req[4]) if w else last_return)
            if slow_bus:
                bus_ok = now + bus_col
            if closed_page and not busy[b] and (listed < 0 or hit[b] is None):
                # closed page: the last burst of a row carries the precharge
                close_row(b, max(b_pre[b], b_last_rd[b] + rd_pre, b_last_wr[b] + wr_pre))
        elif kind == 2:
            e = miss[b]
            n_act += 1
            last_act = now
            b_act[b] = now + act_act_b
            b_rd[b] = now + act_rd
            b_wr[b] = now + act_wr
            b_pre[b] = now + act_pre
            b_ref[b] = now + act_ref_b
            g_act[grp[b]] = now + act_act_g
            act_ok = now + act_act
            del window[0]
            window.append(now)
            if slow_bus:
                bus_ok = now + bus_act
            opened += 1
            row[b] = e[1]
            state[b] = 1
            del queues[mode][b][0]
            left = mode
            miss[b] = None
            acts.remove((e[0], b))
            own = (e[2], b, mode, e[3])
            if split:
                half = own
                half_by = now + deadline
            else:
                open_row(b, own)
        elif kind == 3:
            open_row(half[1], half)
        elif kind == 4:
            pre_ok = now + pre_pre
            if slow_bus:
                bus_ok = now + bus_pre
            close_row(b, now)

        if left >= 0:
            i = reads + left
            t = room[i] + 1
            room[i] = t
            if waiting[i]:
                wake[0] = now
            elif t == caps[left]:
                turn = True
            if left and t > low_room:
                turn = True

        # the next cycle worth a visit: no later than the first in which a command can be legal
        if half is not None:
            return now + 1
        t = FAR
        if owners:
            t = max(own_by, rd_ok if rd_ok < wr_ok else wr_ok)
        if due:
            if kind:
                return now + 1
            if soon < t:
                t = soon
        elif turn:
            if mode == 0 and room[reads] == read_cap and room[writes] == write_cap:
                mode = 1
                turn = False
            else:
                return now + 1
        elif listed == mode:
            if hits:
                i = wr_ok if mode else rd_ok
                if hit_by > i:
                    i = hit_by
                if i < t:
                    t = i
            if acts:
                t = min(t, max(window[0] + four_act, act_ok, act_by))
            if pres:
                t = min(t, pre_ok if pre_ok > pre_by else pre_by)
        elif room[reads + mode] != caps[mode]:
            return now + 1
        if slow_bus and t < bus_ok:
            t = bus_ok
        if t <= now:
            return now + 1
        return t if t < due_at else due_at

    def insert(now: int, b: int, r: int, w: int, req: list[int], address: int) -> None:
        nonlocal hit_by, act_by, pre_by, order, turn
        e = (order, r, now, req, address)
        queues[w][b].append(e)
        i = reads + w
        room[i] -= 1
        t = FAR
        if listed == w:
            s = state[b]
            if s == 2 and row[b] == r:
                if hit[b] is None:
                    hit[b] = e
                    hit_order[b] = order
                    s = b_wr[b] if w else b_rd[b]
                    if s < hit_by or not hits:
                        hit_by = s
                    hits.append(b)
                    t = wr_ok if w else rd_ok
                    if s > t:
                        t = s
            elif miss[b] is None and s != 1:
                miss[b] = e
                if s == 0:
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

    def join_write(now: int, b: int, address: int) -> int:
        for e in queues[1][b]:
            if e[4] == address:
                return last_return if last_return > now else now + 1
        return -1

    visits[c] = 1
    return visit, insert, join_write, lambda: ChannelCounts(n_act, n_rd, n_wr, n_ref)
