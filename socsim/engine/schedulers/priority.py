"""Fixed priority: the most urgent stream first, first in first out among equals. Not preemptive."""

from __future__ import annotations

import heapq

from socsim.engine.schedulers.policy import ReadyQueue, ReadyTask, schedulers


@schedulers.register("priority")
class Priority(ReadyQueue):
    """Tasks go by the priority of their stream, then by their order of arrival."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, ReadyTask]] = []

    def push(self, task: ReadyTask) -> None:
        heapq.heappush(self._heap, (-task.priority, task.sequence, task))

    def pop(self) -> ReadyTask:
        return heapq.heappop(self._heap)[2]

    def __len__(self) -> int:
        return len(self._heap)
