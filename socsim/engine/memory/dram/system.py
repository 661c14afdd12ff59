"""A memory system alone: clients in, bandwidth and latencies out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal, NamedTuple

from socsim.engine.memory.dram.compiled import CompiledEngine, numba_is_installed
from socsim.engine.memory.dram.interpreted import InterpretedEngine
from socsim.engine.memory.dram.parameters import (
    ChannelParameters,
    ClientCounts,
    ClientParameters,
    RunCounts,
    percentile_cycles,
)
from socsim.engine.memory.dram.separate_ports import separate_ports

EngineName = Literal["auto", "compiled", "interpreted"]
_WORTH_COMPILING_CYCLES = 100_000
_NEXT_SEED = 101  # between the seeds of pooled runs: more than clients have seeds
SEEDS_OF_CHANCE = 8
"""Runs that are pooled where clients come by chance: queueing latency differs much between spans of this length."""


class MemoryDescription(NamedTuple):
    """A memory system in cycles, the period of its command clock, and its peak bandwidth."""

    parameters: ChannelParameters
    clock_ps: float
    peak_bytes_per_s: float


@dataclass(frozen=True, slots=True)
class ClientResult:
    """Bandwidth and latency of one client, or of all. Latencies are those of reads, or of writes where nothing is read:
    from the cycle in which a request stepped to the head of its port until its last data was back; None without any."""

    bandwidth_bytes_per_s: float
    read_bytes_per_s: float
    write_bytes_per_s: float
    peak_fraction: float
    latency_mean_s: float | None
    latency_p95_s: float | None
    latency_p99_s: float | None
    requests: int


@dataclass(frozen=True, slots=True)
class MemoryResult:
    """What all clients got in all, each of them, and the commands that it took (over the whole of the first run)."""

    total: ClientResult
    clients: tuple[ClientResult, ...]
    counts: RunCounts


def run_memory_system(
    memory: MemoryDescription,
    clients: Sequence[ClientParameters],
    measured_cycles: int,
    warm_cycles: int,
    engine: EngineName = "auto",
    seeds: int = 1,
) -> MemoryResult:
    """Drive every request of the clients for `warm_cycles` and then `measured_cycles`; pool that over some seeds.

    The engines give the same result; `auto` takes machine code where numba is installed and the run is long enough.
    """
    ports, owners = separate_ports(clients)
    runs = [
        _count(memory.parameters, [replace(c, seed=c.seed + _NEXT_SEED * n) for c in ports], measured_cycles,
               warm_cycles, engine)
        for n in range(seeds)
    ]  # fmt: skip
    of_client = [[port for port, owner in enumerate(owners) if owner == i] for i in range(len(clients))]
    pooled = [_sum([run.clients[i] for run in runs for i in indices]) for indices in of_client]
    sizes = [client.size for client in clients]
    each = tuple(
        _result(memory, [client], [size], measured_cycles, seeds) for client, size in zip(pooled, sizes, strict=True)
    )
    return MemoryResult(_result(memory, pooled, sizes, measured_cycles, seeds), each, runs[0])


def seeds_for(clients: Sequence[ClientParameters]) -> int:
    """How many seeds it takes to know the latency of clients about as well as by one run without Poisson arrivals."""
    return SEEDS_OF_CHANCE if any(client.poisson for client in clients) else 1


def _count(
    par: ChannelParameters,
    clients: Sequence[ClientParameters],
    measured_cycles: int,
    warm_cycles: int,
    engine: EngineName,
) -> RunCounts:
    cycles = warm_cycles + measured_cycles
    known = InterpretedEngine.is_known(par)
    if engine == "auto":
        long = cycles * par.channels >= _WORTH_COMPILING_CYCLES or not known
        engine = "compiled" if numba_is_installed() and long else "interpreted"
    if engine == "compiled":
        return CompiledEngine(par, clients).run(warm_cycles, cycles)
    if known:
        return InterpretedEngine(par, clients).run(warm_cycles, cycles)
    return CompiledEngine(par, clients, interpret=True).run(warm_cycles, cycles)


def _sum(counts: Sequence[ClientCounts]) -> ClientCounts:
    if len(counts) == 1:
        return counts[0]
    return ClientCounts(
        reads=sum(c.reads for c in counts),
        writes=sum(c.writes for c in counts),
        read_latency=sum(c.read_latency for c in counts),
        write_latency=sum(c.write_latency for c in counts),
        read_histogram=_add_up([c.read_histogram for c in counts]),
        write_histogram=_add_up([c.write_histogram for c in counts]),
    )


def _add_up(histograms: Sequence[list[int]]) -> list[int]:
    return histograms[0] if len(histograms) == 1 else list(map(sum, zip_longest(*histograms, fillvalue=0)))


def _result(
    memory: MemoryDescription, counts: Sequence[ClientCounts], sizes: Sequence[int], cycles: int, runs: int
) -> ClientResult:
    seconds = runs * cycles * memory.clock_ps * 1e-12
    read_bytes_per_s = sum(c.reads * size for c, size in zip(counts, sizes, strict=True)) / seconds
    write_bytes_per_s = sum(c.writes * size for c, size in zip(counts, sizes, strict=True)) / seconds
    reads, writes = sum(c.reads for c in counts), sum(c.writes for c in counts)
    served = reads or writes
    total = sum(c.read_latency for c in counts) if reads else sum(c.write_latency for c in counts)
    histogram = _add_up([c.read_histogram if reads else c.write_histogram for c in counts])
    tick = memory.clock_ps * 1e-12
    bandwidth = read_bytes_per_s + write_bytes_per_s
    return ClientResult(
        bandwidth_bytes_per_s=bandwidth,
        read_bytes_per_s=read_bytes_per_s,
        write_bytes_per_s=write_bytes_per_s,
        peak_fraction=bandwidth / memory.peak_bytes_per_s,
        latency_mean_s=total / served * tick if served else None,
        latency_p95_s=percentile_cycles(histogram, 0.95) * tick if served else None,
        latency_p99_s=percentile_cycles(histogram, 0.99) * tick if served else None,
        requests=round((reads + writes) / runs),
    )
