"""The contract of a governor: from what a unit did and has to do to the clock it should have."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from socsim.registry import Registry


@dataclass(frozen=True, slots=True)
class UnitView:
    """What a governor may look at: one unit at one instant.

    `clocks_hz` are the unit's operating points, slowest first. `utilization` is the share of the last interval in which
    the unit was busy. `required` is the share of the highest clock at which all work that is there meets its deadlines,
    each taken as if all of it slowed down with the clock; above 1 where no clock does. `is_urgent_only` says that no
    work without a deadline waits for the unit.
    """

    name: str
    clocks_hz: tuple[int, ...]
    clock_hz: int
    utilization: float
    has_work: bool
    required: float
    is_urgent_only: bool
    headroom: float


class Governor(ABC):
    """Chooses clocks once per control interval, and with `on_arrival` also when work arrives or is done."""

    on_arrival = False

    @abstractmethod
    def choose(self, view: UnitView) -> float:
        """The clock (Hz) that the unit should have at least; the next operating point above it is taken."""


governors: Registry[type[Governor]] = Registry("governor")
