"""Rate monotonic: the stream with the shortest period first."""

from __future__ import annotations

from socsim.engine.schedulers.policy import NEVER_PS, Ordered, ReadyTask, schedulers


@schedulers.register("rate_monotonic")
class RateMonotonic(Ordered):
    """Tasks go by the period of their stream; streams without a rate go last, by priority.

    Optimal among fixed priorities for deadlines at the end of the period. Whether it can promise them is said before
    the run (`socsim.simulation.checks.admission`).
    **Source:** Liu and Layland, Scheduling algorithms for multiprogramming in a hard-real-time environment, JACM 1973.
    """

    @staticmethod
    def key(task: ReadyTask) -> tuple[int, int]:
        return (NEVER_PS if task.period_ps is None else task.period_ps, -task.priority)
