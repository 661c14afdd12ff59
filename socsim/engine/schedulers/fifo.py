"""First in, first out."""

from __future__ import annotations

from collections import deque
from typing import Any

from socsim.engine.schedulers.policy import ReadyQueue, ReadyTask, schedulers


@schedulers.register("fifo")
class Fifo(deque[ReadyTask], ReadyQueue):
    """Tasks go in the order in which they became ready; a running one never gives way."""

    orders_running = True
    push = deque.append  # type: ignore[assignment]
    pop = deque.popleft  # type: ignore[assignment]

    def peek(self) -> ReadyTask:
        return self[0]

    def precedes(self, waiting: Any, running: Any, executed_ps: int) -> bool:
        return False
