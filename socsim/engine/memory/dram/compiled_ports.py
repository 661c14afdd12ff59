"""Compiled engine: clients at their ports, and the main loop over cycles in which something can happen.

Arguments: `m` the memory, `f` the paces, `k` a client, `ch` a channel (addresses), `now` the cycle.
"""

from __future__ import annotations

from socsim.engine.memory.dram.compiled_channel import finish, visit
from socsim.engine.memory.dram.compiled_memory import (
    B_HEAD,
    B_HEAD_WRITE,
    B_HIT,
    B_MISS,
    B_READ,
    B_ROW,
    B_STATE,
    B_TAIL,
    B_WRITE,
    BANK,
    C_BANK_AT,
    C_FREE,
    C_LAST_RETURN,
    C_LISTED,
    C_MODE,
    C_ORDER,
    C_POOL,
    C_READ,
    C_ROOM,
    C_ROOM_WRITE,
    C_VISIT,
    C_WRITE,
    CHANNEL,
    CLIENT,
    E_ADDRESS,
    E_BANK,
    E_CAME,
    E_NEXT,
    E_ORDER,
    E_OWN,
    E_PREV,
    E_REQUEST,
    E_ROW,
    E_WRITE,
    F_AHEAD,
    F_CREDIT,
    F_DUE,
    F_GAP,
    F_PER_REQUEST,
    F_WRITE_FRACTION,
    K_ADDRESS,
    K_APART,
    K_AT,
    K_BACK_END,
    K_BACK_FIRST,
    K_BANK,
    K_BASE,
    K_BLOCKED,
    K_BLOCKS,
    K_BURSTS,
    K_CHANNEL,
    K_FOLLOWER,
    K_HEAD,
    K_LEADER,
    K_LEFT,
    K_OUTSTANDING,
    K_PACE,
    K_POISSON,
    K_POSTED,
    K_RANDOM,
    K_RANK,
    K_REGION,
    K_RETURNS,
    K_ROW,
    K_SENT,
    K_SIZE,
    K_STATE,
    K_STRIDE,
    K_TURNS,
    K_WINDOW,
    K_WRITE,
    P_BANK_BITS,
    P_BANK_HASH,
    P_BANK_MASK,
    P_BANK_SHIFT,
    P_BANKS,
    P_BURST_BYTES,
    P_CHANNEL_BITS,
    P_CHANNEL_HASH,
    P_CHANNELS,
    P_GRANTS_PER_CYCLE,
    P_GROUP_MASK,
    P_GROUP_SHIFT,
    P_INTERLEAVE_BITS,
    P_ROTATING,
    P_ROW_MASK,
    P_ROW_SHIFT,
    P_SCHEDULER,
    P_WRITE_HIGH,
    P_WRITE_LOW,
    P_WRITE_QUEUE,
    Q_CLIENT,
    Q_FORWARDED,
    Q_LEFT,
    Q_START,
    Q_WRITE,
    QUEUE_TO_WAITING,
    R_CHANNEL_AT,
    R_CLIENT_AT,
    R_CLIENTS,
    R_FREE,
    R_HIGHEST,
    R_REQUEST_POOL,
    R_RING,
    R_STOP,
    R_TABLE,
    R_TURN,
    R_WAKE,
    Memory,
    Paces,
)  # fmt: skip
from socsim.engine.memory.dram.draws import (
    KEPT_1,
    KEPT_2,
    KEPT_3,
    LN2,
    LN_HALF,
    LN_SHIFT,
    LN_STEPS,
    POSITIVE,
    SHIFT_1,
    SHIFT_2,
    SHIFT_3,
    THIRD,
    UNIFORM,
    UNIFORM_SHIFT,
)
from socsim.engine.memory.dram.parameters import FAR

ALMOST_ONE = 1.0 - 1e-9


def draw(m: Memory, k: int) -> int:
    """The next state of a client's generator: 64 bits, compiled a number that may be negative."""
    x: int = m[k + K_STATE]
    x ^= (x & KEPT_1) << SHIFT_1
    x ^= (x >> SHIFT_2) & KEPT_2
    x ^= (x & KEPT_3) << SHIFT_3
    m[k + K_STATE] = x
    return x


