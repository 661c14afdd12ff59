"""Can rate-monotonic scheduling promise every periodic stream its deadline? Said before the run, unit by unit.

Response-time analysis: with streams of shorter period first, the worst response of stream i on a unit is the least R
with

    R = C_i + B_i + sum over shorter periods j of ceil(R / T_j) C_j

where C is the time that a request keeps the unit busy alone and B_i the longest task of anybody less urgent that may
be running (0 where the unit interrupts it at once). It suffices where the utilization is below n (2^(1/n) - 1).

**Source:** Joseph and Pandya, Finding response times in a real-time system, Computer Journal 29(5), 1986; Liu and
Layland, JACM 1973 (the bound).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from socsim.quantity import PS_PER_S, format_si
from socsim.simulation.estimate import graphs_of, task_ps
from socsim.simulation.models import Models
from socsim.workload.scenario import Periodic, Scenario, Stream


@dataclass(frozen=True, slots=True)
class Load:
    """What a periodic stream asks of one unit: per request `busy_ps` in all, `longest_ps` in one task."""

    stream: str
    period_ps: int
    deadline_ps: int
    busy_ps: int
    longest_ps: int


def admission_notes(scenario: Scenario, models: Models) -> list[str]:
    """One sentence per unit that periodic streams use: who is promised the deadline, who is not."""
    notes = []
    loads = _loads(scenario, models)
    for unit in models.soc.units:
        mine = sorted(loads.get(unit.name, ()), key=lambda load: load.period_ps)
        if not mine:
            continue
        refused = []
        for index, load in enumerate(mine):
            blocking = 0 if unit.preemption == "instant" else max((o.longest_ps for o in mine[index + 1 :]), default=0)
            response = response_ps(load, mine[:index], blocking)
            if response is None or response > load.deadline_ps:
                what = f"up to {format_si(response / PS_PER_S, 's')}" if response is not None else "without bound"
                refused.append(
                    f"{load.stream} (response {what}, deadline {format_si(load.deadline_ps / PS_PER_S, 's')})"
                )
        used = sum(load.busy_ps / load.period_ps for load in mine)
        bound = len(mine) * (2 ** (1 / len(mine)) - 1)
        verdict = f"cannot promise {', '.join(refused)} its deadline" if refused else "admits all periodic streams"
        notes.append(f"rate monotonic on {unit.name} {verdict}: utilization {used:.3f}, safe below {bound:.3f}")
    return notes


def response_ps(load: Load, more_urgent: Sequence[Load], blocking_ps: int) -> int | None:
    """The worst response of a stream on a unit; None where more urgent streams leave it no time at all."""
    if sum(other.busy_ps / other.period_ps for other in more_urgent) >= 1:
        return None
    response = load.busy_ps + blocking_ps
    while True:
        interference = sum(math.ceil(response / other.period_ps) * other.busy_ps for other in more_urgent)
        longer = load.busy_ps + blocking_ps + interference
        if longer == response or longer > 1000 * load.deadline_ps:
            return longer
        response = longer


def _loads(scenario: Scenario, models: Models) -> dict[str, list[Load]]:
    loads: dict[str, list[Load]] = {}
    for stream in scenario.streams:
        if not isinstance(stream.arrival, Periodic):
            continue
        period = math.ceil(PS_PER_S / stream.arrival.rate_hz)
        for unit, (busy, longest) in _busy(stream, models).items():
            load = Load(stream.name, period, stream.deadline_ps or period, busy, longest)
            loads.setdefault(unit, []).append(load)
    return loads


def _busy(stream: Stream, models: Models) -> dict[str, tuple[int, int]]:
    """What a request keeps each unit busy for in all, and in its longest task."""
    busy: dict[str, tuple[int, int]] = {}
    for graph, times in graphs_of(stream.program, models):
        for task in graph.tasks:
            alone, unit = task_ps(task, models.soc), task.variants[0].unit
            total, longest = busy.get(unit, (0, 0))
            busy[unit] = total + times * alone, max(longest, alone)
    return busy
