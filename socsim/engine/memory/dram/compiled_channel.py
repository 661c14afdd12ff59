"""Compiled engine: what a command does to its bank, its bank group, its channel and the request it serves."""

from __future__ import annotations

from socsim.engine.memory.dram.compiled_command import (
    ACTIVATE,
    ACTIVATE_2,
    BOTH,
    COLUMN,
    DATA,
    NOTHING,
    PRECHARGE,
    REFRESHED,
    ROW,
    choose_direction,
    choose_owner,
    choose_queued,
    close_row,
    column_ok,
    idle_row,
    list_bank,
    refresh,
)
from socsim.engine.memory.dram.compiled_memory import (
    B_ACT,
    B_BUSY,
    B_GROUP,
    B_HEAD,
    B_HIT,
    B_LAST,
    B_MISS,
    B_PRE,
    B_READ,
    B_REFRESH,
    B_ROW,
    B_SERVED,
    B_STATE,
    B_TAIL,
    B_WRITE,
    BANK,
    C_ACT,
    C_ACT_1,
    C_ACT_2,
    C_ACT_3,
    C_ACT_4,
    C_ACTIVATES,
    C_BANK_AT,
    C_BUS,
    C_DUE,
    C_DUE_AT,
    C_FREE,
    C_HALF,
    C_HALF_BY,
    C_LAST_RETURN,
    C_LISTED,
    C_MODE,
    C_OPEN,
    C_OWNERS,
    C_OWNERS_AT,
    C_POOL,
    C_PRE,
    C_PRE_ALL,
    C_READ,
    C_READ_BURSTS,
    C_REFRESH,
    C_ROOM,
    C_VISIT,
    C_WAITING,
    C_WAITS,
    C_WCK,
    C_WRITE,
    C_WRITE_BURSTS,
    E_BANK,
    E_NEXT,
    E_OWN,
    E_PREV,
    E_REQUEST,
    E_ROW,
    E_WRITE,
    G_ACT,
    G_READ,
    G_WRITE,
    K_BACK_END,
    K_BACK_FIRST,
    K_BLOCKED,
    K_HISTOGRAM,
    K_LAST_BACK,
    K_LATENCY,
    K_LEFT,
    K_PENDING,
    K_POSTED,
    K_READS,
    K_RETURNS,
    P_ACT_TO_ACT,
    P_ACT_TO_ACT_BANK,
    P_ACT_TO_ACT_GROUP,
    P_ACT_TO_PRE,
    P_ACT_TO_PRE_ALL,
    P_ACT_TO_READ,
    P_ACT_TO_REFRESH,
    P_ACT_TO_REFRESH_BANK,
    P_ACT_TO_WRITE,
    P_ACTIVATE2_DEADLINE,
    P_BANKS,
    P_BUS_ACT,
    P_BUS_COLUMN,
    P_BUS_PRE,
    P_PAGE_POLICY,
    P_PRE_TO_PRE,
    P_READ_LATENCY,
    P_READ_QUEUE,
    P_READ_TO_PRE,
    P_READ_TO_PRE_ALL,
    P_READ_TO_READ,
    P_READ_TO_READ_GROUP,
    P_READ_TO_WRITE,
    P_REFRESH_INTERVAL,
    P_SPLIT_ACTIVATE,
    P_TWO_COMMAND_BUSES,
    P_WCK_AFTER_READ,
    P_WCK_AFTER_WRITE,
    P_WRITE_TO_PRE,
    P_WRITE_TO_PRE_ALL,
    P_WRITE_TO_READ,
    P_WRITE_TO_READ_GROUP,
    P_WRITE_TO_WRITE,
    P_WRITE_TO_WRITE_GROUP,
    Q_CLIENT,
    Q_FORWARDED,
    Q_LEFT,
    Q_START,
    Q_WRITE,
    R_EACH,
    R_FREE,
    R_LIVE,
    R_REQUEST_POOL,
    R_RING,
    R_STOP,
    R_UNTIL,
    R_WAKE,
    R_WARM,
    Memory,
)  # fmt: skip
from socsim.engine.memory.dram.parameters import FAR, HISTOGRAM_BINS, HISTOGRAM_FINE


