"""How long a request takes alone, roughly: for admission and to share a pipeline's deadline among its stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from socsim.hardware import Soc
from socsim.quantity import bytes_to_ps, cycles_to_ps
from socsim.simulation.checks.lengths import decode_lengths
from socsim.simulation.models import Models
from socsim.taskgraph import Task, TaskGraph, Variant
from socsim.workload.scenario import Branch, Generate, Pause, Repeat, Run, Step, Synthetic


def variant_ps(variant: Variant, soc: Soc) -> int:
    """Launch, and arithmetic or bytes, whichever is longer; caches cold."""
    unit = soc.unit(variant.unit)
    size = variant.read_bytes + variant.write_bytes
    rate = min(soc.port_bytes_per_s(unit), soc.dram.peak_bytes_per_s)
    return variant.launch_ps + max(cycles_to_ps(variant.cycles, unit.clock), bytes_to_ps(size, rate))


def chain_ps(graph: TaskGraph, soc: Soc) -> int:
    """The longest chain of tasks, or all of one unit's, whichever is longer."""
    ends: list[int] = []
    per_unit: dict[str, int] = {}
    for task in graph.tasks:
        alone = task_ps(task, soc)
        ends.append(max((ends[before] for before in (*task.predecessors, *task.control)), default=0) + alone)
        unit = task.variants[0].unit
        per_unit[unit] = per_unit.get(unit, 0) + alone
    return max([0, *ends, *per_unit.values()])


def task_ps(task: Task, soc: Soc) -> int:
    """A task on its first unit."""
    return variant_ps(task.variants[0], soc)


def graphs_of(steps: Sequence[Step], models: Models, times: int = 1) -> Iterator[tuple[TaskGraph, int]]:
    """The task graphs of a request at its largest, each with how often it runs; every way of a branch is taken."""
    for step in steps:
        match step:
            case Run():
                yield models.template(step.model, step.units, dict(step.lengths)), times * step.times
            case Synthetic():
                yield models.synthetic(step, round(step.busy_ps.largest)), times
            case Generate():
                prompt, tokens = int(step.prompt.largest), int(step.tokens.largest)
                first = {**dict(step.lengths), "batch": step.batch, "seq": prompt, "past": 0}
                yield models.template(step.model, step.units, first), times
                if tokens > 1:
                    decode = decode_lengths(step, prompt + tokens - 2)
                    yield models.template(step.model, step.units, decode), times * (tokens - 1)
            case Repeat():
                yield from graphs_of(step.steps, models, times * step.times)
            case Branch():
                for choice in step.choices:
                    yield from graphs_of(choice.steps, models, times)
            case Pause():
                pass


def request_ps(steps: Sequence[Step], models: Models) -> int:
    """A request alone, its graphs one after the other."""
    return sum(times * chain_ps(graph, models.soc) for graph, times in graphs_of(steps, models))


def pauses_ps(steps: Sequence[Step]) -> int:
    """The pauses of a request at its largest; every way of a branch is taken."""
    total = 0
    for step in steps:
        match step:
            case Pause():
                total += round(step.duration_ps.largest)
            case Repeat():
                total += step.times * pauses_ps(step.steps)
            case Branch():
                total += sum(pauses_ps(choice.steps) for choice in step.choices)
            case _:
                pass
    return total
