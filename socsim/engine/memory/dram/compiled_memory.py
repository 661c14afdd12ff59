"""The state of the compiled engine: one flat memory of 64-bit integers, in which records are addresses.

A record is the address of its first word and a field an offset: `m[bank + B_ROW]`. One pointer without types is what
numba compiles fast and runs without counting references; plain Python can run the same functions over a list. The
memory starts with the parameters and the variables of the run; then come channels, bank groups, banks, clients, pools.
An address of -1 means none. The pace of clients, not integer, has a memory of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from socsim.engine.memory.dram.draws import POSITIVE, WORD, first_state, ln_table
from socsim.engine.memory.dram.interpreted_port import request_bursts
from socsim.engine.memory.dram.parameters import FAR, HISTOGRAM_BINS, NEVER, ChannelParameters, ClientParameters

Memory = Any  # list[int], or a pointer to 64-bit integers when compiled
Paces = Any  # list[float], or a pointer to doubles

(
    P_CHANNELS, P_BANKS, P_BANK_BITS, P_READ_TO_READ, P_WRITE_TO_WRITE, P_READ_TO_WRITE, P_WRITE_TO_READ,
    P_READ_TO_READ_GROUP, P_WRITE_TO_WRITE_GROUP, P_WRITE_TO_READ_GROUP, P_ACT_TO_ACT, P_ACT_TO_ACT_GROUP,
    P_ACT_TO_ACT_BANK, P_FOUR_ACTIVATES, P_ACT_TO_READ, P_ACT_TO_WRITE, P_ACT_TO_PRE, P_ACT_TO_PRE_ALL, P_PRE_TO_ACT,
    P_PRE_ALL_TO_ACT, P_PRE_TO_PRE, P_READ_TO_PRE, P_WRITE_TO_PRE, P_READ_TO_PRE_ALL, P_WRITE_TO_PRE_ALL,
    P_ACT_TO_REFRESH, P_PRE_TO_REFRESH, P_REFRESH_TO_ACT, P_REFRESH_TO_PRE_ALL, P_ACT_TO_REFRESH_BANK,
    P_PRE_TO_REFRESH_BANK, P_REFRESH_BANK_TO_REFRESH_BANK, P_REFRESH_BANK_TO_ACT, P_REFRESH_BANK_TO_ACT_BANK,
    P_REFRESH_MODE, P_REFRESH_INTERVAL, P_SPLIT_ACTIVATE, P_ACTIVATE2_DEADLINE, P_WCK_AFTER_READ, P_WCK_AFTER_WRITE,
    P_READ_LATENCY, P_BUS_ACT, P_BUS_COLUMN, P_BUS_PRE, P_BUS_REFRESH, P_TWO_COMMAND_BUSES, P_SCHEDULER, P_ROW_HIT_CAP,
    P_PAGE_POLICY, P_PAGE_TIMEOUT, P_READ_QUEUE, P_WRITE_QUEUE, P_WRITE_HIGH, P_WRITE_LOW, P_INTERLEAVE_BITS,
    P_CHANNEL_BITS, P_CHANNEL_HASH, P_GROUP_SHIFT, P_GROUP_MASK, P_BANK_SHIFT, P_BANK_MASK, P_ROW_SHIFT, P_ROW_MASK,
    P_BANK_HASH, P_BURST_BYTES, P_GRANTS_PER_CYCLE, P_ROTATING, PARAMETERS,
) = range(len(ChannelParameters._fields) + 1)  # fmt: skip

# variables of the run, and where the records are
(
    R_WARM, R_UNTIL, R_STOP, R_WAKE, R_TURN, R_LIVE, R_FREE, R_CLIENTS, R_CHANNEL_AT, R_CLIENT_AT, R_REQUEST_POOL,
    R_TABLE, R_RING,
    R_EACH,  # 1: stop when any finite client is served, not when all are
    R_HIGHEST,  # highest rank that clients have
    HEADER,
) = range(PARAMETERS, PARAMETERS + 16)  # fmt: skip

(
    C_VISIT,  # next cycle in which a command may be legal
    C_READ, C_WRITE, C_ACT, C_PRE, C_PRE_ALL, C_REFRESH, C_REFRESH_BANK, C_BUS,  # cycles from which they are legal
    C_WCK,  # cycle at which the data clock stops
    C_MODE, C_LISTED,  # direction in service, 1 for writes; direction of the candidates of the banks, -1 none
    C_OPEN, C_DUE, C_DUE_AT, C_DUE_BANK,  # open banks; refreshes due, the next one, and its bank
    C_HALF, C_HALF_BY,  # burst of a half-finished activation, and the cycle until which to finish it
    C_WAITS,  # burst that goes after the data clock is synchronised
    C_OWNERS_AT, C_OWNERS, C_POOL, C_FREE, C_BANK_AT, C_LAST_RETURN, C_ORDER,
    C_ACT_1, C_ACT_2, C_ACT_3, C_ACT_4,  # cycles of the last four activations, oldest first
    C_ROOM, C_ROOM_WRITE, C_WAITING, C_WAITING_WRITE,  # free places of its queues, and clients that wait for one
    C_ACTIVATES, C_READ_BURSTS, C_WRITE_BURSTS, C_REFRESHES, CHANNEL,
) = range(39)  # fmt: skip
QUEUE_TO_WAITING = C_WAITING - C_ROOM

G_READ, G_WRITE, G_ACT, GROUP = range(4)

(
    B_STATE,  # 0 closed, 1 half activated, 2 open
    B_ROW, B_ACT, B_PRE, B_READ, B_WRITE, B_REFRESH, B_GROUP,
    B_BUSY,  # 1: a burst waits for which the row was opened, it may not close before
    B_HIT, B_MISS,  # oldest burst of the listed direction that hits the open row, and that does not
    B_SERVED, B_LAST,  # column commands since activation; cycle of the last
    B_HEAD, B_HEAD_WRITE, B_TAIL, B_TAIL_WRITE, BANK,
) = range(18)  # fmt: skip

E_NEXT, E_PREV, E_BANK, E_ROW, E_WRITE, E_OWN, E_CAME, E_ORDER, E_REQUEST, E_ADDRESS, BURST = range(11)
Q_LEFT, Q_CLIENT, Q_START, Q_WRITE, Q_FORWARDED, REQUEST = range(6)

(
    K_RANDOM, K_POISSON, K_WINDOW, K_LEFT, K_BASE, K_REGION, K_STRIDE, K_SIZE, K_BLOCKS, K_BURSTS, K_APART, K_STATE,
    K_OUTSTANDING, K_HEAD, K_SENT, K_ADDRESS, K_WRITE, K_CHANNEL, K_BANK, K_ROW, K_PACE,
    K_BLOCKED,  # address of the queue it waits for; -2: its window; -1: nothing
    K_AT, K_AT_WRITE, K_TURNS, K_TURNS_WRITE,
    K_RETURNS, K_BACK_FIRST, K_BACK_END,  # ring of cycles at which data is back
    K_READS, K_WRITES, K_LATENCY, K_LATENCY_WRITE, K_HISTOGRAM,
    K_POSTED,  # 1: its writes give their places in the window back when queued
    K_PENDING, K_LAST_BACK,  # finite clients: requests not yet on their way back; cycle at which the last is back
    K_RANK,  # clients of a higher rank enter the queues before others
    K_LEADER, K_FOLLOWER,  # clients: whose requests it follows, who follows its own; -1: none
    CLIENT,
) = range(41)  # fmt: skip

(
    F_GAP, F_DUE, F_WRITE_FRACTION, F_CREDIT,
    F_AHEAD, F_PER_REQUEST,  # of a follower: requests that may come now, and how many more with each of its leader's
    PACE,
) = range(7)  # fmt: skip


class Layout:
    """The memory of one run, filled, and where its channels and clients are."""

    def __init__(self, par: ChannelParameters, clients: Sequence[ClientParameters]) -> None:
        self.words: list[int] = [*par] + [0] * (HEADER - PARAMETERS)
        self.paces: list[float] = []
        self.channels = [self._add([0] * CHANNEL) for _ in range(par.channels)]
        for address in self.channels:
            self._fill_channel(address, par)
        self.clients = [self._add([0] * CLIENT) for _ in clients]
        ring = 1 << max(client.window for client in clients).bit_length()
        for address, client in zip(self.clients, clients, strict=True):
            self._fill_client(address, client, par, ring)
        for address, client in zip(self.clients, clients, strict=True):
            if client.follows >= 0:
                self.words[self.clients[client.follows] + K_FOLLOWER] = address
        count = sum(client.window for client in clients) + len(clients)
        if any(client.posted for client in clients):
            count += par.channels * par.write_queue
        words = self.words
        words[R_FREE] = count
        words[R_REQUEST_POOL] = self._add_pool(count, REQUEST)
        words[R_TABLE] = len(self.paces)
        self.paces += ln_table()
        words[R_CLIENTS], words[R_RING] = len(clients), ring
        words[R_CHANNEL_AT], words[R_CLIENT_AT] = self.channels[0], self.clients[0]
        # the histograms come last: they begin as zeros, and are most of the memory
        self.size = len(words)
        for address in self.clients:
            words[address + K_HISTOGRAM] = self.size
            self.size += 2 * HISTOGRAM_BINS
        # requests of the finite clients still to be served, or -1 where there are no such clients
        finite = [client.requests for client in clients if client.requests >= 0]
        words[R_LIVE] = sum(finite) if finite else -1

    def as_list(self) -> list[int]:
        """The memory for plain Python."""
        return self.words + [0] * (self.size - len(self.words))

    def as_array(self) -> Any:
        """The memory for machine code: a numpy array."""
        import numpy as np

        memory = np.zeros(self.size, np.int64)
        memory[: len(self.words)] = self.words
        return memory

    def _add(self, words: Sequence[int]) -> int:
        address = len(self.words)
        self.words.extend(words)
        return address

    def _add_pool(self, count: int, size: int) -> int:
        """A stack of the addresses of `count` records, all free."""
        first = self._add([0] * (count * size))
        return self._add(range(first, first + count * size, size))

    def _fill_channel(self, address: int, par: ChannelParameters) -> None:
        groups = [self._add([0] * GROUP) for _ in range(par.banks >> par.bank_bits)]
        banks = [self._add([0] * BANK) for _ in range(par.banks)]
        words = self.words
        for b, bank in enumerate(banks):
            words[bank + B_GROUP] = groups[b >> par.bank_bits]
            for at in (B_HIT, B_MISS, B_HEAD, B_HEAD_WRITE, B_TAIL, B_TAIL_WRITE):
                words[bank + at] = -1
        places = par.read_queue + par.write_queue + par.banks + 2
        words[address + C_OWNERS_AT] = self._add([0] * (par.banks + 1))
        words[address + C_POOL] = self._add_pool(places, BURST)
        words[address + C_FREE] = places
        words[address + C_BANK_AT] = banks[0]
        words[address + C_HALF] = words[address + C_WAITS] = -1
        words[address + C_ROOM], words[address + C_ROOM_WRITE] = par.read_queue, par.write_queue
        words[address + C_DUE_AT] = par.refresh_interval if par.refresh_mode else FAR
        words[address + C_VISIT] = 1
        for at in (C_ACT_1, C_ACT_2, C_ACT_3, C_ACT_4):
            words[address + at] = NEVER

    def _fill_client(self, address: int, client: ClientParameters, par: ChannelParameters, ring: int) -> None:
        bursts, apart = request_bursts(par, client.size)
        state = first_state(client.seed)
        state -= WORD + 1 if state > POSITIVE else 0  # words have a sign
        values = {
            K_RANDOM: int(client.random), K_POISSON: int(client.poisson), K_WINDOW: client.window,
            K_POSTED: int(client.posted), K_PENDING: max(0, client.requests),
            K_LEFT: client.requests, K_BASE: client.base, K_REGION: client.region, K_STRIDE: client.stride,
            K_SIZE: client.size, K_BLOCKS: client.region // client.size, K_BURSTS: bursts, K_APART: int(apart),
            K_STATE: state, K_HEAD: -1, K_BLOCKED: -1, K_PACE: len(self.paces),
            K_RETURNS: self._add([0] * ring),
            K_LEADER: -1 if client.follows < 0 else self.clients[client.follows], K_FOLLOWER: -1,
        }  # fmt: skip
        for at, value in values.items():
            self.words[address + at] = value
        self.paces += [client.gap, 0.0, client.write_fraction, 0.0, 0.0, client.per_request]
