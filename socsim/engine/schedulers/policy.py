"""The contract of a run-time scheduler: a queue of tasks for one unit, with its own idea of who goes first.

A policy sees what a task carries (priority, deadline, arrival, estimates) and nothing else: no clock, no units.
"""

from __future__ import annotations

import heapq
from abc import ABC, abstractmethod
from typing import Any, Protocol

from socsim.registry import Registry

NEVER_PS = 2**62
"""Stands in for the deadline or the period of a task that has none: later than any other."""


class ReadyTask(Protocol):
    """What a policy may look at. All times in ps."""

    @property
    def stream(self) -> str:
        """Name of the stream that the task's instance belongs to."""

    @property
    def priority(self) -> int:
        """Larger is more urgent."""

    @property
    def deadline_ps(self) -> int | None:
        """Absolute deadline of the task's instance."""

    @property
    def period_ps(self) -> int | None:
        """Time between the stream's requests, where they come at a rate."""

    @property
    def arrival_ps(self) -> int:
        """When the task's instance fell due."""

    @property
    def compute_ps(self) -> int:
        """What its body computes for, alone."""

    @property
    def estimate_ps(self) -> int:
        """Launch and body of the task alone on its unit, caches cold."""

    @property
    def rank_ps(self) -> int:
        """Upward rank: the longest chain of estimates from this task to the end of its instance, itself included."""

    sequence: int
    """Running number of its entry into the queue: the tie-breaker."""


class ReadyQueue(ABC):
    """Tasks that wait for one unit. `push` and `pop` are the whole contract; `pop` is called only when not empty.

    A policy that says who is more urgent (`peek` and `precedes`) also works on units that interrupt a running task.
    """

    orders_running = False
    """Whether `peek` and `precedes` are there."""

    @abstractmethod
    def push(self, task: Any) -> None:
        """A task may now be handed to the unit."""

    @abstractmethod
    def pop(self) -> Any:
        """The task that goes first."""

    @abstractmethod
    def __len__(self) -> int: ...

    def peek(self) -> Any:
        """The task that `pop` would return; only where not empty."""
        raise NotImplementedError

    def precedes(self, waiting: Any, running: Any, executed_ps: int) -> bool:
        """Whether a task that waits should take the place of one that has run for `executed_ps`."""
        raise NotImplementedError


class Ordered(ReadyQueue):
    """A queue in the order of a key that does not change while a task waits: `key` is all that a policy adds. A smaller
    key is more urgent; equal keys go by `sequence`."""

    orders_running = True

    def __init__(self) -> None:
        self._heap: list[tuple[Any, int, ReadyTask]] = []

    @staticmethod
    @abstractmethod
    def key(task: ReadyTask) -> Any:
        """What the queue is ordered by."""

    def push(self, task: ReadyTask) -> None:
        heapq.heappush(self._heap, (self.key(task), task.sequence, task))

    def pop(self) -> ReadyTask:
        return heapq.heappop(self._heap)[2]

    def peek(self) -> ReadyTask:
        return self._heap[0][2]

    def precedes(self, waiting: ReadyTask, running: ReadyTask, executed_ps: int) -> bool:
        return bool(self.key(waiting) < self.key(running))

    def __len__(self) -> int:
        return len(self._heap)


schedulers: Registry[type[ReadyQueue]] = Registry("scheduler")
