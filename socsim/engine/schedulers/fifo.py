"""First in, first out."""

from __future__ import annotations

from collections import deque

from socsim.engine.schedulers.policy import ReadyQueue, ReadyTask, schedulers


@schedulers.register("fifo")
class Fifo(ReadyQueue):
    """Tasks go in the order in which they became ready."""

    def __init__(self) -> None:
        self._tasks: deque[ReadyTask] = deque()

    def push(self, task: ReadyTask) -> None:
        self._tasks.append(task)

    def pop(self) -> ReadyTask:
        return self._tasks.popleft()

    def __len__(self) -> int:
        return len(self._tasks)
