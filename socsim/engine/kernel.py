"""The calendar: SimPy's environment, in integer picoseconds, with callbacks instead of processes on the hot path.

A process and an `AllOf` per task cost ten times the CPU of a callback and a counter, so components register plain
functions; processes (`Kernel.environment.process`) remain for components with a multi-step protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy
from simpy.events import NORMAL

_AFTER_ALL_OTHERS: Any = NORMAL + 1


class Wake(simpy.Event):
    """A callback at a time. Cheaper than a Timeout, whose value and state nobody reads: SimPy only looks at `callbacks`
    and `_ok` of an event that it processes."""

    __slots__ = ("argument", "callbacks", "function")
    _ok = True

    def __init__(self, callbacks: Any, function: Callable[[Any], None], argument: Any) -> None:
        self.callbacks = callbacks
        self.function = function
        self.argument = argument


class Kernel:
    """The simulated clock and what is due. Refuses a time that is not an integer: no float can enter the calendar.

    `now` is the current instant in picoseconds, `events` how many wake-ups were requested so far.
    """

    __slots__ = ("_callbacks", "_schedule", "environment", "events", "now")

    def __init__(self) -> None:
        self.environment = simpy.Environment(initial_time=0)
        self._schedule = self.environment.schedule
        self._callbacks = (self._fire,)
        self.events = 0
        self.now = 0

    def _fire(self, wake: Any) -> None:
        self.now = self.environment._now  # type: ignore[assignment]
        wake.function(wake.argument)

    def after(self, delay_ps: int, function: Callable[[Any], None], argument: Any) -> None:
        """Call `function(argument)` after a delay; same instant: in the order of the requests."""
        if delay_ps.__class__ is not int or delay_ps < 0:
            raise TypeError(f"a delay is a non-negative integer of picoseconds, not {delay_ps!r}")
        self.events += 1
        self._schedule(Wake(self._callbacks, function, argument), NORMAL, delay_ps)

    def at_end_of_instant(self, function: Callable[[Any], None], argument: Any) -> None:
        """Call `function(argument)` at this instant, after everything that is due at it."""
        self.events += 1
        self._schedule(Wake(self._callbacks, function, argument), _AFTER_ALL_OTHERS, 0)

    def is_instant_over(self) -> bool:
        """Whether nothing else is due at this instant."""
        return self.environment.peek() > self.now

    def run(self) -> None:
        """Until nothing is due."""
        self.environment.run()