def exponential(m: Memory, f: Paces, k: int) -> float:
    """A draw from the exponential distribution of mean 1, as in `draws`."""
    t = UNIFORM + 1 - ((draw(m, k) >> UNIFORM_SHIFT) & UNIFORM)
    halvings = 0
    while t < LN_HALF:
        t += t
        halvings += 1
    i = t >> LN_SHIFT
    r = (t - (i << LN_SHIFT)) / (i << LN_SHIFT)
    table = m[R_TABLE] - LN_STEPS
    return float(halvings * LN2 + f[table + i] - r * (1.0 - r * (0.5 - r * (THIRD - r * (0.25 - r * 0.2)))))


def next_address(m: Memory, k: int) -> int:
    """Byte address of a client's next request: random blocks, or a stream with a stride; writes are a second stream."""
    if m[k + K_RANDOM] != 0:
        return int(m[k + K_BASE] + (draw(m, k) & POSITIVE) % m[k + K_BLOCKS] * m[k + K_SIZE])
    w = m[k + K_WRITE]
    region = m[k + K_REGION]
    at = m[k + K_AT + w]
    turns = m[k + K_TURNS + w]
    a = at + turns
    if a >= region:
        a -= region
    at += m[k + K_STRIDE]
    while at >= region:
        at -= region
        turns += m[k + K_SIZE]
        if turns >= region:
            turns = 0
    m[k + K_AT + w] = at
    m[k + K_TURNS + w] = turns
    return int(m[k + K_BASE] + a + w * (region >> 1))


def locate(m: Memory, k: int, address: int) -> None:
    """Channel, bank and row of a byte address, kept with the client: interleaving, field order, hashes."""
    t = address >> m[P_INTERLEAVE_BITS]
    channels = m[P_CHANNELS]
    if m[P_CHANNEL_BITS] >= 0:
        c = t & (channels - 1)
        t >>= m[P_CHANNEL_BITS]
        if m[P_CHANNEL_HASH] != 0:
            x = t
            while x > 0:
                c ^= x & (channels - 1)
                x >>= m[P_CHANNEL_BITS]
    else:
        c = t % channels
        t = t // channels
    t = (t << m[P_INTERLEAVE_BITS]) | (address & ((1 << m[P_INTERLEAVE_BITS]) - 1))
    row = (t >> m[P_ROW_SHIFT]) & m[P_ROW_MASK]
    b = ((t >> m[P_GROUP_SHIFT] & m[P_GROUP_MASK]) << m[P_BANK_BITS]) | (t >> m[P_BANK_SHIFT] & m[P_BANK_MASK])
    if m[P_BANK_HASH] != 0:
        b ^= row & (m[P_BANKS] - 1)
    ch = m[R_CHANNEL_AT] + c * CHANNEL
    m[k + K_CHANNEL] = ch
    m[k + K_BANK] = m[ch + C_BANK_AT] + b * BANK
    m[k + K_ROW] = row


def window_is_full(m: Memory, k: int, now: int) -> bool:
    """Whether a client must wait for data; counts what is back by cycle `now`."""
    if m[k + K_OUTSTANDING] < m[k + K_WINDOW]:
        return False
    ring = m[k + K_RETURNS]
    mask = m[R_RING] - 1
    while m[k + K_BACK_FIRST] < m[k + K_BACK_END] and m[ring + (m[k + K_BACK_FIRST] & mask)] <= now:
        m[k + K_BACK_FIRST] += 1
        m[k + K_OUTSTANDING] -= 1
    if m[k + K_OUTSTANDING] < m[k + K_WINDOW]:
        m[k + K_BLOCKED] = -1
        return False
    m[k + K_BLOCKED] = -2
    if m[k + K_BACK_FIRST] < m[k + K_BACK_END]:
        m[R_WAKE] = min(m[R_WAKE], m[ring + (m[k + K_BACK_FIRST] & mask)])
    return True


def is_out_of_step(m: Memory, f: Paces, k: int) -> bool:
    """Whether a client must wait for the one that it follows, or for its follower, which may be a window behind."""
    leader = m[k + K_LEADER]
    if leader >= 0 and m[leader + K_LEFT] != 0 and f[m[k + K_PACE] + F_AHEAD] < ALMOST_ONE:
        return True
    follower = m[k + K_FOLLOWER]
    return bool(
        follower >= 0 and m[follower + K_LEFT] != 0 and f[m[follower + K_PACE] + F_AHEAD] >= m[follower + K_WINDOW]
    )


