"""The detailed DRAM model against Ramulator 2.1, row by row.

A row whose requests arrive by chance is one draw of the reference's. The model is driven by arrivals that come near to
those, as far as the counts of the measurements tell; `spread` says how far apart other draws lie.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from socsim.engine.memory.dram.parameters import ClientParameters
from socsim.engine.memory.dram.ramulator import read_ramulator, with_measured_arrivals
from socsim.engine.memory.dram.requests import parse_requests
from socsim.engine.memory.dram.system import (
    ClientResult,
    MemoryDescription,
    MemoryResult,
    run_memory_system,
)
from socsim.validation.catalog import DATA

FOLDER = DATA / "dram"
ALL = "all"
_OTHER_DRAWS = 4
_NEXT_SEED = 101  # between the seeds of draws: more than clients have


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest relative errors that pass, over the rows of all clients together, and of every client but those whose
    arrivals are drawn; those must lie within `most_deviations` of the model's own draws."""

    bandwidth_mean: float = 0.01
    bandwidth_worst: float = 0.05
    latency_mean: float = 0.03
    latency_worst: float = 0.15
    most_deviations: float = 4.0


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class DramRow:
    """One client of an experiment, or all. Latency is the mean; spreads are relative standard deviations of single
    draws, 0 where nothing is drawn."""

    file: str
    experiment: str
    description: str
    client: str
    measured_bytes_per_s: float
    bytes_per_s: float
    bytes_per_s_spread: float
    measured_latency_s: float
    latency_s: float
    latency_spread: float

    @property
    def bandwidth_error(self) -> float:
        """Relative."""
        return self.bytes_per_s / self.measured_bytes_per_s - 1

    @property
    def latency_error(self) -> float:
        """Relative."""
        return self.latency_s / self.measured_latency_s - 1

    @property
    def is_drawn(self) -> bool:
        """Whether this is one client's part of an experiment in which requests arrive by chance."""
        return self.client != ALL and self.latency_spread > 0

    @property
    def within_draws(self) -> bool:
        """Whether the measured values lie as near as other draws do, or nearer than the limits."""
        most = LIMITS.most_deviations
        return (
            abs(self.bandwidth_error) <= most * self.bytes_per_s_spread + LIMITS.bandwidth_worst
            and abs(self.latency_error) <= most * self.latency_spread + LIMITS.latency_worst
        )


@dataclass(frozen=True, slots=True)
class Errors:
    """Mean and worst absolute relative error of some rows."""

    rows: int
    bandwidth_mean: float
    bandwidth_worst: float
    latency_mean: float
    latency_worst: float

    @property
    def ok(self) -> bool:
        """Whether they keep the limits."""
        return (
            self.bandwidth_mean <= LIMITS.bandwidth_mean
            and self.bandwidth_worst <= LIMITS.bandwidth_worst
            and self.latency_mean <= LIMITS.latency_mean
            and self.latency_worst <= LIMITS.latency_worst
        )


def errors_of(rows: Sequence[DramRow]) -> Errors:
    """Errors over some rows."""
    bandwidth = [abs(row.bandwidth_error) for row in rows]
    latency = [abs(row.latency_error) for row in rows]
    return Errors(len(rows), sum(bandwidth) / len(rows), max(bandwidth), sum(latency) / len(rows), max(latency))


def reference_files() -> list[str]:
    """The files of measurements, without their ending."""
    return sorted(path.stem for path in FOLDER.glob("ref*.csv"))


def validate_dram(
    files: Iterable[str] | None = None,
    wanted: Callable[[str], bool] = lambda experiment: True,
    say: Callable[[str], None] = lambda text: None,
) -> list[DramRow]:
    """Every row of the reference files, or of some files and experiments. Progress goes to `say`."""
    found = []
    for file in reference_files() if files is None else files:
        say(file)
        with (FOLDER / f"{file}.csv").open(encoding="utf-8") as opened:
            rows = [row for row in csv.DictReader(opened) if wanted(row["exp"])]
        for experiment in dict.fromkeys(row["exp"] for row in rows):
            found += _experiment(file, [row for row in rows if row["exp"] == experiment])
    return found


def _experiment(file: str, rows: Sequence[dict[str, str]]) -> list[DramRow]:
    config, text = rows[0]["cmd"].split(" ", 1)
    line = parse_requests(text)
    memory = read_ramulator(FOLDER / config, line.interleave_bits or 8, line.low_column_bits)
    rotating = int(not file.startswith("refg2"))
    memory = memory._replace(parameters=memory.parameters._replace(rotating=rotating))
    cycles, warm = line.measured_cycles or 1, line.warm_cycles or 0
    found = run_memory_system(memory, with_measured_arrivals(line.clients), cycles, warm)
    others = _OTHER_DRAWS if any(client.poisson for client in line.clients) else 0
    draws = [run_memory_system(memory, _drawn(line.clients, n), cycles, warm) for n in range(others)]
    return [_row(file, row, _of(found, row["who"]), [_of(draw, row["who"]) for draw in draws]) for row in rows]


def _drawn(clients: Sequence[ClientParameters], n: int) -> list[ClientParameters]:
    return [replace(client, seed=client.seed + _NEXT_SEED * n) for client in clients]


def _of(draw: MemoryResult, who: str) -> ClientResult:
    return draw.total if who == ALL else draw.clients[int(who.removeprefix("c"))]


def _row(file: str, row: dict[str, str], found: ClientResult, draws: Sequence[ClientResult]) -> DramRow:
    return DramRow(
        file, row["exp"], row["desc"], row["who"],
        float(row["bw_GBs"]) * 1e9, found.bandwidth_bytes_per_s,
        _spread([draw.bandwidth_bytes_per_s for draw in draws]),
        float(row["lat_mean_ns"]) * 1e-9, found.latency_mean_s or 0.0,
        _spread([draw.latency_mean_s or 0.0 for draw in draws]),
    )  # fmt: skip


def _spread(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1)) / mean


def configurations() -> dict[str, MemoryDescription]:
    """Every configuration beside the measurements, with the map of the measurements."""
    return {path.stem: read_ramulator(path) for path in sorted(FOLDER.glob("cfg_*.json"))}
