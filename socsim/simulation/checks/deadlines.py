"""Is a deadline shorter than any mapping allows?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from socsim.errors import ConfigError, SocsimError
from socsim.quantity import PS_PER_S, cycles_to_ps, format_si
from socsim.simulation.checks.lengths import decode_lengths
from socsim.simulation.models import Models
from socsim.taskgraph import TaskGraph
from socsim.workload.scenario import (
    Branch,
    Distribution,
    Generate,
    Pause,
    Repeat,
    Run,
    Scenario,
    Step,
    Stream,
    Synthetic,
    steps_within,
)


def check_deadlines(scenario: Scenario, models: Models) -> None:
    """Raises `ConfigError` for the first stream whose requests compute for longer than their deadline."""
    for stream in scenario.streams:
        if stream.deadline_ps is None:
            continue
        before = scenario.stages(stream)[:-1] if stream.deadline_from == "head" else []
        _check_deadline(stream, stream.deadline_ps, before, models)


def _check_deadline(stream: Stream, deadline_ps: int, before: Sequence[Stream], models: Models) -> None:
    """The least time of a request, and of the stages before it where the deadline counts from the head."""
    least = _least_by_unit(stream, models)
    fastest = min(least.values())
    earlier = [min(_least_by_unit(stage, models).values()) for stage in before]
    if sum(earlier) + fastest <= deadline_ps:
        return
    times = ", ".join(f"{name} {format_si(time / PS_PER_S, 's')}" for name, time in least.items())
    stages = "".join(
        f"{stage.name} {format_si(time / PS_PER_S, 's')}, then " for stage, time in zip(before, earlier, strict=True)
    )
    raise ConfigError(
        stream.where or f"scenario stream '{stream.name}'",
        f"streams.{stream.name}.deadline: {format_si(deadline_ps / PS_PER_S, 's')} is shorter than any mapping allows; "
        f"a request computes for at least {format_si((sum(earlier) + fastest) / PS_PER_S, 's')} ({stages}{times})",
    )


def _least_by_unit(stream: Stream, models: Models) -> dict[str, int]:
    """The least time of a request under the run's own mapping, and with everything on each unit in turn."""
    least: dict[str, int] = {}
    own = _units_of(stream)
    choices: list[tuple[str, tuple[str, ...]]] = [("as placed", ())]
    choices += [(unit.name, (unit.name,)) for unit in models.soc.units if not own or unit.name in own]
    program = _with_prefix(stream)
    for name, units in choices:
        try:
            least[name] = _least_ps(program, models, units)
        except SocsimError:
            continue  # this unit cannot run all of it
    return least


def _with_prefix(stream: Stream) -> tuple[Step, ...]:
    """The program at best: a served request may find the prefix that all share in the cache."""
    step = stream.program[0]
    if stream.serving is None or not isinstance(step, Generate):
        return stream.program
    return (replace(step, prefix=max(step.prefix, stream.serving.shared_prefix)),)


def _units_of(stream: Stream) -> set[str]:
    return {unit for step in steps_within(stream.program) if isinstance(step, Run | Generate) for unit in step.units}


def _least_ps(steps: Sequence[Step], models: Models, units: tuple[str, ...]) -> int:
    """A lower bound of the time that a request takes: its arithmetic alone, bytes free."""
    total = 0
    for step in steps:
        match step:
            case Run():
                chosen = units or step.units
                total += step.times * _graph_ps(models.template(step.model, chosen, dict(step.lengths)), models)
            case Generate():
                prompt, tokens = max(1, int(_least(step.prompt))), max(1, int(_least(step.tokens)))
                chosen = units or step.units
                first = {**dict(step.lengths), "batch": step.batch, "seq": max(1, prompt - step.prefix), "past": 0}
                total += _graph_ps(models.template(step.model, chosen, first), models)
                if tokens > 1 and step.draft is None:
                    decode = models.template(step.model, chosen, decode_lengths(step, prompt))
                    total += (tokens - 1) * _graph_ps(decode, models)
            case Synthetic():
                total += int(_least(step.busy_ps))
            case Pause():
                total += int(_least(step.duration_ps))
            case Repeat():
                total += step.times * _least_ps(step.steps, models, units)
            case Branch():
                ways = [_least_ps(choice.steps, models, units) for choice in step.choices if choice.probability > 0]
                is_certain = sum(choice.probability for choice in step.choices) > 1 - 1e-9
                total += min(ways) if ways and is_certain else 0
    return total


def _least(distribution: Distribution) -> float:
    return 0.0 if distribution.kind == "exponential" else distribution.low


def _graph_ps(graph: TaskGraph, models: Models) -> int:
    """The longest chain of arithmetic, or all of one unit's, whichever is longer."""
    clocks = {unit.name: unit.clock for unit in models.soc.units}
    per_unit: dict[str, int] = {}
    ends: list[int] = []
    for task in graph.tasks:
        compute = min(cycles_to_ps(variant.cycles, clocks[variant.unit]) for variant in task.variants)
        ends.append(max((ends[before] for before in (*task.predecessors, *task.control)), default=0) + compute)
        if len(task.variants) == 1:
            variant = task.variants[0]
            slots = variant.slots / _num_slots(models, variant.unit)
            per_unit[variant.unit] = per_unit.get(variant.unit, 0) + int(compute * min(1.0, slots))
    return max([0, *ends, *per_unit.values()])


def _num_slots(models: Models, unit: str) -> int:
    params = models.soc.unit(unit)
    return params.slots if params.concurrency == "spatial" else 1
