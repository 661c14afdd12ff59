"""Compiled engine: the choice of a channel's next command, and refresh.

Priorities in a cycle: the second half of an activation whose deadline has come; a burst that waited for the data clock;
bursts whose row was opened for them; refresh, before which nothing else is served; then one direction's queue by the
scheduler (first ready, first come, where a precharge, an activation and a data burst count alike); the second half of
an activation fills a cycle that is left. **Source:** Ramulator 2.1 (CMU-SAFARI/ramulator2, commit c5b1c3a), its
controllers and schedulers FRFCFS and FRFCFS-RowHit; the cap and the timeout are our own.

Arguments throughout: `m` the memory, `ch` a channel, `bk` a bank, `e` a burst (addresses), `now` the cycle.
"""

from __future__ import annotations

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
    B_WRITE,
    BANK,
    C_ACT,
    C_ACT_1,
    C_BANK_AT,
    C_BUS,
    C_DUE,
    C_DUE_BANK,
    C_HALF,
    C_LISTED,
    C_MODE,
    C_OPEN,
    C_OWNERS,
    C_OWNERS_AT,
    C_PRE,
    C_PRE_ALL,
    C_READ,
    C_REFRESH,
    C_REFRESH_BANK,
    C_REFRESHES,
    C_ROOM,
    C_ROOM_WRITE,
    C_WRITE,
    E_BANK,
    E_CAME,
    E_NEXT,
    E_ORDER,
    E_ROW,
    E_WRITE,
    G_ACT,
    G_READ,
    G_WRITE,
    P_BANKS,
    P_BUS_PRE,
    P_BUS_REFRESH,
    P_FOUR_ACTIVATES,
    P_PAGE_TIMEOUT,
    P_PRE_ALL_TO_ACT,
    P_PRE_TO_ACT,
    P_PRE_TO_PRE,
    P_PRE_TO_REFRESH,
    P_PRE_TO_REFRESH_BANK,
    P_READ_QUEUE,
    P_REFRESH_BANK_TO_ACT,
    P_REFRESH_BANK_TO_ACT_BANK,
    P_REFRESH_BANK_TO_REFRESH_BANK,
    P_REFRESH_MODE,
    P_REFRESH_TO_ACT,
    P_REFRESH_TO_PRE_ALL,
    P_ROW_HIT_CAP,
    P_SCHEDULER,
    P_WRITE_HIGH,
    P_WRITE_LOW,
    P_WRITE_QUEUE,
    Memory,
)  # fmt: skip
from socsim.engine.memory.dram.parameters import FAR

NOTHING, DATA, ACTIVATE, ACTIVATE_2, PRECHARGE, REFRESHED = range(6)
BOTH, COLUMN, ROW = range(3)


def column_ok(m: Memory, ch: int, bk: int, write: int) -> int:
    """First cycle in which a read or write of an open bank is legal."""
    t: int
    if write != 0:
        t = max(m[ch + C_WRITE], m[bk + B_WRITE], m[m[bk + B_GROUP] + G_WRITE])
    else:
        t = max(m[ch + C_READ], m[bk + B_READ], m[m[bk + B_GROUP] + G_READ])
    return t


def choose_direction(m: Memory, ch: int) -> None:
    """Turn to writes where many wait or no read does, back to reads where few are left."""
    writes = m[P_WRITE_QUEUE] - m[ch + C_ROOM_WRITE]
    if m[ch + C_MODE] == 0:
        if writes > m[P_WRITE_HIGH] or m[ch + C_ROOM] == m[P_READ_QUEUE]:
            m[ch + C_MODE] = 1
    elif writes < m[P_WRITE_LOW] and m[ch + C_ROOM] != m[P_READ_QUEUE]:
        m[ch + C_MODE] = 0


def list_bank(m: Memory, bk: int, mode: int) -> None:
    """The oldest burst of direction `mode` that hits the bank's open row, and the oldest that does not."""
    hit = -1
    miss = -1
    e = m[bk + B_HEAD + mode]
    if m[bk + B_STATE] == 0:
        miss = e
    elif m[bk + B_STATE] == 2:
        row = m[bk + B_ROW]
        while e >= 0 and (hit < 0 or miss < 0):
            if m[e + E_ROW] == row:
                if hit < 0:
                    hit = e
            elif miss < 0:
                miss = e
            e = m[e + E_NEXT]
    m[bk + B_HIT] = hit
    m[bk + B_MISS] = miss


