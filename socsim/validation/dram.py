"""The detailed DRAM model against Ramulator 2.1, row by row.

Where requests arrive or lie by chance the model draws the numbers that the front end of the measurements drew (see
`engine.memory.dram.draws`), so every row is compared as it is and nothing is averaged. `ref_*` took turns that move on
every cycle, `refg2_*` after a grant; group g of `ref_*`, whose shares the former skewed, is not among the data.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from socsim.engine.memory.dram.ramulator import read_ramulator
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


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest relative errors that pass, over all rows of a file."""

    bandwidth_mean: float = 0.01
    bandwidth_worst: float = 0.05
    latency_mean: float = 0.03
    latency_worst: float = 0.15


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class DramRow:
    """One client of an experiment, or all. Latency is the mean."""

    file: str
    experiment: str
    description: str
    client: str
    measured_bytes_per_s: float
    bytes_per_s: float
    measured_latency_s: float
    latency_s: float

    @property
    def bandwidth_error(self) -> float:
        """Relative."""
        return self.bytes_per_s / self.measured_bytes_per_s - 1

    @property
    def latency_error(self) -> float:
        """Relative."""
        return self.latency_s / self.measured_latency_s - 1


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
    found = run_memory_system(memory, line.clients, line.measured_cycles or 1, line.warm_cycles or 0)
    return [_row(file, row, _of(found, row["who"])) for row in rows]


def _of(found: MemoryResult, who: str) -> ClientResult:
    return found.total if who == ALL else found.clients[int(who.removeprefix("c"))]


def _row(file: str, row: dict[str, str], found: ClientResult) -> DramRow:
    return DramRow(
        file, row["exp"], row["desc"], row["who"], float(row["bw_GBs"]) * 1e9, found.bandwidth_bytes_per_s,
        float(row["lat_mean_ns"]) * 1e-9, found.latency_mean_s or 0.0,
    )  # fmt: skip


def configurations() -> dict[str, MemoryDescription]:
    """Every configuration beside the measurements, with the map of the measurements."""
    return {path.stem: read_ramulator(path) for path in sorted(FOLDER.glob("cfg_*.json"))}
