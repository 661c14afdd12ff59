"""The fluid model against the detailed one: what each of up to so many clients gets, on channels of a part.

The fluid model knows the set of streams, their paces and windows: capacity from its table, shares max-min fair, each
client no faster than its pace and than Little's law allows at the latency that the load brings about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from socsim.engine.memory.dram.channel import describe_part
from socsim.engine.memory.dram.parameters import ClientParameters
from socsim.engine.memory.dram.part import load_part
from socsim.engine.memory.dram.placement import REQUEST_BYTES, client, mean, run_at_places
from socsim.engine.memory.dram.system import MemoryDescription
from socsim.engine.memory.efficiency import Arrivals, FluidTable, fluid_table
from socsim.engine.memory.max_min import max_min_rates
from socsim.engine.memory.traffic import TrafficClass

COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
FIRST_DRAW, DRAWS = 1000, 8
"""Places that the tables were not made with."""
MEASURED_PS, WARM_PS = 40e6, 5e6
_BISECTIONS = 40
_ROUNDS = 3
"""What clients get says how much memory sees of each, which says what they get."""
_NEARLY_FULL = 0.9
"""Above this load what others leave to clients that ask one by one goes to nothing: their queues are full at 1, whoever
fills them."""


class Got(NamedTuple):
    """What one client got: bytes per second, and the mean latency of its requests in seconds."""

    bytes_per_s: float
    latency_s: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Alike clients of a mix under both models; figures are those of one client, the mean over those alike."""

    mix: str
    clients: int
    role: str
    detailed: Got
    fluid: Got

    @property
    def bandwidth_error(self) -> float:
        """Relative."""
        return self.fluid.bytes_per_s / self.detailed.bytes_per_s - 1

    @property
    def latency_error(self) -> float:
        """Relative."""
        return self.fluid.latency_s / self.detailed.latency_s - 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """All mixes of one part."""

    part: str
    rows: tuple[Compared, ...]

    def errors(self) -> dict[str, float]:
        """Mean and worst absolute relative errors over rows."""
        bandwidth = [abs(row.bandwidth_error) for row in self.rows]
        latency = [abs(row.latency_error) for row in self.rows]
        return {
            "bandwidth_mean": mean(bandwidth),
            "bandwidth_worst": max(bandwidth),
            "latency_mean": mean(latency),
            "latency_worst": max(latency),
        }

    def data(self) -> dict[str, Any]:
        """As JSON types."""
        return {
            "part": self.part,
            "errors": self.errors(),
            "rows": [
                {
                    "mix": row.mix,
                    "clients": row.clients,
                    "role": row.role,
                    "detailed": row.detailed._asdict(),
                    "fluid": row.fluid._asdict(),
                    "bandwidth_error": row.bandwidth_error,
                    "latency_error": row.latency_error,
                }
                for row in self.rows
            ],
        }


class _Role(NamedTuple):
    name: str
    client: ClientParameters


def compare_models(part: str, clients_max: int, channels: int = 1) -> Comparison:
    """Every mix at every number of clients up to `clients_max`. Raises `ConfigError` for an unknown part."""
    memory = describe_part(load_part(part), channels)
    table = fluid_table(part)
    rows: list[Compared] = []
    for count in (count for count in COUNTS if count <= clients_max):
        for mix, roles in _mixes(count, memory, table).items():
            detailed = _detailed(memory, [role.client for role in roles])
            fluid = fluid_mix(memory, table, [role.client for role in roles])
            for name in dict.fromkeys(role.name for role in roles):
                alike = [index for index, role in enumerate(roles) if role.name == name]
                rows.append(Compared(mix, count, name, _mean(detailed, alike), _mean(fluid, alike)))
    return Comparison(part, tuple(rows))


def fluid_mix(memory: MemoryDescription, table: FluidTable, clients: Sequence[ClientParameters]) -> list[Got]:
    """What clients get according to the fluid model."""
    fair = memory.peak_bytes_per_s / len(clients)
    paces = [REQUEST_BYTES / (one.gap * memory.clock_ps * 1e-12) if one.gap else float("inf") for one in clients]
    idle = [table.idle_ps("random" if one.random else "sequential") * 1e-12 for one in clients]
    weights = [
        min(fair, pace, one.window * REQUEST_BYTES / wait) for one, pace, wait in zip(clients, paces, idle, strict=True)
    ]
    got: list[Got] = []
    for _ in range(_ROUNDS):
        got = _at_weights(memory, table, clients, paces, idle, weights)
        weights = [min(fair, one.bytes_per_s) for one in got]
    return got