def close_row(m: Memory, ch: int, bk: int, at: int) -> None:
    """The row of a bank closes at cycle `at`."""
    m[bk + B_STATE] = 0
    m[ch + C_OPEN] -= 1
    m[bk + B_ACT] = max(m[bk + B_ACT], at + m[P_PRE_TO_ACT])
    m[bk + B_REFRESH] = max(m[bk + B_REFRESH], at + m[P_PRE_TO_REFRESH_BANK])
    m[ch + C_REFRESH] = max(m[ch + C_REFRESH], at + m[P_PRE_TO_REFRESH])
    if m[ch + C_LISTED] >= 0:
        list_bank(m, bk, m[ch + C_LISTED])


def refresh_all(m: Memory, ch: int, now: int) -> int:
    """Refresh of all banks is due: precharge, then refresh. The cycle at which the next command is (was) legal."""
    if m[ch + C_OPEN] == 0:
        t: int = m[ch + C_REFRESH]
        if t <= now:
            m[ch + C_REFRESHES] += 1
            m[ch + C_DUE] -= 1
            m[ch + C_ACT] = max(m[ch + C_ACT], now + m[P_REFRESH_TO_ACT])
            m[ch + C_PRE_ALL] = max(m[ch + C_PRE_ALL], now + m[P_REFRESH_TO_PRE_ALL])
            m[ch + C_BUS] = now + m[P_BUS_REFRESH]
        return t
    if m[ch + C_OWNERS] > 0 or m[ch + C_HALF] >= 0:
        return FAR
    t = max(m[ch + C_PRE_ALL], m[ch + C_PRE])
    if t <= now:
        bk = m[ch + C_BANK_AT]
        for _ in range(m[P_BANKS]):
            m[bk + B_STATE] = 0
            bk += BANK
        m[ch + C_OPEN] = 0
        m[ch + C_LISTED] = -1
        m[ch + C_ACT] = max(m[ch + C_ACT], now + m[P_PRE_ALL_TO_ACT])
        m[ch + C_PRE] = now + m[P_PRE_TO_PRE]
        m[ch + C_REFRESH] = max(m[ch + C_REFRESH], now + m[P_PRE_TO_REFRESH])
        m[ch + C_BUS] = now + m[P_BUS_PRE]
    return t


def refresh_bank(m: Memory, ch: int, now: int) -> int:
    """Refresh of one bank is due, in turn: precharge it if it is open, then refresh it."""
    bk = m[ch + C_BANK_AT] + m[ch + C_DUE_BANK] * BANK
    if m[bk + B_STATE] == 0:
        t: int = max(m[bk + B_REFRESH], m[ch + C_REFRESH_BANK])
        if t <= now:
            m[ch + C_REFRESHES] += 1
            m[ch + C_DUE] -= 1
            m[ch + C_DUE_BANK] = m[ch + C_DUE_BANK] + 1 if m[ch + C_DUE_BANK] + 1 < m[P_BANKS] else 0
            m[bk + B_ACT] = max(m[bk + B_ACT], now + m[P_REFRESH_BANK_TO_ACT_BANK])
            m[ch + C_REFRESH_BANK] = now + m[P_REFRESH_BANK_TO_REFRESH_BANK]
            m[ch + C_ACT] = max(m[ch + C_ACT], now + m[P_REFRESH_BANK_TO_ACT])
            m[ch + C_BUS] = now + m[P_BUS_REFRESH]
        return t
    if m[bk + B_BUSY] != 0 or m[bk + B_STATE] == 1:
        return FAR
    t = max(m[bk + B_PRE], m[ch + C_PRE])
    if t <= now:
        m[ch + C_LISTED] = -1
        close_row(m, ch, bk, now)
        m[ch + C_PRE] = now + m[P_PRE_TO_PRE]
        m[ch + C_BUS] = now + m[P_BUS_PRE]
    return t


def refresh(m: Memory, ch: int, now: int) -> int:
    """Refresh is due: issue its next command if it is legal; the cycle at which it is (was)."""
    if m[P_REFRESH_MODE] == 1:
        return refresh_all(m, ch, now)
    return refresh_bank(m, ch, now)


