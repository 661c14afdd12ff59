"""Fixed priority: the most urgent stream first, first in first out among equals."""

from __future__ import annotations

from socsim.engine.schedulers.policy import Ordered, ReadyTask, schedulers


@schedulers.register("priority")
class Priority(Ordered):
    """Tasks go by the priority of their stream, then by their order of arrival."""

    @staticmethod
    def key(task: ReadyTask) -> int:
        return -task.priority
