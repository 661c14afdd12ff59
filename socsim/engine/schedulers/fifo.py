"""First in, first out."""

from __future__ import annotations

from collections import deque

from socsim.engine.schedulers.policy import ReadyQueue, ReadyTask, schedulers


@schedulers.register("fifo")
class Fifo(deque[ReadyTask], ReadyQueue):
    """Tasks go in the order in which they became ready."""

    push = deque.append  # type: ignore[assignment]
    pop = deque.popleft  # type: ignore[assignment]
