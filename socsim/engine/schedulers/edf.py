"""Earliest deadline first."""

from __future__ import annotations

from socsim.engine.schedulers.policy import NEVER_PS, Ordered, ReadyTask, schedulers


@schedulers.register("edf")
class EarliestDeadlineFirst(Ordered):
    """Tasks go by the absolute deadline of their instance; those without one go last, by priority.

    Preemptive on one unit it meets all deadlines whenever any policy does.
    **Source:** Liu and Layland, Scheduling algorithms for multiprogramming in a hard-real-time environment, JACM 1973.
    """

    @staticmethod
    def key(task: ReadyTask) -> tuple[int, int]:
        return (NEVER_PS if task.deadline_ps is None else task.deadline_ps, -task.priority)