def finish(m: Memory, r: int, when: int) -> None:
    """The last burst of request `r` is on its way: its data is back at cycle `when`."""
    k = m[r + Q_CLIENT]
    w = m[r + Q_WRITE]
    if m[R_WARM] < when <= m[R_UNTIL]:
        latency = when - m[r + Q_START]
        m[k + K_READS + w] += 1
        m[k + K_LATENCY + w] += latency
        if latency >= HISTOGRAM_FINE:
            if latency < 65536:
                latency = HISTOGRAM_FINE + (latency >> 5)
            else:
                latency = min(2 * HISTOGRAM_FINE + (latency >> 10), HISTOGRAM_BINS - 1)
        m[m[k + K_HISTOGRAM] + w * HISTOGRAM_BINS + latency] += 1
    if m[k + K_LEFT] >= 0:
        m[R_LIVE] -= 1
        if m[R_LIVE] == 0 and when < m[R_STOP]:
            m[R_STOP] = when
        m[k + K_PENDING] -= 1
        m[k + K_LAST_BACK] = max(m[k + K_LAST_BACK], when)
        if m[k + K_PENDING] == 0 and m[R_EACH] != 0:
            m[R_STOP] = min(m[R_STOP], m[k + K_LAST_BACK])
    m[m[R_REQUEST_POOL] + m[R_FREE]] = r
    m[R_FREE] += 1
    if m[k + K_POSTED] != 0 and w != 0:
        return
    # in order of return: later than the last, except behind data taken from a queued write
    ring = m[k + K_RETURNS]
    mask = m[R_RING] - 1
    i = m[k + K_BACK_END]
    m[k + K_BACK_END] += 1
    while i > m[k + K_BACK_FIRST] and m[ring + ((i - 1) & mask)] > when:
        m[ring + (i & mask)] = m[ring + ((i - 1) & mask)]
        i -= 1
    m[ring + (i & mask)] = when
    if m[k + K_BLOCKED] == -2:
        m[R_WAKE] = min(m[R_WAKE], m[ring + (m[k + K_BACK_FIRST] & mask)])


def leave_queue(m: Memory, ch: int, e: int, now: int) -> None:
    """Burst `e` leaves the queue of its bank; ports that wait for a place look again in this cycle."""
    w = m[e + E_WRITE]
    bk = m[e + E_BANK]
    before = m[e + E_PREV]
    after = m[e + E_NEXT]
    if before >= 0:
        m[before + E_NEXT] = after
    else:
        m[bk + B_HEAD + w] = after
    if after >= 0:
        m[after + E_PREV] = before
    else:
        m[bk + B_TAIL + w] = before
    m[ch + C_ROOM + w] += 1
    if m[ch + C_WAITING + w] > 0:
        m[R_WAKE] = now


def open_row(m: Memory, ch: int, e: int) -> None:
    """The activation for burst `e` is complete."""
    bk = m[e + E_BANK]
    m[ch + C_HALF] = -1
    m[bk + B_STATE] = 2
    m[bk + B_BUSY] = 1
    m[e + E_OWN] = 1
    m[m[ch + C_OWNERS_AT] + m[ch + C_OWNERS]] = e
    m[ch + C_OWNERS] += 1
    if m[ch + C_LISTED] >= 0:
        list_bank(m, bk, m[ch + C_LISTED])


def activate(m: Memory, ch: int, e: int, now: int) -> None:
    """Activate the row of burst `e`, which leaves its queue."""
    bk = m[e + E_BANK]
    m[bk + B_STATE] = 1
    m[bk + B_ROW] = m[e + E_ROW]
    m[bk + B_HIT] = -1
    m[bk + B_MISS] = -1
    m[bk + B_SERVED] = 0
    m[bk + B_ACT] = now + m[P_ACT_TO_ACT_BANK]
    m[bk + B_READ] = now + m[P_ACT_TO_READ]
    m[bk + B_WRITE] = now + m[P_ACT_TO_WRITE]
    m[bk + B_PRE] = max(m[bk + B_PRE], now + m[P_ACT_TO_PRE])
    m[bk + B_REFRESH] = now + m[P_ACT_TO_REFRESH_BANK]
    m[m[bk + B_GROUP] + G_ACT] = now + m[P_ACT_TO_ACT_GROUP]
    m[ch + C_ACT] = now + m[P_ACT_TO_ACT]
    m[ch + C_PRE_ALL] = max(m[ch + C_PRE_ALL], now + m[P_ACT_TO_PRE_ALL])
    m[ch + C_REFRESH] = max(m[ch + C_REFRESH], now + m[P_ACT_TO_REFRESH])
    m[ch + C_BUS] = now + m[P_BUS_ACT]
    m[ch + C_ACT_1] = m[ch + C_ACT_2]
    m[ch + C_ACT_2] = m[ch + C_ACT_3]
    m[ch + C_ACT_3] = m[ch + C_ACT_4]
    m[ch + C_ACT_4] = now
    m[ch + C_OPEN] += 1
    m[ch + C_ACTIVATES] += 1
    leave_queue(m, ch, e, now)
    if m[P_SPLIT_ACTIVATE] != 0:
        m[ch + C_HALF] = e
        m[ch + C_HALF_BY] = now + m[P_ACTIVATE2_DEADLINE]
    else:
        open_row(m, ch, e)


