"""One DRAM channel in plain Python: what its commands do, refresh, and the choice of the next command.

The registers of a channel are variables of nested functions, because those are what the interpreter reaches fastest.
The rules and the cycles are those of `compiled`, which says what they are; a property test compares the two.

A request is a list [bursts left, client, cycle it stepped to the head of its port, write, cycle of forwarded data]; an
owner, a burst for which its row was opened, is (cycle it came, bank, write, request, first cycle its bank allows, bank
group).
"""
# ruff: noqa: PLR0915

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from socsim.engine.memory.dram.interpreted_banks import CLOSED, HALF_OPEN, OPEN, make_banks
from socsim.engine.memory.dram.interpreted_ports import Ports
from socsim.engine.memory.dram.interpreted_queues import (
    ACTIVATE,
    ACTIVATE_2,
    DATA,
    NOTHING,
    PRECHARGE,
    REFRESHED,
    make_queues,
)
from socsim.engine.memory.dram.parameters import FAR, NEVER, ChannelCounts, ChannelParameters

Owner = tuple[int, int, int, list[int], int, int]


def make_channel(c: int, par: ChannelParameters, ports: Ports) -> tuple[Callable[..., Any], ...]:
    """The functions (visit, insert, join_write, counts) of channel `c`.

    `visit(now)` issues what is legal in cycle `now` and returns the next cycle worth a visit. `insert` queues a burst.
    `join_write` is the cycle at which a write still queued for its address serves a burst, or -1.
    """
    finish = ports.finish
    (
        _, banks, _, rd_rd, wr_wr, rd_wr, wr_rd, rd_rd_g, wr_wr_g, wr_rd_g, act_act, act_act_g, act_act_b,
        four_act, act_rd, act_wr, act_pre, act_pre_all, pre_act, pre_all_act, pre_pre, rd_pre, wr_pre, rd_pre_all,
        wr_pre_all, act_ref, pre_ref, ref_act, ref_pre_all, act_ref_b, pre_ref_b, ref_b_ref_b, ref_b_act, ref_b_act_b,
        refresh_mode, refresh_every, split, deadline, wck_rd, wck_wr, data_back, bus_act, bus_col, bus_pre, bus_ref, *_,
    ) = par  # fmt: skip
    sync, slow_bus, closed_page = wck_rd > 0, max(bus_act, bus_col, bus_pre) > 1, par.page_policy == 1
    bank = make_banks(par)
    state, row, grp, busy, b_act, b_pre, b_rd, b_wr, b_ref, b_last_rd, b_last_wr, g_rd, g_wr, g_act = bank
    queued = make_queues(c, par, ports, bank)
    hit, miss, choose, next_at, take = queued.hit, queued.miss, queued.choose, queued.next_at, queued.take
    row_opened, row_closed, may_close = queued.row_opened, queued.row_closed, queued.may_close
    closable_at, forget, turn_if_due = queued.closable_at, queued.forget, queued.turn_if_due
    owners: list[Owner] = []
    own_by = FAR  # no owner is ready before
    rd_ok = wr_ok = act_ok = pre_ok = ref_ok = pre_all_ok = ref_b_ok = bus_ok = wck_ok = 0
    last_rd = last_wr = last_act = NEVER
    window = [NEVER] * 4  # the last four activations
    opened = due = due_bank = last_return = half_by = 0
    due_at = refresh_every if refresh_mode else FAR
    half: Any = None  # owner of a half-finished activation
    cas: Any = None  # (bank, write, burst, owner) that waits for the data clock
    n_act = n_rd = n_wr = n_ref = 0

    def close_row(b: int, at: int) -> None:
        nonlocal opened, ref_ok
        state[b] = CLOSED
        opened -= 1
        if at + pre_act > b_act[b]:
            b_act[b] = at + pre_act
        if at + pre_ref_b > b_ref[b]:
            b_ref[b] = at + pre_ref_b
        if at + pre_ref > ref_ok:
            ref_ok = at + pre_ref
        row_closed(b)

    def open_row(own: Owner) -> None:
        nonlocal half, own_by
        half = None
        b = own[1]
        state[b] = OPEN
        busy[b] = True
        if own[4] < own_by or not owners:
            own_by = own[4]
        owners.append(own)
        row_opened(b)

    def refresh(now: int) -> int:
        """Refresh is due: issue its next command if it is legal; the cycle at which it is (was)."""
        return refresh_all(now) if refresh_mode == 1 else refresh_bank(now)

    def refresh_all(now: int) -> int:
        nonlocal due, opened, act_ok, pre_all_ok, pre_ok, ref_ok, bus_ok, n_ref
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
                state[b] = CLOSED
            opened = 0
            forget()
            act_ok = max(act_ok, now + pre_all_act)
            pre_ok = now + pre_pre
            ref_ok = max(ref_ok, now + pre_ref)
            bus_ok = now + bus_pre
        return t

    def refresh_bank(now: int) -> int:
        nonlocal due, due_bank, act_ok, pre_ok, ref_b_ok, bus_ok, n_ref
        b = due_bank
        if state[b] == CLOSED:
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
        if busy[b] or state[b] == HALF_OPEN:
            return FAR
        t = max(pre_ok, closable_at(b))
        if t <= now:
            forget()
            close_row(b, now)
            pre_ok = now + pre_pre
            bus_ok = now + bus_pre
        return t

    def choose_owner(now: int) -> Any:
        """The oldest ready burst whose row was opened for it."""
        nonlocal own_by
        best = own_by = FAR
        found = None
        for own in owners:
            t = own[4]
            if own[2]:
                ok, g = wr_ok, g_wr[own[5]]
            else:
                ok, g = rd_ok, g_rd[own[5]]
            if ok > t:
                t = ok
            if g > t:
                t = g
            if t > now:
                if t < own_by:
                    own_by = t
            elif own[0] < best:
                best = own[0]
                found = own
        if found is not None:
            own_by = now
        return found

    def transfer(now: int, b: int, w: int, e: Any, own: Any) -> None:
        """Read or write the burst `e` of a queue, or that of an owner."""
        nonlocal rd_ok, wr_ok, last_rd, last_wr, last_return, own_by, bus_ok, n_rd, n_wr
        g = grp[b]
        if w:
            n_wr += 1
            last_wr = b_last_wr[b] = now
            wr_ok = now + wr_wr
            rd_ok = now + wr_rd
            g_wr[g] = now + wr_wr_g
            g_rd[g] = now + wr_rd_g
        else:
            n_rd += 1
            last_rd = b_last_rd[b] = now
            rd_ok = now + rd_rd
            wr_ok = now + rd_wr
            g_rd[g] = now + rd_rd_g
            last_return = now + data_back
        if own is None:
            take(now, b, w, e)
            if miss[b] is not None and not busy[b]:
                t = now + (wr_pre if w else rd_pre)
                if t > b_pre[b]:
                    b_pre[b] = t
            req = e[3]
        else:
            owners.remove(own)
            own_by = min([other[4] for other in owners], default=FAR)
            busy[b] = False
            may_close(b)
            req = own[3]
        t = req[0] - 1
        req[0] = t
        if not t:
            finish(req, max(now, req[4]) if w else last_return)
        if slow_bus:
            bus_ok = now + bus_col
        if closed_page and not busy[b] and hit[b] is None:
            # closed page: the last burst of a row carries the precharge
            close_row(b, closable_at(b))

    def activate(now: int, b: int, w: int, e: Any) -> None:
        """The first half of an activation, or all of it, for the oldest burst of a closed bank."""
        nonlocal last_act, act_ok, bus_ok, opened, half, half_by, n_act
        g = grp[b]
        n_act += 1
        last_act = now
        b_act[b] = now + act_act_b
        b_rd[b] = now + act_rd
        b_wr[b] = now + act_wr
        b_pre[b] = now + act_pre
        b_ref[b] = now + act_ref_b
        g_act[g] = now + act_act_g
        del window[0]
        window.append(now)
        act_ok = max(now + act_act, window[0] + four_act)
        if slow_bus:
            bus_ok = now + bus_act
        opened += 1
        row[b] = e[1]
        state[b] = HALF_OPEN
        take(now, b, w, e)
        own = (e[2], b, w, e[3], b_wr[b] if w else b_rd[b], g)
        if split:
            half = own
            half_by = now + deadline
        else:
            open_row(own)

    def visit(now: int) -> int:
        nonlocal due, due_at, cas, pre_ok, bus_ok, wck_ok, own_by
        if now >= due_at:
            due_at += refresh_every
            due += 1
        kind = NOTHING
        soon = FAR
        own = None
        if cas is not None:
            b, w, e, own = cas
            t = max(wr_ok, b_wr[b], g_wr[grp[b]]) if w else max(rd_ok, b_rd[b], g_rd[grp[b]])
            if t > now:
                return t if t < due_at else due_at
            kind = DATA
            cas = None
        elif half is not None and half_by <= now:
            kind = ACTIVATE_2
        elif slow_bus and bus_ok > now:
            soon = bus_ok
            if not due:
                turn_if_due()
        else:
            if own_by <= now and owners:
                own_by = rd_ok if rd_ok < wr_ok else wr_ok
                if own_by <= now:
                    own = choose_owner(now)
            if own is not None:
                kind = DATA
                b, w, e = own[1], own[2], None
            elif due:
                soon = refresh(now)
                if soon <= now:
                    kind = REFRESHED
            else:
                kind, b, w, e = choose(now, rd_ok, wr_ok, act_ok if half is None else FAR, pre_ok)
            if kind == DATA:
                if sync and now >= wck_ok:
                    wck_ok = max(last_rd + wck_rd, last_wr + wck_wr)
                    if now >= wck_ok:
                        if half is not None and half_by <= now + 1:
                            kind = ACTIVATE_2
                        else:
                            # the data clock sleeps: synchronise it, then this burst goes in the next cycle
                            cas = (b, w, e, own)
                            return now + 1
            elif kind == NOTHING and half is not None:
                kind = ACTIVATE_2

        if kind == DATA:
            transfer(now, b, w, e, own)
        elif kind == ACTIVATE:
            activate(now, b, w, e)
        elif kind == ACTIVATE_2:
            open_row(half)
        elif kind == PRECHARGE:
            pre_ok = now + pre_pre
            if slow_bus:
                bus_ok = now + bus_pre
            close_row(b, now)

        # the next cycle worth a visit: no later than the first in which a command can be legal
        if half is not None:
            return now + 1
        if due:
            if kind:
                return now + 1
            t = soon
        else:
            t = next_at(now, rd_ok, wr_ok, act_ok, pre_ok)
        if owners:
            i = rd_ok if rd_ok < wr_ok else wr_ok
            if own_by > i:
                i = own_by
            if i < t:
                t = i
        if t <= now + 1:
            return now + 1
        if slow_bus and t < bus_ok:
            t = bus_ok
        return t if t < due_at else due_at

    def join_write(now: int, b: int, address: int) -> int:
        for e in queued.bursts[1][b]:
            if e[4] == address:
                return last_return if last_return > now else now + 1
        return -1

    ports.visits[c] = 1
    return visit, queued.insert, join_write, lambda: ChannelCounts(n_act, n_rd, n_wr, n_ref)
