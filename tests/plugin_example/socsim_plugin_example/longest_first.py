"""A scheduler: the task with the longest compute time goes first."""

from __future__ import annotations

import heapq
from typing import Any

from socsim.engine.schedulers import ReadyQueue, schedulers


@schedulers.register("longest_first")
class LongestFirst(ReadyQueue):
    """Longest processing time first, a classic rule for balancing parallel machines."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Any]] = []

    def push(self, task: Any) -> None:
        heapq.heappush(self._heap, (-task.compute_ps, task.sequence, task))

    def pop(self) -> Any:
        return heapq.heappop(self._heap)[2]

    def __len__(self) -> int:
        return len(self._heap)