def _at_weights(
    memory: MemoryDescription,
    table: FluidTable,
    clients: Sequence[ClientParameters],
    paces: Sequence[float],
    idle: Sequence[float],
    weights: Sequence[float],
) -> list[Got]:
    """What clients get where memory sees each as much as its weight says. `idle` is their latency in an idle memory."""
    streams: list[TrafficClass] = [
        ("random" if one.random else "sequential", 1.0 - one.write_fraction) for one in clients
    ]
    arrivals: Arrivals = "closed"
    if any(one.gap for one in clients):
        arrivals = "poisson" if any(one.poisson for one in clients) else "paced"
    mean_idle = sum(weight * wait for weight, wait in zip(weights, idle, strict=True)) / sum(weights)
    count = sum(weights) ** 2 / sum(weight**2 for weight in weights)
    capacity = memory.peak_bytes_per_s * table.fraction(streams, weights)
    idle_random = table.idle_ps("random") * 1e-12
    path = [[("dram", 1.0)]] * len(clients)
    one_by_one = [index for index, one in enumerate(clients) if one.window == 1]
    beside = [index for index, one in enumerate(clients) if one.window > 1]
    others = [streams[index] for index in beside]
    other_weights = [weights[index] for index in beside]
    of_others = memory.peak_bytes_per_s * table.fraction(others, other_weights) if others else 0.0

    def at(load: float, rates: Sequence[float]) -> tuple[list[float], list[float]]:
        of_mix = table.latency_ps(streams, load, arrivals, weights) * 1e-12
        # a random request opens a row, a stream's seldom does: less so the more streams there are, and in full queues
        waits = [of_mix + (wait - mean_idle) * (1 - load) / count for wait in idle]
        if others and one_by_one:
            their_load = sum(rates[index] for index in beside) / of_others
            if load > _NEARLY_FULL:
                their_load += (1 - their_load) * (load - _NEARLY_FULL) / (1 - _NEARLY_FULL)
            chase = table.chase_ps(others, their_load, other_weights) * 1e-12
            for index in one_by_one:
                waits[index] = chase + idle[index] - idle_random
        bounds = [
            min(pace, one.window * REQUEST_BYTES / wait) for one, pace, wait in zip(clients, paces, waits, strict=True)
        ]
        return max_min_rates({"dram": capacity}, path, bounds), waits

    low, high = 0.0, 1.0
    rates = [0.0] * len(clients)
    for _ in range(_BISECTIONS):
        load = (low + high) / 2
        rates = at(load, rates)[0]
        low, high = (load, high) if sum(rates) > load * capacity else (low, load)
    rates, waits = at(high, rates)
    # Little: nothing waits longer than it takes to serve all that its client has in flight
    return [
        Got(rate, min(wait, one.window * REQUEST_BYTES / rate))
        for one, rate, wait in zip(clients, rates, waits, strict=True)
    ]


def _mixes(count: int, memory: MemoryDescription, table: FluidTable) -> dict[str, list[_Role]]:
    """Clients that ask for all they can get, for a part of it, one by one beside others."""

    def pace(fraction: float, read_fraction: float = 1.0) -> float:
        full = memory.peak_bytes_per_s * table.fraction([("sequential", read_fraction)] * count) * fraction
        return count * REQUEST_BYTES / full / (memory.clock_ps * 1e-12)

    channels = memory.parameters.channels
    many, few = 64 * channels, 4 * channels
    stream, random = _Role("stream", client(False, many)), _Role("random", client(True, many))
    copy = _Role("copy", client(False, many, 0.5))
    mixes = {
        "streams": [stream] * count,
        "random": [random] * count,
        "streams, a quarter writes": [_Role("stream", client(False, many, 0.25))] * count,
        "copies": [copy] * count,
        "streams with 16 in flight": [_Role("stream", client(False, 4 * few))] * count,
        "random, 4 in flight": [_Role("random", client(True, few))] * count,
        "streams paced to 60%": [_Role("stream", client(False, many, 0.0, pace(0.6)))] * count,
        "streams, Poisson, to 60%": [_Role("stream", client(False, many, 0.0, pace(0.6), True))] * count,
        "streams, a quarter writes, paced to 80%": [_Role("stream", client(False, many, 0.25, pace(0.8, 0.75)))]
        * count,
    }  # fmt: skip
    if count > 1:
        chase = _Role("chase", client(random=True, window=1))
        paced = _Role("stream", client(False, many, 0.0, pace(0.6) * (count - 1) / count))
        mixes["half streams, half random"] = [stream] * (count - count // 2) + [random] * (count // 2)
        mixes["streams and a pointer chase"] = [stream] * (count - 1) + [chase]
        mixes["copies and a pointer chase"] = [copy] * (count - 1) + [chase]
        mixes["streams paced to 60% and a pointer chase"] = [paced] * (count - 1) + [chase]
    return mixes


def _detailed(memory: MemoryDescription, clients: Sequence[ClientParameters]) -> list[Got]:
    shorter = min(4.0, max(1.0, memory.parameters.channels / 4))
    cycles, warm = round(MEASURED_PS / shorter / memory.clock_ps), round(WARM_PS / memory.clock_ps)
    runs = run_at_places(memory, clients, range(FIRST_DRAW, FIRST_DRAW + DRAWS), cycles, warm)
    found = []
    for index in range(len(clients)):
        results = [run.clients[index] for run in runs]
        found.append(
            Got(
                mean([result.bandwidth_bytes_per_s for result in results]),
                mean([result.latency_mean_s or 0.0 for result in results]),
            )
        )
    return found


def _mean(got: Sequence[Got], indices: Sequence[int]) -> Got:
    return Got(mean([got[i].bytes_per_s for i in indices]), mean([got[i].latency_s for i in indices]))
