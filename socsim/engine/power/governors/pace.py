"""Pace: just fast enough for the deadlines."""

from __future__ import annotations

from socsim.engine.power.governors.policy import Governor, UnitView, governors


@governors.register("pace")
class Pace(Governor):
    """The lowest clock at which all work that is there meets its deadlines, with headroom; work without a deadline gets
    what the load asks for."""

    on_arrival = True

    def choose(self, view: UnitView) -> float:
        needed = view.headroom * view.required * view.clocks_hz[-1]
        if view.has_work and not view.is_urgent_only:
            needed = max(needed, view.headroom * view.utilization * view.clock_hz)
        return needed
