"""The simulator against queueing theory and the theory of real-time scheduling.

- M/D/1 and M/M/1: mean wait `rho E[S] / (2 (1 - rho))` and `rho E[S] / (1 - rho)` of Poisson arrivals at load rho.
- Tasks (C, T) = (2, 5) and (4, 7) on one interruptible unit: utilization 34/35, so earliest deadline first meets every
  deadline, and the response of the second under rate monotonic is 8 > 7.

**Source:** Kleinrock, Queueing Systems I, 1975 (Pollaczek-Khinchine); Liu and Layland, JACM 1973.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from socsim.cost import unit_models
from socsim.hardware import Soc, load_soc
from socsim.quantity import PS_PER_S
from socsim.result import RunResult
from socsim.simulation import RunOptions, load_components, simulate
from socsim.workload.scenario import Distribution, Periodic, Poisson, Scenario, Stream, Synthetic

HARDWARE, UNIT = "example", "cpu_p"
LOAD = 0.5
SERVICE_PS = PS_PER_S // 1000
SEEDS = (1, 2, 3)
REQUESTS = 20_000
WARM_UP = 500
BATCHES = 30
"""Waits of neighbours are alike: the standard error is that of the means of so many batches."""
MOST_ERRORS = 3.0


@dataclass(frozen=True, slots=True)
class WaitCheck:
    """A queue's mean wait against its formula, in ms."""

    queue: str
    seed: int
    expected_ms: float
    mean_ms: float
    standard_error_ms: float

    @property
    def errors(self) -> float:
        """The difference in standard errors."""
        return (self.mean_ms - self.expected_ms) / self.standard_error_ms

    @property
    def ok(self) -> bool:
        return abs(self.errors) <= MOST_ERRORS


@dataclass(frozen=True, slots=True)
class DeadlineCheck:
    """Deadlines that a scheduler misses over a hyperperiod, in ms after the start."""

    scheduler: str
    missed_ms: tuple[int, ...]
    expected: str
    ok: bool


def validate_queueing(requests: int = REQUESTS) -> tuple[list[WaitCheck], list[DeadlineCheck]]:
    """All checks."""
    load_components()
    soc = load_soc(HARDWARE, unit_models=unit_models)
    waits = [
        _wait(soc, queue, kind, factor, seed, requests)
        for queue, kind, factor in (("M/D/1", "constant", 0.5), ("M/M/1", "exponential", 1.0))
        for seed in SEEDS
    ]
    return waits, [
        _deadlines("rate_monotonic", lambda missed: missed[:1] == (7,), "first at 7"),
        _deadlines("edf", lambda missed: not missed, "none"),
    ]


def queueing_data(waits: list[WaitCheck], deadlines: list[DeadlineCheck]) -> dict[str, Any]:
    """The checks as JSON types; `ok` where all hold."""
    return {
        "waits": [{**asdict(check), "errors": check.errors, "ok": check.ok} for check in waits],
        "deadlines": [asdict(check) for check in deadlines],
        "ok": all(check.ok for check in waits) and all(check.ok for check in deadlines),
    }


def queueing_lines(waits: list[WaitCheck], deadlines: list[DeadlineCheck]) -> list[str]:
    """The checks as lines for people."""
    lines = [
        f"Mean wait at load {LOAD}, {SERVICE_PS * 1000 // PS_PER_S} ms mean service",
        "queue  seed  formula    simulated  standard error  difference / standard error",
    ]
    for check in waits:
        figures = f"{check.expected_ms:7.4f} ms {check.mean_ms:8.4f} ms {check.standard_error_ms:11.4f} ms"
        lines.append(f"{check.queue:6} {check.seed:3}  {figures} {check.errors:+10.2f}  {_verdict(check.ok)}")
    lines += ["", "Tasks (C, T) = (2, 5), (4, 7) ms, interruptible at once without cost, 70 ms"]
    for item in deadlines:
        missed = ", ".join(map(str, item.missed_ms)) or "none"
        lines.append(f"{item.scheduler:15} misses {missed} (expected: {item.expected})  {_verdict(item.ok)}")
    return lines


def _verdict(ok: bool) -> str:
    return "ok" if ok else "FAILED"


def _wait(soc: Soc, queue: str, kind: Any, factor: float, seed: int, requests: int) -> WaitCheck:
    work = Synthetic(UNIT, Distribution(kind, SERVICE_PS))
    arrival = Poisson(LOAD * PS_PER_S / SERVICE_PS)
    run = _run(soc, [Stream("s", (work,), arrival, requests + WARM_UP)], seed, "fifo")
    spans = run.spans
    rows = spans.column("instance") >= WARM_UP
    waits = (spans.column("start_ps") - spans.column("ready_ps"))[rows] / (PS_PER_S / 1000)
    size = len(waits) // BATCHES
    means = waits[: size * BATCHES].reshape(BATCHES, size).mean(axis=1)
    expected = factor * LOAD / (1 - LOAD) * SERVICE_PS * 1000 / PS_PER_S
    return WaitCheck(queue, seed, expected, float(waits.mean()), float(means.std(ddof=1)) / math.sqrt(BATCHES))


def _deadlines(scheduler: str, holds: Any, expected: str) -> DeadlineCheck:
    soc = load_soc(HARDWARE, (f"units.{UNIT}.preemption=instant",), unit_models=unit_models)
    ms = PS_PER_S // 1000
    streams = [
        Stream(
            f"every_{period}", (Synthetic(UNIT, Distribution("constant", busy * ms)),),
            Periodic(Fraction(1000, period)), duration_ps=70 * ms, deadline_ps=period * ms,
        )
        for busy, period in ((2, 5), (4, 7))
    ]  # fmt: skip
    run = _run(soc, streams, 0, scheduler)
    missed = tuple(
        sorted(i.deadline_ps // ms for i in run.instances if i.deadline_ps is not None and i.done_ps > i.deadline_ps)
    )
    return DeadlineCheck(scheduler, missed, expected, holds(missed))


def _run(soc: Soc, streams: list[Stream], seed: int, scheduler: str) -> RunResult:
    return simulate(Scenario("queueing", tuple(streams)), soc, RunOptions(seed=seed, scheduler=scheduler))
