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

from socsim.hardware import Soc
from socsim.quantity import PS_PER_S, bytes_to_ps, cycles_to_ps, format_si
from socsim.simulation.checks.lengths import decode_lengths
from socsim.simulation.models import Models
from socsim.taskgraph import TaskGraph
from socsim.workload.scenario import Branch, Generate, Periodic, Repeat, Run, Scenario, Step, Stream, Synthetic


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
    busy: dict[str, tuple[int, int]] = {}

    def add(graph: TaskGraph, times: int) -> None:
        for task in graph.tasks:
            variant = task.variants[0]
            unit = models.soc.unit(variant.unit)
            size = variant.read_bytes + variant.write_bytes
            body = max(cycles_to_ps(variant.cycles, unit.clock), bytes_to_ps(size, _bytes_per_s(models.soc, unit.name)))
            alone = variant.launch_ps + body
            total, longest = busy.get(variant.unit, (0, 0))
            busy[variant.unit] = total + times * alone, max(longest, alone)

    def walk(steps: Sequence[Step], times: int) -> None:
        for step in steps:
            match step:
                case Run():
                    add(models.template(step.model, step.units, dict(step.lengths)), times * step.times)
                case Synthetic():
                    add(models.synthetic(step, round(step.busy_ps.largest)), times)
                case Generate():
                    prompt, tokens = int(step.prompt.largest), int(step.tokens.largest)
                    first = {**dict(step.lengths), "batch": step.batch, "seq": prompt, "past": 0}
                    add(models.template(step.model, step.units, first), times)
                    if tokens > 1:
                        decode = models.template(step.model, step.units, decode_lengths(step, prompt + tokens - 2))
                        add(decode, times * (tokens - 1))
                case Repeat():
                    walk(step.steps, times * step.times)
                case Branch():
                    for choice in step.choices:
                        walk(choice.steps, times)
                case _:
                    pass

    walk(stream.program, 1)
    return busy


def _bytes_per_s(soc: Soc, unit: str) -> float:
    return min(soc.port_bytes_per_s(soc.unit(unit)), soc.dram.peak_bytes_per_s)