def transfer(m: Memory, ch: int, e: int, now: int) -> None:
    """Read or write burst `e`: the constraints it sets."""
    bk = m[e + E_BANK]
    g = m[bk + B_GROUP]
    if m[e + E_WRITE] == 0:
        m[ch + C_READ_BURSTS] += 1
        m[ch + C_LAST_RETURN] = now + m[P_READ_LATENCY]
        m[ch + C_READ] = now + m[P_READ_TO_READ]
        m[ch + C_WRITE] = now + m[P_READ_TO_WRITE]
        m[g + G_READ] = now + m[P_READ_TO_READ_GROUP]
        m[bk + B_PRE] = max(m[bk + B_PRE], now + m[P_READ_TO_PRE])
        m[ch + C_PRE_ALL] = max(m[ch + C_PRE_ALL], now + m[P_READ_TO_PRE_ALL])
        m[ch + C_WCK] = max(m[ch + C_WCK], now + m[P_WCK_AFTER_READ])
    else:
        m[ch + C_WRITE_BURSTS] += 1
        m[ch + C_WRITE] = now + m[P_WRITE_TO_WRITE]
        m[ch + C_READ] = now + m[P_WRITE_TO_READ]
        m[g + G_WRITE] = now + m[P_WRITE_TO_WRITE_GROUP]
        m[g + G_READ] = now + m[P_WRITE_TO_READ_GROUP]
        m[bk + B_PRE] = max(m[bk + B_PRE], now + m[P_WRITE_TO_PRE])
        m[ch + C_PRE_ALL] = max(m[ch + C_PRE_ALL], now + m[P_WRITE_TO_PRE_ALL])
        m[ch + C_WCK] = max(m[ch + C_WCK], now + m[P_WCK_AFTER_WRITE])
    m[bk + B_SERVED] += 1
    m[bk + B_LAST] = now
    m[ch + C_BUS] = now + m[P_BUS_COLUMN]


def serve_burst(m: Memory, ch: int, e: int, now: int) -> None:
    """Put burst `e` on the data bus, and finish its request where it is the last."""
    transfer(m, ch, e, now)
    bk = m[e + E_BANK]
    if m[e + E_OWN] != 0:
        m[bk + B_BUSY] = 0
        m[ch + C_OWNERS] -= 1
        i = m[ch + C_OWNERS_AT]
        last = i + m[ch + C_OWNERS]
        while m[i] != e:
            i += 1
        while i < last:
            m[i] = m[i + 1]
            i += 1
    else:
        leave_queue(m, ch, e, now)
        following = m[e + E_NEXT]
        while following >= 0 and m[following + E_ROW] != m[bk + B_ROW]:
            following = m[following + E_NEXT]
        m[bk + B_HIT] = following
    r = m[e + E_REQUEST]
    m[r + Q_LEFT] -= 1
    if m[r + Q_LEFT] == 0:
        finish(m, r, m[ch + C_LAST_RETURN] if m[e + E_WRITE] == 0 else max(now, m[r + Q_FORWARDED]))
    m[m[ch + C_POOL] + m[ch + C_FREE]] = e
    m[ch + C_FREE] += 1
    if m[P_PAGE_POLICY] == 1 and m[bk + B_BUSY] == 0 and (m[ch + C_LISTED] < 0 or m[bk + B_HIT] < 0):
        close_row(m, ch, bk, m[bk + B_PRE])  # closed page: the last burst of a row carries the precharge


