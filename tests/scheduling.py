"""Tasks with periods, deadlines and priorities on one unit, for tests of schedulers and of interruption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from socsim.engine.controlled import ControlledExecutor
from socsim.engine.kernel import Kernel
from socsim.engine.memory.system import MemorySystem
from socsim.engine.schedulers import schedulers
from socsim.engine.unit import UnitState
from socsim.hardware import Soc
from socsim.result import InstanceRecord
from socsim.taskgraph import Release, TaskGraph, TaskSource


@dataclass(frozen=True)
class Job:
    """One instance of a graph in a stream; the deadline counts from its arrival."""

    at_ps: int
    graph: TaskGraph
    stream: str = "s"
    priority: int = 0
    deadline_ps: int | None = None
    period_ps: int | None = None


class Jobs(TaskSource):
    """Releases jobs at their times."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs

    def begin(self) -> list[Release]:
        return [
            Release(
                job.at_ps, job.stream, job.graph, index, priority=job.priority, period_ps=job.period_ps,
                deadline_ps=None if job.deadline_ps is None else job.at_ps + job.deadline_ps,
            )
            for index, job in enumerate(self._jobs)
        ]  # fmt: skip

    def arrived(self, release: Release, now_ps: int) -> tuple[Release, ...]:
        return ()

    def completed(self, release: Release, now_ps: int) -> tuple[Release, ...]:
        return ()


def run_jobs(soc: Soc, jobs: Sequence[Job], scheduler: str = "fifo") -> ControlledExecutor:
    """Run jobs over a DRAM that always carries 100 GB/s."""
    kernel = Kernel()
    memory = MemorySystem(kernel, soc, lambda streams: 100e9)
    queue = schedulers.get(scheduler)
    units = {unit.name: UnitState(unit, memory.routes[unit.name], queue()) for unit in soc.units}
    executor = ControlledExecutor(kernel, units, memory, Jobs(jobs))
    executor.run()
    return executor


def done_ps(executor: ControlledExecutor) -> dict[int, int]:
    """Completion of each job by its number."""
    records: list[InstanceRecord] = list(executor.instances.values())
    return {record.index: record.done_ps for record in records}
