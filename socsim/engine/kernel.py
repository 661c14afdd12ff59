"""The calendar: SimPy's environment, in integer picoseconds, with callbacks instead of processes on the hot path.

A process and an `AllOf` per task cost ten times the CPU of a callback and a counter, so components register plain
functions; processes (`Kernel.environment.process`) remain for components with a multi-step protocol. A callback is
an entry (time, priority, number, function, argument) of SimPy's own queue, without an event object around it: half the
cost of one. SimPy's events are entries of four; both kinds come out in the order of time, priority and number.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.events import NORMAL

_AFTER_ALL_OTHERS = NORMAL + 1


class Kernel:
    """The simulated clock and what is due. Refuses a time that is not an integer: no float can enter the calendar.

    `now` is the current instant in picoseconds, `events` how many entries the calendar has had so far, SimPy's own
    included: both kinds are numbered in one sequence.
    """

    __slots__ = ("_queue", "environment", "events", "now")

    def __init__(self) -> None:
        self.environment = simpy.Environment(initial_time=0)
        self._queue: list[Any] = self.environment._queue
        self.environment._eid = iter(self._next_number, None)  # type: ignore[assignment]
        self.events = 0
        self.now = 0

    def _next_number(self) -> int:
        self.events += 1
        return self.events

    def after(self, delay_ps: int, function: Callable[[Any], None], argument: Any) -> None:
        """Call `function(argument)` after a delay; same instant: in the order of the requests."""
        if delay_ps.__class__ is not int or delay_ps < 0:
            raise TypeError(f"a delay is a non-negative integer of picoseconds, not {delay_ps!r}")
        self.events = number = self.events + 1
        heappush(self._queue, (self.now + delay_ps, NORMAL, number, function, argument))

    def at_end_of_instant(self, function: Callable[[Any], None], argument: Any) -> None:
        """Call `function(argument)` at this instant, after everything that is due at it."""
        self.events = number = self.events + 1
        heappush(self._queue, (self.now, _AFTER_ALL_OTHERS, number, function, argument))

    def is_instant_over(self) -> bool:
        """Whether nothing else is due at this instant."""
        return not self._queue or self._queue[0][0] > self.now

    def next_ps(self) -> int | None:
        """When the next thing is due, or None."""
        return self._queue[0][0] if self._queue else None

    def is_idle(self) -> bool:
        """Whether nothing else is due at all."""
        return not self._queue

    def run(self) -> None:
        """Until nothing is due."""
        environment, queue = self.environment, self._queue
        while queue:
            due = heappop(queue)
            try:
                now, _, _, function, argument = due
            except ValueError:  # one of SimPy's own
                heappush(queue, due)
                self.now = due[0]
                environment.step()
            else:
                environment._now = self.now = now
                function(argument)