def choose(m: Memory, ch: int, now: int, part: int) -> tuple[int, int, int]:
    """(kind, burst or bank, first cycle) of the command of a free bus, or NOTHING and when there will be one."""
    kind = NOTHING
    e = -1
    soon = FAR
    if m[ch + C_OWNERS] > 0 and part != ROW:
        e, soon = choose_owner(m, ch, now)
        if e >= 0:
            kind = DATA
    if kind == NOTHING and m[ch + C_DUE] > 0:
        if part != COLUMN:
            t = refresh(m, ch, now)
            if t <= now:
                kind = REFRESHED
            soon = min(soon, t)
    elif kind == NOTHING:
        choose_direction(m, ch)
        mode = m[ch + C_MODE]
        if m[ch + C_ROOM + mode] != m[P_READ_QUEUE + mode]:
            if m[ch + C_LISTED] != mode:
                m[ch + C_LISTED] = mode
                bk = m[ch + C_BANK_AT]
                for _ in range(m[P_BANKS]):
                    list_bank(m, bk, mode)
                    bk += BANK
            kind, e, t = choose_queued(m, ch, now, part)
            soon = min(soon, t)
    if kind == NOTHING and part != COLUMN:
        if m[ch + C_HALF] >= 0:
            kind = ACTIVATE_2
        elif m[P_PAGE_POLICY] == 2 and m[ch + C_DUE] == 0:
            e, t = idle_row(m, ch, now)
            if e >= 0:
                kind = PRECHARGE
            soon = min(soon, t)
    return kind, e, soon


def step(m: Memory, ch: int, now: int, part: int) -> int:
    """Let a channel issue one command in cycle `now`; the next cycle worth a visit."""
    kind = NOTHING
    e = -1
    soon = FAR
    if m[ch + C_WAITS] >= 0:
        e = m[ch + C_WAITS]
        t = column_ok(m, ch, m[e + E_BANK], m[e + E_WRITE])
        if t > now:
            return t
        kind = DATA
        m[ch + C_WAITS] = -1
    elif m[ch + C_HALF] >= 0 and m[ch + C_HALF_BY] <= now:
        kind = ACTIVATE_2
    elif m[ch + C_BUS] > now:
        soon = m[ch + C_BUS]
        if m[ch + C_DUE] == 0:
            choose_direction(m, ch)
    else:
        kind, e, soon = choose(m, ch, now, part)
        if kind == DATA and m[P_WCK_AFTER_READ] > 0 and now >= m[ch + C_WCK]:
            if m[ch + C_HALF] >= 0 and m[ch + C_HALF_BY] <= now + 1:
                kind = ACTIVATE_2
            else:
                # the data clock sleeps: synchronise it, then this burst goes in the next cycle
                m[ch + C_WAITS] = e
                return now + 1
    if kind == NOTHING:
        return max(soon, now + 1)
    if kind == DATA:
        serve_burst(m, ch, e, now)
    elif kind == ACTIVATE:
        activate(m, ch, e, now)
    elif kind == ACTIVATE_2:
        open_row(m, ch, m[ch + C_HALF])
    elif kind == PRECHARGE:
        m[ch + C_PRE] = now + m[P_PRE_TO_PRE]
        m[ch + C_BUS] = now + m[P_BUS_PRE]
        # an idle row is a bank of this channel, anything else a burst that needs another row
        bank_at = m[ch + C_BANK_AT]
        close_row(m, ch, e if bank_at <= e < bank_at + m[P_BANKS] * BANK else m[e + E_BANK], now)
    return now + 1


def visit(m: Memory, ch: int, now: int) -> None:
    """Cycle `now` of a channel."""
    if now >= m[ch + C_DUE_AT]:
        m[ch + C_DUE_AT] += m[P_REFRESH_INTERVAL]
        m[ch + C_DUE] += 1
    t = step(m, ch, now, BOTH if m[P_TWO_COMMAND_BUSES] == 0 else COLUMN)
    if m[P_TWO_COMMAND_BUSES] != 0:
        t = min(t, step(m, ch, now, ROW))
    m[ch + C_VISIT] = min(t, m[ch + C_DUE_AT])
