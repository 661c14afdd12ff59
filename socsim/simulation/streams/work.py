"""What a request does next."""

from __future__ import annotations

from dataclasses import dataclass

from socsim.taskgraph import TaskGraph


@dataclass(frozen=True, slots=True)
class Work:
    """Run a graph. `tokens` and `batch` mean what they mean in `Release`; `stands_for` is how many equal steps this
    one stands for in totals."""

    graph: TaskGraph
    phase: str
    tokens: int = 0
    batch: int = 1
    stands_for: float = 1.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for a while."""

    duration_ps: int


Action = Work | Wait

NOTHING = TaskGraph("nothing", (), ())
"""A graph without tasks: marks the arrival of a request that begins with a pause, or that does nothing at all."""
