"""One measurement: what ran where and how, and what was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from socsim.errors import ConfigError
from socsim.registry import did_you_mean

Summary = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A row of a suite.

    `workload` may name several with `+` between them, which then run together. `overrides` change the hardware as
    `--set` does, `options` are those of a run, `transforms` change the workload. `spread` is the largest over the
    smallest where several measurements were averaged, `where` the row's place in its file.
    """

    hardware: str
    workload: str
    quantity: str
    measured: float
    overrides: tuple[str, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    transforms: tuple[str, ...] = ()
    fitted: bool = False
    source: str = ""
    note: str = ""
    spread: float = 1.0
    where: str = field(default="", compare=False)

    @property
    def label(self) -> str:
        """What tells this row from the others of its suite, for people."""
        extra = [text.removeprefix("units.") for text in self.overrides if not text.startswith("dram.capacity")]
        shown = [f"{key}={value}" for key, value in self.options if key not in ("units", "repeat")]
        return " ".join([self.workload, *extra, *shown, *self.transforms])

    @property
    def identity(self) -> tuple[Any, ...]:
        """Rows that measured the same thing agree in this."""
        return (self.hardware, self.overrides, self.workload, self.options, self.transforms, self.quantity)


def averaged(rows: Iterable[Measurement]) -> tuple[Measurement, ...]:
    """One row for each thing measured: the geometric mean where several measurements exist, in order of first sight."""
    groups: dict[tuple[Any, ...], list[Measurement]] = {}
    for row in rows:
        groups.setdefault(row.identity, []).append(row)
    return tuple(_mean(group) for group in groups.values())


def _mean(group: list[Measurement]) -> Measurement:
    values = [row.measured for row in group]
    mean = math.exp(sum(map(math.log, values)) / len(values))
    return replace(group[0], measured=mean, spread=max(values) / min(values)) if len(group) > 1 else group[0]


def _of_generation(name: str) -> Callable[[Summary], float | None]:
    return lambda summary: (summary.get("generation") or {}).get(name)


def _median_latency_s(summary: Summary) -> float | None:
    """Of the runs of a lone stream that is repeated: the first finds caches cold, the others do not."""
    streams = list(summary["streams"].values())
    return streams[0]["latency_s"]["p50"] if len(streams) == 1 and streams[0]["latency_s"] else None


QUANTITIES: dict[str, Callable[[Summary], float | None]] = {
    "latency_s": lambda summary: summary["latency_s"],
    "median_latency_s": _median_latency_s,
    "runs_per_s": lambda summary: 1 / summary["latency_s"],
    "prompt_tokens_per_s": _of_generation("prompt_tokens_per_s"),
    "output_tokens_per_s": _of_generation("output_tokens_per_s"),
    "time_per_output_token_s": _of_generation("time_per_output_token_s"),
    "time_to_first_token_s": _of_generation("time_to_first_token_s"),
    "energy_j": lambda summary: summary.get("energy_j"),
    "average_power_w": lambda summary: summary.get("average_power_w"),
}
"""What can be measured -> how it is read from the summary of a run."""

GREATER_IS_SLOWER = frozenset({"latency_s", "median_latency_s", "time_per_output_token_s", "time_to_first_token_s"})


def quantity_of(name: str, summary: Summary, where: str) -> float:
    """A quantity of a run; `ConfigError` where it is unknown or the run has none (no generation, no power model)."""
    if name not in QUANTITIES:
        raise ConfigError(where, f"unknown quantity '{name}': {did_you_mean(name, QUANTITIES)}")
    value = QUANTITIES[name](summary)
    if value is None:
        raise ConfigError(where, f"the run has no {name}: check its options (--prompt and --tokens for a generation)")
    return float(value)
