"""DRAM in detail, by windows: what a mix of streams gets is simulated once, for a few refresh intervals.

13 GB of weights are 200 million requests, all served alike: a window of each distinct mix tells the rate. Streams keep
a number of requests in flight; at full speed that gives the capacity, at a pace the latency at a load.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from socsim.engine.memory.dram.channel import describe_part
from socsim.engine.memory.dram.parameters import REFRESH_MODES, ClientParameters
from socsim.engine.memory.dram.part import load_part
from socsim.engine.memory.dram.system import MemoryDescription, run_memory_system
from socsim.engine.memory.traffic import TrafficClass
from socsim.errors import ConfigError
from socsim.hardware import Soc
from socsim.hardware.memory import Dram

REQUEST_BYTES = 64
_REGION = 1 << 28
"""Bytes of a stream: more than any window moves."""
_SPREAD = 0x9E3779B1
"""Where streams begin: multiples of 2^32 / golden ratio spread evenly over banks and channels, as if drawn by lot."""
_READ_SHARE_STEPS = 32
_CYCLES_WITHOUT_REFRESH = 4096
_IDLE_LOAD = 0.01
_STRIDED = "strided:"


class Mix(NamedTuple):
    """What distinguishes windows: the patterns of the streams, sorted, and the mean share of reads in 32nds."""

    patterns: tuple[str, ...]
    read_steps: int


class Window(NamedTuple):
    """What a mix got: bytes per second in all, and the mean latency of its reads (of its writes where none reads)."""

    bytes_per_s: float
    latency_ps: float


class Placement(NamedTuple):
    """How windows are driven: requests in flight per stream, requests that are measured at least, arrivals."""

    in_flight: int
    num_requests: int
    poisson: bool


def describe_dram(dram: Dram) -> MemoryDescription:
    """The channels of a chip for the detailed model. Raises `ConfigError` where chip and part contradict.

    At another transfer rate than the part's the clock scales: timings given in cycles stay cycles, those in ns ns.
    """
    changes = []
    if dram.interleave is not None:
        changes.append(f"address_map.interleave={dram.interleave} B")
    if dram.channel_hash is not None:
        changes.append(f"address_map.channel_hash={str(dram.channel_hash).lower()}")
    part = load_part(dram.part, changes)
    if dram.channel_width_bits != part.channel_width_bits:
        raise ConfigError(
            "dram.channel_width_bits",
            f"{dram.channel_width_bits} bit contradicts the part {dram.part} ({part.channel_width_bits} bit), which "
            "the detailed model takes: name another part, or dram.model=fluid",
        )
    clock_hz = round(part.clock * (dram.transfer_rate / part.transfer_rate))
    rated = part.model_copy(update={"transfer_rate": dram.transfer_rate, "clock": clock_hz})
    return describe_part(rated, dram.channels)


def notes_on_part(dram: Dram) -> tuple[str, ...]:
    """What a run in detail should tell about the part that it took."""
    rate = load_part(dram.part).transfer_rate
    if rate == dram.transfer_rate:
        return ()
    return (
        f"DRAM in detail: {dram.part} at {dram.transfer_rate / 1e6:g} instead of {rate / 1e6:g} MT/s: its timings in "
        "cycles and in ns were kept",
    )


class WindowedDram:
    """The model of DRAM of one run (a `DramModel`): bytes per second and latency for sets of streams, by windows."""

    latency_varies: bool = True

    def __init__(self, soc: Soc) -> None:
        dram = soc.dram
        self._name = f"{dram.channels} x {dram.part}"
        self._memory = describe_dram(dram)
        self._placement = Placement(
            dram.stream_window * dram.channels, dram.window_requests, dram.arrivals == "poisson"
        )
        self._capacities: set[Mix] = set()
        self._latencies: set[tuple[Mix, float]] = set()
        self._num_asked = 0
        self._notes = notes_on_part(dram)

    def capacity(self, streams: tuple[TrafficClass, ...]) -> float:
        """Bytes per second that the streams get in all when each asks for as much as it can."""
        mix = mix_of(streams)
        self._num_asked += 1
        self._capacities.add(mix)
        return window(self._memory, self._placement, mix, None).bytes_per_s

    def added_latency(self, streams: tuple[TrafficClass, ...], load: float) -> float:
        """Latency (ps) at a load, 0 to 1 of the capacity, beyond that of one random read in an idle memory."""
        mix = mix_of(streams)
        self._num_asked += 1
        self._latencies.add((mix, load))
        loaded = window(self._memory, self._placement, mix, load if load < 1.0 else None).latency_ps
        return max(0.0, loaded - idle_latency_ps(self._memory, self._placement))

    def notes(self) -> tuple[str, ...]:
        """What it took: windows, and how often one was asked for."""
        num_windows = len(self._capacities) + len(self._latencies)
        if not num_windows:
            return ()
        return (
            *self._notes,
            f"DRAM in detail: {num_windows} windows of {self._name} ({len(self._capacities)} mixes at full speed, "
            f"{len(self._latencies)} at a load), asked for {self._num_asked} times",
        )


def mix_of(streams: tuple[TrafficClass, ...]) -> Mix:
    """The signature of a set of streams."""
    reads = sum(share for _, share in streams) / len(streams)
    return Mix(tuple(sorted(pattern for pattern, _ in streams)), round(reads * _READ_SHARE_STEPS))


def stride_of(pattern: str) -> int:
    """Bytes from one request of a pattern to the next."""
    return int(pattern.removeprefix(_STRIDED)) if pattern.startswith(_STRIDED) else REQUEST_BYTES


@lru_cache(maxsize=65536)
def window(memory: MemoryDescription, placement: Placement, mix: Mix, load: float | None) -> Window:
    """Drive a mix through the memory: at full speed without a load, else at that part of what it then gets.

    Kept for the process: the runs of a study meet the same mixes.
    """
    gap = 0.0
    if load is not None:
        full = window(memory, placement, mix, None).bytes_per_s * load
        gap = len(mix.patterns) * REQUEST_BYTES / full / (memory.clock_ps * 1e-12)
    clients = [_client(index, pattern, mix, placement, gap) for index, pattern in enumerate(mix.patterns)]
    return _drive(memory, placement, clients)


@lru_cache(maxsize=64)
def idle_latency_ps(memory: MemoryDescription, placement: Placement) -> float:
    """Mean latency of random reads that come one by one."""
    gap = REQUEST_BYTES / (memory.peak_bytes_per_s * _IDLE_LOAD) / (memory.clock_ps * 1e-12)
    client = _client(0, "random", Mix(("random",), _READ_SHARE_STEPS), placement._replace(poisson=True), gap)
    return _drive(memory, placement, [client]).latency_ps


def _client(index: int, pattern: str, mix: Mix, placement: Placement, gap: float) -> ClientParameters:
    return ClientParameters(
        random=pattern == "random",
        gap=gap,
        window=placement.in_flight,
        write_fraction=1.0 - mix.read_steps / _READ_SHARE_STEPS,
        base=2 * index * _REGION + index * _SPREAD % _REGION // REQUEST_BYTES * REQUEST_BYTES,
        region=_REGION,
        stride=stride_of(pattern),
        poisson=placement.poisson,
        size=REQUEST_BYTES,
        seed=index + 1,
        separate=True,
    )


def _drive(memory: MemoryDescription, placement: Placement, clients: Sequence[ClientParameters]) -> Window:
    """Whole refresh intervals, as many as it takes to measure the requests asked for."""
    par = memory.parameters
    interval = par.refresh_interval * (par.banks if REFRESH_MODES[par.refresh_mode] == "per_bank" else 1)
    if not par.refresh_mode:
        interval = _CYCLES_WITHOUT_REFRESH
    per_cycle = memory.peak_bytes_per_s / REQUEST_BYTES * memory.clock_ps * 1e-12
    for client in clients:
        if client.gap:
            per_cycle = min(per_cycle, len(clients) / client.gap)
    count = max(2, ceil(placement.num_requests / (interval * per_cycle)))
    total = run_memory_system(memory, clients, count * interval, interval).total
    assert total.latency_mean_s is not None
    return Window(total.bandwidth_bytes_per_s, total.latency_mean_s * 1e12)
