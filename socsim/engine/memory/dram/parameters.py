"""What one run of the detailed model is made of, in cycles of the command clock: constants, clients, counts.

Both engines (`interpreted`, `compiled`) read these and nothing else, which is why they can agree to the cycle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

FAR = (1 << 30) - 1
"""A cycle that never comes. One digit of a Python integer, because comparisons of those are the fast ones."""

NEVER = -(10**9)
"""A cycle before the first, from which no constraint reaches into the run."""

SCHEDULERS = ("fr_fcfs", "fcfs", "fr_fcfs_row_hit", "fr_fcfs_cap")
PAGE_POLICIES = ("open", "closed", "adaptive")
REFRESH_MODES = ("none", "all_bank", "per_bank")

HISTOGRAM_FINE = 2048
HISTOGRAM_BINS = 8192


class ChannelParameters(NamedTuple):
    """Constants of one memory system; all channels are alike. Cycles unless the name says otherwise.

    A constraint `x_to_y` is the least distance from command x to command y: of the same rank, or where the name ends in
    `_group` or `_bank` of the same bank group or bank. Field order is that of the compiled kernel's record.
    """

    channels: int
    banks: int  # per channel, in all groups
    bank_bits: int  # log2 of banks per group: bank index = group << bank_bits | bank in group
    read_to_read: int
    write_to_write: int
    read_to_write: int
    write_to_read: int
    read_to_read_group: int
    write_to_write_group: int
    write_to_read_group: int
    act_to_act: int
    act_to_act_group: int
    act_to_act_bank: int
    four_activates: int
    act_to_read: int
    act_to_write: int
    act_to_pre: int
    act_to_pre_all: int
    pre_to_act: int
    pre_all_to_act: int
    pre_to_pre: int
    read_to_pre: int
    write_to_pre: int
    read_to_pre_all: int
    write_to_pre_all: int
    act_to_refresh: int
    pre_to_refresh: int
    refresh_to_act: int
    refresh_to_pre_all: int
    act_to_refresh_bank: int
    pre_to_refresh_bank: int
    refresh_bank_to_refresh_bank: int
    refresh_bank_to_act: int
    refresh_bank_to_act_bank: int
    refresh_mode: int  # index in REFRESH_MODES
    refresh_interval: int
    split_activate: int  # 1: an activation takes two command slots, the second at the latest `activate2_deadline` on
    activate2_deadline: int
    wck_after_read: int  # cycles the data clock keeps running after a read; 0: it always runs
    wck_after_write: int
    read_latency: int  # read command to the last data of its burst
    bus_act: int  # cycles that a command occupies the command bus
    bus_column: int
    bus_pre: int
    bus_refresh: int
    two_command_buses: int  # 1: row and column commands in the same cycle
    scheduler: int  # index in SCHEDULERS
    row_hit_cap: int
    page_policy: int  # index in PAGE_POLICIES
    page_timeout: int
    read_queue: int  # bursts
    write_queue: int
    write_high: int  # drain writes when more than this are queued ...
    write_low: int  # ... until fewer than this are left
    interleave_bits: int  # log2 of the bytes in a row of one channel before the next one follows
    channel_bits: int  # log2 of channels, or -1 where channels are not a power of two
    channel_hash: int  # 1: a channel's number is hashed with the address above it; 0 where channel_bits < 1
    group_shift: int
    group_mask: int
    bank_shift: int
    bank_mask: int
    row_shift: int
    row_mask: int
    bank_hash: int
    burst_bytes: int
    grants_per_cycle: int  # requests that may enter the queues in one cycle
    rotating: int  # 1: the first turn moves on every cycle, 0: only past the client that was granted


@dataclass(frozen=True, slots=True)
class ClientParameters:
    """One client: what it asks for and how fast. Addresses in bytes, gaps in cycles.

    A closed loop has `gap` 0 and keeps `window` requests in flight; an open loop issues one every `gap` cycles (on
    average, where `poisson`), in order, while fewer than `window` are in flight.
    """

    random: bool
    gap: float
    window: int
    write_fraction: float
    base: int
    region: int
    stride: int
    poisson: bool
    size: int
    requests: int = -1  # how many in all; -1: without end
    seed: int = 1
    posted: bool = False  # a write gives its window slot back when it is queued, not when it is done
    separate: bool = False  # reads and writes come through ports of their own, see `separate_ports`
    follows: int = -1  # index of the client whose requests have to be queued before this one's; -1: of none
    per_request: float = 0.0  # requests that may follow each of them


@dataclass(slots=True)
class ClientCounts:
    """What one client got, over the measured span; latencies in cycles, histograms up to the last bin with any."""

    reads: int = 0
    writes: int = 0
    read_latency: int = 0
    write_latency: int = 0
    read_histogram: list[int] = field(default_factory=list)
    write_histogram: list[int] = field(default_factory=list)


@dataclass(slots=True)
class ChannelCounts:
    """Commands of one channel over the whole run, for its energy."""

    activates: int = 0
    read_bursts: int = 0
    write_bursts: int = 0
    refreshes: int = 0


@dataclass(slots=True)
class RunCounts:
    """Counts of all clients and channels, and the cycle in which the run ended."""

    clients: list[ClientCounts]
    channels: list[ChannelCounts]
    end_cycle: int


def histogram_bin(latency: int) -> int:
    """Bin of a latency: exact below 2048 cycles, then steps of 32, then of 1024."""
    if latency < HISTOGRAM_FINE:
        return latency
    if latency < 65536:
        return HISTOGRAM_FINE + (latency >> 5)
    return min(2 * HISTOGRAM_FINE + (latency >> 10), HISTOGRAM_BINS - 1)


def trimmed(histogram: list[int]) -> list[int]:
    """A histogram up to its last bin with any."""
    end = len(histogram)
    while end and not histogram[end - 1]:
        end -= 1
    return histogram[:end]


def bin_latency(index: int) -> int:
    """Smallest latency of a bin: the inverse of `histogram_bin`."""
    if index < HISTOGRAM_FINE:
        return index
    if index < 2 * HISTOGRAM_FINE:
        return (index - HISTOGRAM_FINE) << 5
    return (index - 2 * HISTOGRAM_FINE) << 10


def percentile_cycles(histogram: list[int], fraction: float) -> int:
    """Smallest latency that at least `fraction` of the requests do not exceed; 0 without requests."""
    total = sum(histogram)
    seen = 0
    for index, count in enumerate(histogram):
        seen += count
        if count and seen >= fraction * total:
            return bin_latency(index)
    return 0
