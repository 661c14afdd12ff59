"""A short simulation: one task graph alone on the chip, from cold caches."""

from __future__ import annotations

from collections.abc import Iterable

from socsim.engine.executor import Executor
from socsim.engine.kernel import Kernel
from socsim.hardware import Soc
from socsim.simulation.collector import collector_paused
from socsim.simulation.parts import memory_system, unit_states
from socsim.taskgraph import Release, TaskGraph


class _Once:
    """A source of one instance."""

    def __init__(self, graph: TaskGraph) -> None:
        self._graph = graph

    def begin(self) -> Iterable[Release]:
        return (Release(0, "trial", self._graph, 0),)

    def arrived(self, release: Release, now_ps: int) -> Iterable[Release]:
        return ()

    def completed(self, release: Release, now_ps: int) -> Iterable[Release]:
        return ()


def trial_ps(soc: Soc, graph: TaskGraph) -> int:
    """Latency of one instance."""
    kernel = Kernel()
    memory = memory_system(kernel, soc)
    executor = Executor(kernel, unit_states(soc, memory, "fifo"), memory, _Once(graph))
    with collector_paused():
        executor.run()
    memory.fabric.end()
    return max(record.done_ps for record in executor.instances.values())
