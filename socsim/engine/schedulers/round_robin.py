"""Round robin: the streams take turns, a task each."""

from __future__ import annotations

from collections import deque

from socsim.engine.schedulers.policy import ReadyQueue, ReadyTask, schedulers


@schedulers.register("round_robin")
class RoundRobin(ReadyQueue):
    """One task of each stream that waits, in turn; first in first out within a stream."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[ReadyTask]] = {}
        self._turns: deque[str] = deque()
        self._length = 0

    def push(self, task: ReadyTask) -> None:
        queue = self._waiting.get(task.stream)
        if queue is None:
            queue = self._waiting[task.stream] = deque()
        if not queue:
            self._turns.append(task.stream)
        queue.append(task)
        self._length += 1

    def pop(self) -> ReadyTask:
        stream = self._turns.popleft()
        queue = self._waiting[stream]
        task = queue.popleft()
        if queue:
            self._turns.append(stream)
        self._length -= 1
        return task

    def __len__(self) -> int:
        return self._length
