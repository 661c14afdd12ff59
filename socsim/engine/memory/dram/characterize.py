"""The table of the fluid model for one DRAM part, from the detailed model: `scripts/dram-tables` writes it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from socsim.engine.memory.dram.channel import describe_part
from socsim.engine.memory.dram.parameters import ClientParameters
from socsim.engine.memory.dram.part import DramPart
from socsim.engine.memory.dram.placement import REQUEST_BYTES, client, mean, run_at_places
from socsim.engine.memory.dram.system import MemoryDescription

STREAMS = (1, 2, 4, 6, 8, 12, 16)
RANDOM_FRACTIONS = (0.0, 0.5, 1.0)
READ_FRACTIONS = (0.0, 0.5, 0.75, 1.0)
LATENCY_STREAMS = (1, 2, 4, 8, 16)
LATENCY_READ_FRACTIONS = (0.5, 0.75, 1.0)
LOADS = (0.05, 0.2, 0.4, 0.6, 0.8, 0.9)
STRIDES = (128, 256, 512, 1024, 2048, 4096, 16384, 65536)
PLACES = 6
PLACES_UNDER_LOAD = 3
PLACES_OF_CHASE = 3
CHASE_READ_FRACTIONS = (0.5, 1.0)
CHASE_RANDOM_FRACTIONS = (0.0, 1.0)
CLOSED_LOADS = (0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98)
CLOSED_WINDOWS = (1, 2, 4, 8, 16)
PLACES_IN_LOOP = 2
FULL_WINDOW = 64
"""Requests in flight per client that keep memory full: more do not change what it delivers."""

MEASURED_PS, WARM_PS = 20e6, 3e6
_LONGER_BELOW_LOAD = 0.2
Say = Callable[[str], None]


def characterize(part: DramPart, say: Say = lambda text: None) -> dict[str, Any]:
    """Efficiency, latency under load and idle latency of one channel of a part, as the data of its file."""
    memory = describe_part(part)
    full: dict[tuple[int, float, float], tuple[float, float]] = {}
    for streams in STREAMS:
        say(f"{part.name}: {streams} streams")
        for random in _random_fractions(streams):
            for reads in READ_FRACTIONS:
                full[streams, random, reads] = _measure(memory, _clients(streams, random, reads))
        if streams == 1:
            for reads in READ_FRACTIONS:
                full[1, 0.5, reads] = _between(full[1, 0.0, reads], full[1, 1.0, reads])
    latency = {}
    for arrivals in ("paced", "poisson"):
        say(f"{part.name}: {arrivals} arrivals")
        latency[f"{arrivals}_ns"] = [
            _under_load(memory, streams, arrivals == "poisson", full) for streams in LATENCY_STREAMS
        ]
    say(f"{part.name}: few requests in flight")
    latency["closed_ns"] = [
        _closed(memory, streams, full, latency["paced_ns"][index]) for index, streams in enumerate(LATENCY_STREAMS)
    ]
    say(f"{part.name}: a pointer chase")
    idle = {name: _measure(memory, [client(random=name == "random", window=1)])[1] for name in ("sequential", "random")}
    return {
        "idle_latency_ns": idle,
        "efficiency": {
            "streams": list(STREAMS),
            "random_fraction": list(RANDOM_FRACTIONS),
            "read_fraction": list(READ_FRACTIONS),
            "peak_fraction": _cube(lambda *at: full[at][0]),
            "latency_ns": _cube(lambda *at: full[at][1]),
        },
        "strides": {
            "stride_bytes": list(STRIDES),
            "peak_fraction": [_measure(memory, [client(stride=stride)])[0] for stride in STRIDES],
        },
        "latency": {
            "streams": list(LATENCY_STREAMS),
            "random_fraction": list(RANDOM_FRACTIONS),
            "read_fraction": list(LATENCY_READ_FRACTIONS),
            "load_fraction": list(LOADS),
            "closed_load_fraction": list(CLOSED_LOADS),
            **latency,
        },
        "pointer_chase": {
            "beside_streams": list(STREAMS),
            "random_fraction": list(CHASE_RANDOM_FRACTIONS),
            "read_fraction": list(CHASE_READ_FRACTIONS),
            "load_fraction": [*LOADS, 1.0],
            "latency_ns": [
                [
                    [
                        _chase(memory, streams, random, reads, full[streams, random, reads][0])
                        for reads in CHASE_READ_FRACTIONS
                    ]
                    for random in CHASE_RANDOM_FRACTIONS
                ]
                for streams in STREAMS
            ],
        },
    }


def _clients(
    streams: int,
    random: float,
    reads: float,
    gap_cycles: float = 0.0,
    poisson: bool = False,
    window: int = FULL_WINDOW,
) -> list[ClientParameters]:
    """Alternately streams and random clients, in the share that is asked for."""
    return [
        client((index + 1) * random // 1 > index * random // 1, window, 1 - reads, gap_cycles, poisson)
        for index in range(streams)
    ]


def _random_fractions(streams: int) -> tuple[float, ...]:
    return RANDOM_FRACTIONS if streams > 1 else (0.0, 1.0)


def _cube(value: Callable[[int, float, float], float]) -> list[list[list[float]]]:
    return [[[value(s, random, reads) for reads in READ_FRACTIONS] for random in RANDOM_FRACTIONS] for s in STREAMS]


def _under_load(
    memory: MemoryDescription, streams: int, poisson: bool, full: dict[tuple[int, float, float], tuple[float, float]]
) -> list[list[list[float]]]:
    """Latency in ns [random share][read share][load]."""
    bytes_per_cycle = memory.peak_bytes_per_s * memory.clock_ps * 1e-12
    found = {}
    for random in _random_fractions(streams):
        for reads in LATENCY_READ_FRACTIONS:
            fraction = full[streams, random, reads][0]
            gaps = [streams * REQUEST_BYTES / (load * fraction * bytes_per_cycle) for load in LOADS]
            found[random, reads] = [
                _measure(
                    memory, _clients(streams, random, reads, gap, poisson), PLACES_UNDER_LOAD,
                    max(1.0, _LONGER_BELOW_LOAD / load),
                )[1]
                for load, gap in zip(LOADS, gaps, strict=True)
            ]  # fmt: skip
    for reads in LATENCY_READ_FRACTIONS:
        if (0.5, reads) not in found:
            pair = zip(found[0.0, reads], found[1.0, reads], strict=True)
            found[0.5, reads] = [round((low + high) / 2, 1) for low, high in pair]
    return [[found[random, reads] for reads in LATENCY_READ_FRACTIONS] for random in RANDOM_FRACTIONS]


def _closed(
    memory: MemoryDescription,
    streams: int,
    full: dict[tuple[int, float, float], tuple[float, float]],
    paced: list[list[list[float]]],
) -> list[list[list[float]]]:
    """Latency in ns [random share][read share][load] of clients that ask again when data is back: the more they keep in
    flight, the higher load and latency."""
    found = []
    for i, random in enumerate(RANDOM_FRACTIONS):
        row: list[list[float]] = []
        for j, reads in enumerate(LATENCY_READ_FRACTIONS):
            if streams == 1 and 0 < random < 1:
                row.append([])
                continue
            points = [(LOADS[0], paced[i][j][0])]
            for window in CLOSED_WINDOWS:
                clients = _clients(streams, random, reads, window=window)
                fraction, latency_ns = _measure(memory, clients, PLACES_IN_LOOP)
                load = fraction / full[streams, random, reads][0]
                if load > points[-1][0]:
                    points.append((load, latency_ns))
            row.append([_along(points, load) for load in CLOSED_LOADS])
        found.append(row)
    if streams == 1:
        found[1] = [
            [round((low + high) / 2, 1) for low, high in zip(*pair, strict=True)]
            for pair in zip(found[0], found[2], strict=True)
        ]
    return found


def _along(points: list[tuple[float, float]], load: float) -> float:
    """Latency at a load on a line through points (load, latency) of rising load."""
    for (low, before), (high, after) in pairwise(points):
        if load <= high:
            return round(before + (after - before) * max(0.0, load - low) / (high - low), 1)
    return points[-1][1]


def _chase(memory: MemoryDescription, streams: int, random: float, reads: float, fraction: float) -> list[float]:
    """Latency in ns of random reads one by one beside streams, at each load and with streams that take all."""
    bytes_per_cycle = memory.peak_bytes_per_s * memory.clock_ps * 1e-12
    gaps = [streams * REQUEST_BYTES / (load * fraction * bytes_per_cycle) for load in LOADS]
    cycles, warm = round(MEASURED_PS / memory.clock_ps), round(WARM_PS / memory.clock_ps)
    places = 2 * PLACES_OF_CHASE if not random and reads == 1.0 else PLACES_OF_CHASE
    found = []
    for gap in (*gaps, 0.0):
        clients = [*_clients(streams, random, reads, gap), client(random=True, window=1)]
        runs = run_at_places(memory, clients, range(places), cycles, warm)
        found.append(round(mean([run.clients[-1].latency_mean_s or 0.0 for run in runs]) * 1e9, 1))
    return found


def _measure(
    memory: MemoryDescription, clients: list[ClientParameters], places: int | None = None, longer: float = 1.0
) -> tuple[float, float]:
    """(fraction of peak, mean latency in ns) over places; random addresses alone need one."""
    if places is None:
        alone = len(clients) == 1 and clients[0].write_fraction in (0, 1)
        places = 1 if all(one.random for one in clients) or alone else PLACES
    cycles, warm = round(longer * MEASURED_PS / memory.clock_ps), round(WARM_PS / memory.clock_ps)
    runs = run_at_places(memory, clients, range(places), cycles, warm)
    latencies = [run.total.latency_mean_s or 0.0 for run in runs]
    return round(mean([run.total.peak_fraction for run in runs]), 4), round(mean(latencies) * 1e9, 1)


def _between(low: tuple[float, float], high: tuple[float, float]) -> tuple[float, float]:
    return round((low[0] + high[0]) / 2, 4), round((low[1] + high[1]) / 2, 1)