def begin_request(m: Memory, f: Paces, k: int, now: int) -> bool:
    """Let the next request of a client step to the head of its port, if its pace and its window allow it."""
    if m[k + K_LEFT] == 0 or window_is_full(m, k, now) or is_out_of_step(m, f, k):
        return False
    pace = m[k + K_PACE]
    if f[pace + F_GAP] > 0.0 and f[pace + F_DUE] > now:
        t = int(f[pace + F_DUE])
        if t < f[pace + F_DUE]:
            t += 1
        m[R_WAKE] = min(m[R_WAKE], t)
        return False
    w = 0
    if f[pace + F_WRITE_FRACTION] > 0.0:
        f[pace + F_CREDIT] += f[pace + F_WRITE_FRACTION]
        if f[pace + F_CREDIT] >= ALMOST_ONE:
            f[pace + F_CREDIT] -= 1.0
            w = 1
    m[k + K_WRITE] = w
    m[k + K_ADDRESS] = next_address(m, k)
    if f[pace + F_GAP] > 0.0:
        if m[k + K_POISSON] != 0:
            f[pace + F_DUE] += f[pace + F_GAP] * exponential(m, f, k)
        else:
            f[pace + F_DUE] += f[pace + F_GAP]
    m[R_FREE] -= 1
    r = m[m[R_REQUEST_POOL] + m[R_FREE]]
    m[r + Q_LEFT] = m[k + K_BURSTS]
    m[r + Q_CLIENT] = k
    m[r + Q_START] = now
    m[r + Q_WRITE] = w
    m[r + Q_FORWARDED] = 0
    m[k + K_HEAD] = r
    m[k + K_SENT] = 0
    m[k + K_OUTSTANDING] += 1
    if m[k + K_LEFT] > 0:
        m[k + K_LEFT] -= 1
    locate(m, k, m[k + K_ADDRESS])
    return True


def take_burst(m: Memory, k: int, address: int, now: int) -> int:
    """A free burst record, filled and put at the end of the queue of its bank."""
    ch = m[k + K_CHANNEL]
    bk = m[k + K_BANK]
    w = m[k + K_WRITE]
    m[ch + C_FREE] -= 1
    e: int = m[m[ch + C_POOL] + m[ch + C_FREE]]
    m[e + E_BANK] = bk
    m[e + E_ROW] = m[k + K_ROW]
    m[e + E_WRITE] = w
    m[e + E_OWN] = 0
    m[e + E_CAME] = now
    m[e + E_ORDER] = m[ch + C_ORDER]
    m[ch + C_ORDER] += 1
    m[e + E_REQUEST] = m[k + K_HEAD]
    m[e + E_ADDRESS] = address
    tail = m[bk + B_TAIL + w]
    m[e + E_PREV] = tail
    m[e + E_NEXT] = -1
    m[bk + B_TAIL + w] = e
    if tail >= 0:
        m[tail + E_NEXT] = e
    else:
        m[bk + B_HEAD + w] = e
    m[ch + C_ROOM + w] -= 1
    return e


def insert(m: Memory, k: int, address: int, now: int) -> None:
    """A burst of the request at the head of a client's port enters the queue of its bank."""
    ch = m[k + K_CHANNEL]
    bk = m[k + K_BANK]
    w = m[k + K_WRITE]
    e = take_burst(m, k, address, now)
    soon = FAR
    if m[ch + C_LISTED] == w:
        if m[bk + B_STATE] == 2 and m[bk + B_ROW] == m[k + K_ROW]:
            if m[bk + B_HIT] < 0:
                m[bk + B_HIT] = e
                soon = max(m[ch + C_WRITE], m[bk + B_WRITE]) if w != 0 else max(m[ch + C_READ], m[bk + B_READ])
        elif m[bk + B_STATE] != 1 and m[bk + B_MISS] < 0:
            m[bk + B_MISS] = e
            soon = now
    elif m[ch + C_MODE] == w:
        soon = now
    if m[ch + C_MODE] != w:
        writes = m[P_WRITE_QUEUE] - m[ch + C_ROOM_WRITE]
        turns = writes > m[P_WRITE_HIGH] if w != 0 else writes < m[P_WRITE_LOW]
        soon = now if turns else FAR
    elif m[P_SCHEDULER] != 0:
        soon = now
    m[ch + C_VISIT] = min(m[ch + C_VISIT], max(soon, now + 1))


