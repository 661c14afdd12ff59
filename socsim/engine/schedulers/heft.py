"""HEFT's order at run time: the longest way to the end first."""

from __future__ import annotations

from socsim.engine.schedulers.policy import Ordered, ReadyTask, schedulers


@schedulers.register("heft")
class UpwardRank(Ordered):
    """Tasks go by decreasing upward rank, the longest chain of estimates to the end of their instance; the variant is
    the one with the earliest finish, as for every scheduler.

    **Source:** Topcuoglu, Hariri, Wu, Performance-effective and low-complexity task scheduling for heterogeneous
    computing, IEEE TPDS 13(3), 2002.
    """

    @staticmethod
    def key(task: ReadyTask) -> tuple[int, int]:
        return (-task.priority, -task.rank_ps)