def choose_owner(m: Memory, ch: int, now: int) -> tuple[int, int]:
    """(burst, first cycle): the oldest ready burst whose row was opened for it, or -1 and when there will be one."""
    best = -1
    soon = FAR
    for i in range(m[ch + C_OWNERS_AT], m[ch + C_OWNERS_AT] + m[ch + C_OWNERS]):
        e = m[i]
        t = column_ok(m, ch, m[e + E_BANK], m[e + E_WRITE])
        if t > now:
            soon = min(soon, t)
        elif best < 0 or m[e + E_CAME] < m[best + E_CAME]:
            best = e
    return best, soon


def oldest_order(m: Memory, ch: int, mode: int) -> int:
    """Order of the oldest burst of one direction."""
    oldest = FAR
    bk = m[ch + C_BANK_AT]
    for _ in range(m[P_BANKS]):
        e = m[bk + B_HEAD + mode]
        if e >= 0:
            oldest = min(oldest, m[e + E_ORDER])
        bk += BANK
    return oldest


def row_stays(m: Memory, bk: int, hit: int, miss: int) -> bool:
    """A hit of an open row keeps it open: an older one, or with a cap any until the cap is reached."""
    if m[P_SCHEDULER] == 2:
        return bool(m[hit + E_CAME] <= m[miss + E_CAME])
    if m[P_SCHEDULER] == 3:
        return bool(m[bk + B_SERVED] < m[P_ROW_HIT_CAP] or m[hit + E_ORDER] < m[miss + E_ORDER])
    return False


def choose_queued(m: Memory, ch: int, now: int, part: int) -> tuple[int, int, int]:
    """(kind, burst, first cycle) of the direction's queue: the command, or NOTHING and when there will be one."""
    kind = NOTHING
    best = -1
    soon = FAR
    mode = m[ch + C_MODE]
    # strictly in order, only the oldest burst of all may have its next command
    oldest = oldest_order(m, ch, mode) + 1 if m[P_SCHEDULER] == 1 else FAR
    column = m[ch + C_WRITE] if mode != 0 else m[ch + C_READ]
    activate = FAR if m[ch + C_HALF] >= 0 else max(m[ch + C_ACT], m[ch + C_ACT_1] + m[P_FOUR_ACTIVATES])
    bk = m[ch + C_BANK_AT] - BANK
    for _ in range(m[P_BANKS]):
        bk += BANK
        hit = m[bk + B_HIT]
        miss = m[bk + B_MISS]
        if hit >= 0 and part != ROW:
            if column > now:
                soon = min(soon, column)
            else:
                t = column_ok(m, ch, bk, mode)
                if t > now:
                    soon = min(soon, t)
                elif m[hit + E_ORDER] < oldest:
                    capped = m[P_SCHEDULER] == 3 and m[bk + B_SERVED] >= m[P_ROW_HIT_CAP] and miss >= 0
                    if not (capped and m[miss + E_ORDER] < m[hit + E_ORDER]):
                        kind = DATA
                        best = hit
                        oldest = m[hit + E_ORDER]
        if miss >= 0 and part != COLUMN:
            if m[bk + B_STATE] == 0:
                t = max(activate, m[bk + B_ACT], m[m[bk + B_GROUP] + G_ACT])
            elif m[bk + B_BUSY] != 0 or (hit >= 0 and row_stays(m, bk, hit, miss)):
                continue
            else:
                t = max(m[ch + C_PRE], m[bk + B_PRE])
            if t > now:
                soon = min(soon, t)
            elif m[miss + E_ORDER] < oldest:
                kind = ACTIVATE if m[bk + B_STATE] == 0 else PRECHARGE
                best = miss
                oldest = m[miss + E_ORDER]
    return kind, best, soon


def idle_row(m: Memory, ch: int, now: int) -> tuple[int, int]:
    """(bank, first cycle): an open row that nobody asked for in a while, or -1 and when there will be one."""
    soon = FAR
    bk = m[ch + C_BANK_AT]
    for _ in range(m[P_BANKS]):
        if m[bk + B_STATE] == 2 and m[bk + B_BUSY] == 0 and (m[ch + C_LISTED] != m[ch + C_MODE] or m[bk + B_HIT] < 0):
            t = max(m[bk + B_LAST] + m[P_PAGE_TIMEOUT], m[bk + B_PRE], m[ch + C_PRE])
            if t <= now:
                return bk, now
            soon = min(soon, t)
        bk += BANK
    return -1, soon