def joins_write(m: Memory, k: int, address: int, now: int) -> bool:
    """Whether a write is still queued for this address: a read takes its data from there, a write joins it."""
    ch = m[k + K_CHANNEL]
    if m[ch + C_ROOM_WRITE] == m[P_WRITE_QUEUE]:
        return False
    e = m[m[k + K_BANK] + B_HEAD_WRITE]
    while e >= 0 and m[e + E_ADDRESS] != address:
        e = m[e + E_NEXT]
    if e < 0:
        return False
    r = m[k + K_HEAD]
    t = now if m[k + K_WRITE] != 0 else max(m[ch + C_LAST_RETURN], now + 1)
    m[r + Q_FORWARDED] = max(m[r + Q_FORWARDED], t)
    m[r + Q_LEFT] -= 1
    if m[r + Q_LEFT] == 0:
        finish(m, r, m[r + Q_FORWARDED])
    return True


def attempt(m: Memory, f: Paces, k: int, now: int) -> bool:
    """A client tries to put a request into the queues: true if a whole one went in."""
    if m[k + K_HEAD] < 0 and not begin_request(m, f, k, now):
        return False
    while m[k + K_SENT] < m[k + K_BURSTS]:
        address = m[k + K_ADDRESS] + m[k + K_SENT] * m[P_BURST_BYTES]
        if m[k + K_APART] != 0 and m[k + K_SENT] > 0:
            locate(m, k, address)
        if not joins_write(m, k, address, now):
            q = m[k + K_CHANNEL] + C_ROOM + m[k + K_WRITE]
            if m[q] == 0:
                m[k + K_BLOCKED] = q
                m[q + QUEUE_TO_WAITING] += 1
                return False
            insert(m, k, address, now)
        m[k + K_SENT] += 1
    m[k + K_HEAD] = -1
    if m[k + K_LEADER] >= 0:
        f[m[k + K_PACE] + F_AHEAD] -= 1.0
    elif m[k + K_FOLLOWER] >= 0:
        pace = m[m[k + K_FOLLOWER] + K_PACE]
        f[pace + F_AHEAD] += f[pace + F_PER_REQUEST]
    if m[k + K_POSTED] != 0 and m[k + K_WRITE] != 0:
        m[k + K_OUTSTANDING] -= 1
    return True


def serve_ports(m: Memory, f: Paces, now: int) -> None:
    """Let requests enter the queues in cycle `now`: the highest rank first, in turn one of each client per round."""
    count = m[R_CLIENTS]
    m[R_WAKE] = FAR
    granted = 0
    start = now % count if m[P_ROTATING] != 0 else m[R_TURN]
    rank = m[R_HIGHEST]
    while rank >= 0:
        moved = False
        i = start
        for _ in range(count):
            k = m[R_CLIENT_AT] + i * CLIENT
            i = i + 1 if i + 1 < count else 0
            if m[k + K_RANK] != rank:
                continue
            q = m[k + K_BLOCKED]
            if q >= 0:
                if m[q] == 0:
                    continue
                m[q + QUEUE_TO_WAITING] -= 1
                m[k + K_BLOCKED] = -1
            if attempt(m, f, k, now):
                granted += 1
                moved = True
                m[R_TURN] = i
                if granted == m[P_GRANTS_PER_CYCLE]:
                    m[R_WAKE] = now + 1
                    return
        if not moved:
            rank -= 1


def run_memory(m: Memory, f: Paces) -> None:
    """Go on until the stop cycle, or until the finite clients are served.

    In every cycle the channels go first (refresh that falls due, a command per command bus), then the ports, whose
    bursts a channel can look at from the next cycle on.
    """
    first = m[R_CHANNEL_AT]
    channels = m[P_CHANNELS]
    while True:
        t = m[R_WAKE]
        for c in range(channels):
            t = min(t, m[first + c * CHANNEL + C_VISIT])
        if t > m[R_STOP]:
            break
        for c in range(channels):
            if m[first + c * CHANNEL + C_VISIT] <= t:
                visit(m, first + c * CHANNEL, t)
        if m[R_WAKE] <= t:
            serve_ports(m, f, t)
