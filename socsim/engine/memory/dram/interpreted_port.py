"""The port of one client in plain Python: pace, window, addresses, and the way of its requests into the queues.

Nested functions for speed, as in `interpreted_channel`.
"""
# ruff: noqa: PLR0915

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from socsim.engine.memory.dram.draws import POSITIVE, exponential, first_state, next_state
from socsim.engine.memory.dram.interpreted_ports import Ports
from socsim.engine.memory.dram.parameters import ChannelParameters, ClientParameters

ALMOST_ONE = 1.0 - 1e-9
WINDOW = -2  # a port that waits for its window


def make_port(
    k: int,
    clients: Sequence[ClientParameters],
    par: ChannelParameters,
    ports: Ports,
    channels: Sequence[tuple[Any, ...]],
) -> Callable[[int], bool]:
    """The function by which client `k` tries to put a request into the queues: true if a whole one went in."""
    client = clients[k]
    room, waiting, wake, writers, finish = ports.room, ports.waiting, ports.wake, ports.writers, ports.finish
    blocked, back, left = ports.blocked, ports.returns[k], ports.left
    insert_of, join_of = [channel[1] for channel in channels], [channel[2] for channel in channels]
    gap, write_fraction, random = client.gap, client.write_fraction, client.random
    finite = client.requests >= 0
    by_chance = client.poisson and gap > 0.0
    base, region, stride, size, window = client.base, client.region, client.stride, client.size, client.window
    frees = client.posted  # its writes give their places in the window back when queued
    leader, ahead = client.follows, ports.ahead
    follower = next((i for i, other in enumerate(clients) if other.follows == k), -1)
    in_step = leader < 0 and follower < 0
    behind, more = (clients[follower].window, clients[follower].per_request) if follower >= 0 else (0, 0.0)
    blocks, burst, write_cap = region // size, par.burst_bytes, par.write_queue
    bursts, apart = request_bursts(par, size)
    find = locator(par)
    state = first_state(client.seed)
    position, turns = [0, 0], [0, 0]
    due = credit = 0.0
    outstanding = sent = w = address = c = b = r = q = 0
    req: list[int] | None = None
    enter = insert_of[0]

    def stream_address() -> int:
        # writes are a second stream that starts half a region further on; each round shifts by one request
        t = position[w]
        a = t + turns[w]
        if a >= region:
            a -= region
        t += stride
        while t >= region:
            t -= region
            turns[w] += size
            if turns[w] >= region:
                turns[w] = 0
        position[w] = t
        return base + a + (region >> 1) if w else base + a

    def window_is_full(now: int) -> bool:
        nonlocal outstanding
        i = bisect_right(back, now)
        if i:
            del back[:i]
            outstanding -= i
        if outstanding < window:
            blocked[k] = -1
            return False
        blocked[k] = WINDOW
        if back and back[0] < wake[0]:
            wake[0] = back[0]
        return True

    def is_out_of_step() -> bool:
        # it waits for the client that it follows, or for its follower, which may be a window behind
        if leader >= 0 and left[leader] != 0 and ahead[k] < ALMOST_ONE:
            return True
        return follower >= 0 and left[follower] != 0 and ahead[follower] >= behind

    def is_early(now: int) -> bool:
        if due <= now:
            return False
        t = int(due)
        if t < due:
            t += 1
        if t < wake[0]:
            wake[0] = t
        return True

    def join(now: int, request: list[int]) -> bool:
        # a write still queued for this address: a read takes its data, a write joins it
        t: int = join_of[c](now, b, address + sent * burst)
        if t < 0:
            return False
        request[0] -= 1
        request[4] = max(request[4], now if w else t)
        if request[0] == 0:
            finish(request, request[4])
        return True

    def attempt(now: int) -> bool:
        nonlocal credit, due, state, outstanding, sent, w, address, req, c, b, r, q, enter
        if req is None:
            if outstanding >= window and window_is_full(now):
                return False
            if (finite and left[k] == 0) or (not in_step and is_out_of_step()) or (gap > 0.0 and is_early(now)):
                return False
            if write_fraction > 0.0:
                credit += write_fraction
                w = 0
                if credit >= ALMOST_ONE:
                    credit -= 1.0
                    w = 1
            if random:
                state = next_state(state)
                address = base + (state & POSITIVE) % blocks * size
            else:
                address = stream_address()
            if by_chance:
                state = next_state(state)
                due += gap * exponential(state)
            else:
                due += gap
            req = [bursts, k, now, w, 0]
            sent = 0
            outstanding += 1
            if finite:
                left[k] -= 1
            c, b, r = find(address)
            q = c + c + w
            enter = insert_of[c]
        while True:
            if not writers or room[c + c + 1] == write_cap or not join(now, req):
                if not room[q]:
                    blocked[k] = q
                    waiting[q] += 1
                    return False
                enter(now, b, r, w, req, address + sent * burst)
            sent += 1
            if sent == bursts:
                req = None
                if leader >= 0:
                    ahead[k] -= 1.0
                elif follower >= 0:
                    ahead[follower] += more
                if w and frees:
                    outstanding -= 1
                return True
            if apart:
                c, b, r = find(address + sent * burst)
                q = c + c + w
                enter = insert_of[c]

    return attempt


def request_bursts(par: ChannelParameters, size: int) -> tuple[int, bool]:
    """Bursts of a request of `size` bytes, and whether they may lie in different rows, banks or channels."""
    bursts = max(1, -(-size // par.burst_bytes))
    together = 1 << min(par.group_shift, par.bank_shift, par.row_shift, par.interleave_bits)
    return bursts, bursts > 1 and (size > together or size & (size - 1) != 0)


def locator(par: ChannelParameters) -> Callable[[int], tuple[int, int, int]]:
    """The function from a byte address to (channel, bank, row): interleaving, field order, hashes."""
    interleave, low_mask, channels = par.interleave_bits, (1 << par.interleave_bits) - 1, par.channels
    channel_bits, channel_hash, channel_mask = par.channel_bits, par.channel_hash, par.channels - 1
    row_shift, row_mask, bank_bits = par.row_shift, par.row_mask, par.bank_bits
    group_shift, group_mask, bank_shift, bank_mask = par.group_shift, par.group_mask, par.bank_shift, par.bank_mask
    hash_mask = par.banks - 1 if par.bank_hash else 0

    def locate_in_one(address: int) -> tuple[int, int, int]:
        r = (address >> row_shift) & row_mask
        b = ((address >> group_shift & group_mask) << bank_bits) | (address >> bank_shift & bank_mask)
        return 0, b ^ (r & hash_mask), r

    def locate(address: int) -> tuple[int, int, int]:
        t = address >> interleave
        if channel_bits >= 0:
            c = t & channel_mask
            t >>= channel_bits
            if channel_hash:
                x = t
                while x > 0:
                    c ^= x & channel_mask
                    x >>= channel_bits
        else:
            t, c = divmod(t, channels)
        t = (t << interleave) | (address & low_mask)
        r = (t >> row_shift) & row_mask
        b = ((t >> group_shift & group_mask) << bank_bits) | (t >> bank_shift & bank_mask)
        return c, b ^ (r & hash_mask), r

    return locate_in_one if channels == 1 else locate
