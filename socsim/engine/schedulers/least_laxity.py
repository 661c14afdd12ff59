"""Least laxity first: who can wait least."""

from __future__ import annotations

from socsim.engine.schedulers.policy import NEVER_PS, Ordered, ReadyTask, schedulers


@schedulers.register("least_laxity")
class LeastLaxity(Ordered):
    """Laxity = deadline - now - what is left to do, the longest chain to the end of the instance.

    All that wait lose laxity at the same pace, so their order is that of `deadline - rank`. A running task keeps its
    own, so what it has executed counts against it. Compared when tasks come and go, not in between: two tasks of equal
    laxity would otherwise take turns without end.
    **Source:** Mok, Fundamental design problems of distributed systems for the hard-real-time environment, MIT 1983.
    """

    @staticmethod
    def key(task: ReadyTask) -> int:
        return (NEVER_PS if task.deadline_ps is None else task.deadline_ps) - task.rank_ps

    def precedes(self, waiting: ReadyTask, running: ReadyTask, executed_ps: int) -> bool:
        return self.key(waiting) < self.key(running) + executed_ps
