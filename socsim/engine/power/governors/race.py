"""Race to idle: as fast as possible while there is work, then rest."""

from __future__ import annotations

from socsim.engine.power.governors.policy import Governor, UnitView, governors


@governors.register("race")
class Race(Governor):
    """The highest clock while there is work, the lowest when there is none."""

    on_arrival = True

    def choose(self, view: UnitView) -> float:
        return view.clocks_hz[-1] if view.has_work else view.clocks_hz[0]
