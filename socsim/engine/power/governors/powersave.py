"""Always the lowest clock."""

from __future__ import annotations

from socsim.engine.power.governors.policy import Governor, UnitView, governors


@governors.register("powersave")
class Powersave(Governor):
    """The lowest operating point."""

    def choose(self, view: UnitView) -> float:
        return view.clocks_hz[0]
