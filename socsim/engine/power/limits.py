"""Heat and power caps: how many operating points a unit must stay below its highest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from socsim.hardware.power import PowerCap, Throttle


@dataclass(frozen=True, slots=True)
class Draw:
    """A unit's mean power over the last interval, and its clocks. `scale[i]` is f V^2 of point i over that of the
    present one: what its dynamic power would become."""

    dynamic_w: float
    static_w: float
    point: int
    scale: tuple[float, ...]


class ThrottleState:
    """One throttle: a point down every so often while its node is too hot, a point up while it is cool enough."""

    def __init__(self, throttle: Throttle) -> None:
        self.throttle = throttle
        self.levels = dict.fromkeys(throttle.units, 0)
        self._stepped_ps = -throttle.every

    def update(self, now_ps: int, kelvin: float, most: Mapping[str, int]) -> None:
        """The node has this temperature; `most` is how far each unit can go down."""
        if now_ps < self._stepped_ps + self.throttle.every:
            return
        if kelvin > self.throttle.above:
            step = 1
        elif kelvin < self.throttle.below:
            step = -1
        else:
            return
        self._stepped_ps = now_ps
        for name in self.levels:
            self.levels[name] = min(max(self.levels[name] + step, 0), most[name])


class CapState:
    """One power cap shared by units. Over it the unit with the largest dynamic power goes down until what they are
    expected to draw fits; below it one unit goes up a point where that is expected to fit."""

    def __init__(self, cap: PowerCap) -> None:
        self.cap = cap
        self.ceilings: dict[str, int] = {}

    def update(self, draws: Mapping[str, Draw]) -> None:
        """What the units drew in the last interval."""
        mine = {name: draws[name] for name in self.cap.units}
        points = {name: draw.point for name, draw in mine.items()}
        if self._expected(mine, points) > self.cap.power:
            while self._expected(mine, points) > self.cap.power and any(points.values()):
                lowered = max(
                    (name for name in points if points[name]),
                    key=lambda name: (mine[name].dynamic_w * mine[name].scale[points[name]], name),
                )
                points[lowered] -= 1
            self.ceilings = points
            return
        for name in sorted(self.ceilings, key=lambda name: self.ceilings[name]):
            raised = {**points, name: min(self.ceilings[name] + 1, len(mine[name].scale) - 1)}
            if raised[name] > self.ceilings[name] and self._expected(mine, raised) <= self.cap.power:
                self.ceilings[name] = raised[name]
                return

    @staticmethod
    def _expected(mine: Mapping[str, Draw], points: Mapping[str, int]) -> float:
        return sum(draw.static_w + draw.dynamic_w * draw.scale[points[name]] for name, draw in mine.items())


def ceiling(name: str, top: int, throttles: Sequence[ThrottleState], caps: Sequence[CapState]) -> int:
    """The highest operating point that all limits allow a unit."""
    allowed = top
    for throttle in throttles:
        allowed = min(allowed, top - throttle.levels.get(name, 0))
    for cap in caps:
        allowed = min(allowed, cap.ceilings.get(name, top))
    return max(allowed, 0)
