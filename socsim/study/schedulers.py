"""Every run-time scheduler on every scenario: deadlines, tails and interruptions side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from socsim.engine.schedulers import schedulers
from socsim.hardware import Soc
from socsim.simulation import RunOptions, load_components, simulate
from socsim.simulation.scenario_file import load_scenario


@dataclass(frozen=True, slots=True)
class StreamOutcome:
    """What one stream got: completions, missed deadlines, latency and its spread in seconds (None without any)."""

    stream: str
    completed: int
    deadline_misses: int
    p99_s: float | None
    jitter_s: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scenario under one scheduler. `interruptions` counts how often a task gave way while it ran."""

    scenario: str
    scheduler: str
    latency_s: float
    energy_j: float | None
    interruptions: int
    streams: tuple[StreamOutcome, ...]

    @property
    def deadline_misses(self) -> int:
        return sum(stream.deadline_misses for stream in self.streams)

    def worst(self) -> StreamOutcome | None:
        """The stream with the most missed deadlines, or else with the longest tail."""
        return max(self.streams, key=lambda s: (s.deadline_misses, s.p99_s or 0.0), default=None)


def scheduler_names() -> list[str]:
    """All known schedulers, sorted."""
    load_components()
    return sorted(name for name, _ in schedulers.items())


def compare_schedulers(
    soc: Soc, scenarios: Sequence[str], names: Sequence[str], options: RunOptions | None = None
) -> Iterator[Outcome]:
    """Runs scenario by scenario, each under all schedulers; unknown names are a `ConfigError`."""
    load_components()
    for name in names:
        schedulers.get(name, "--schedulers")
    loaded = [load_scenario(name) for name in scenarios]
    for scenario in loaded:
        for name in names:
            result = simulate(scenario, soc, replace(options or RunOptions(), scheduler=name))
            summary: dict[str, Any] = result.summary
            streams = tuple(
                StreamOutcome(
                    stream, item["completed"], item["deadline_misses"],
                    item["latency_s"]["p99"] if item["latency_s"] else None, item["jitter_s"],
                )
                for stream, item in summary["streams"].items()
            )  # fmt: skip
            yield Outcome(
                scenario.name, name, summary["latency_s"], summary["energy_j"], len(result.suspensions), streams
            )
