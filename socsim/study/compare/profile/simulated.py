"""The simulated side of a comparison with a profile: the tasks of one stream, phase by phase, in program order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from socsim.errors import InputError
from socsim.registry import did_you_mean
from socsim.result.record import RunRecord
from socsim.study.compare.profile.operators import canonical


@dataclass(frozen=True, slots=True)
class SimulatedTask:
    """A task of the graph. `busy_ps` is the mean time it held its unit, `begin_ps` when it first did."""

    name: str
    label: str
    kind: str
    unit: str
    operations: tuple[str, ...]
    matmul_flop: int
    busy_ps: int
    begin_ps: int


@dataclass(frozen=True, slots=True)
class SimulatedOperation:
    """An operation of the workload and the task that it is part of."""

    name: str
    module: str
    operator: str
    task: int


@dataclass(frozen=True)
class Phase:
    """What one instance of a phase runs, and which instances of the run they were."""

    name: str
    tasks: tuple[SimulatedTask, ...]
    instances: tuple[int, ...]

    @property
    def operations(self) -> list[SimulatedOperation]:
        """Operations in the order of their tasks."""
        found = []
        for number, task in enumerate(self.tasks):
            for name in task.operations or (task.name,):
                module, slash, operator = name.rpartition("/")
                found.append(SimulatedOperation(name, module if slash else task.label, canonical(operator), number))
        return found


def choose_stream(record: RunRecord, stream: str | None) -> str:
    """The stream to compare: the only one, or the one that is named."""
    names = list(dict.fromkeys(instance.stream for instance in record.instances))
    if stream is None and len(names) == 1:
        return names[0]
    if stream is None:
        raise InputError(f"--stream: the run has several streams; name one: {', '.join(names)}")
    if stream not in names:
        raise InputError(f"--stream: no stream '{stream}' in the run: {did_you_mean(stream, names)}")
    return stream


def phases_of(record: RunRecord, stream: str) -> list[Phase]:
    """The phases of a stream in the order in which they first ran; warm-up instances only where there are no others."""
    chosen = [number for number, item in enumerate(record.instances) if item.stream == stream and item.done_ps >= 0]
    counted = [number for number in chosen if not record.instances[number].warm_up] or chosen
    if not counted:
        raise InputError(f"the run ended before stream '{stream}' completed anything")
    names = dict.fromkeys(record.instances[number].phase for number in counted)
    return [
        _phase(record, name, tuple(number for number in counted if record.instances[number].phase == name))
        for name in names
    ]


def _phase(record: RunRecord, name: str, instances: tuple[int, ...]) -> Phase:
    """Tasks of the first instance; their times are means over all instances that ran the same task."""
    tasks = record.tasks
    rows = np.flatnonzero(np.isin(tasks.instance, instances))
    busy = (tasks.end_ps - tasks.held_start_ps - tasks.suspended_ps)[rows]
    codes = tasks.name.codes[rows]
    total = np.bincount(codes, weights=busy, minlength=len(tasks.name.values))
    count = np.bincount(codes, minlength=len(tasks.name.values))
    first = rows[tasks.instance[rows] == instances[0]]
    first = first[np.argsort(tasks.task[first], kind="stable")]
    return Phase(
        name,
        tuple(
            SimulatedTask(
                name=tasks.name[row],
                label=tasks.label[row],
                kind=tasks.kind[row],
                unit=tasks.unit[row],
                operations=tuple(tasks.operations[row].split()),
                matmul_flop=int(tasks.matmul_flop[row]),
                busy_ps=round(float(total[code] / count[code])),
                begin_ps=int(tasks.held_start_ps[row]) - record.begin_ps,
            )
            for row in first.tolist()
            for code in [int(tasks.name.codes[row])]
        ),
        instances,
    )
