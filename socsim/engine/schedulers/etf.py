"""Earliest finish time: the task that would be done first."""

from __future__ import annotations

from socsim.engine.schedulers.policy import Ordered, ReadyTask, schedulers


@schedulers.register("etf")
class EarliestFinish(Ordered):
    """All that wait could start when the unit is free, so the shortest finishes first; ties go to the longer way to the
    end. Which unit a task waits for, where it may run on several, is the one with the earliest finish.

    **Source:** Hwang, Chow, Anger, Lee, Scheduling precedence graphs in systems with interprocessor communication
    times, SIAM J. Comput. 18(2), 1989 (there by earliest start), as used at run time by SoC simulators.
    """

    @staticmethod
    def key(task: ReadyTask) -> tuple[int, int]:
        return (task.estimate_ps, -task.rank_ps)

    def precedes(self, waiting: ReadyTask, running: ReadyTask, executed_ps: int) -> bool:
        return waiting.estimate_ps < running.estimate_ps - executed_ps
