"""Always the highest clock."""

from __future__ import annotations

from socsim.engine.power.governors.policy import Governor, UnitView, governors


@governors.register("performance")
class Performance(Governor):
    """The highest operating point that heat and power limits allow."""

    def choose(self, view: UnitView) -> float:
        return view.clocks_hz[-1]
