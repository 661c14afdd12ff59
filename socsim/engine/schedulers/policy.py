"""The contract of a run-time scheduler: a queue of tasks for one unit, with its own idea of who goes first.

A policy sees what a task carries (priority, deadline, arrival, compute time) and nothing else: no clock, no units.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

from socsim.registry import Registry


class ReadyTask(Protocol):
    """What a policy may look at."""

    @property
    def priority(self) -> int:
        """Larger is more urgent."""

    @property
    def deadline_ps(self) -> int | None:
        """Absolute deadline of the task's instance."""

    @property
    def arrival_ps(self) -> int:
        """When the task's instance fell due."""

    @property
    def compute_ps(self) -> int:
        """What its body computes for, alone."""

    sequence: int
    """Running number of its entry into the queue: the tie-breaker."""


class ReadyQueue(ABC):
    """Tasks that wait for one unit. `push` and `pop` are the whole contract; `pop` is called only when not empty."""

    @abstractmethod
    def push(self, task: ReadyTask) -> None:
        """A task may now be handed to the unit."""

    @abstractmethod
    def pop(self) -> ReadyTask:
        """The task that goes first."""

    @abstractmethod
    def __len__(self) -> int: ...


schedulers: Registry[type[ReadyQueue]] = Registry("scheduler")
