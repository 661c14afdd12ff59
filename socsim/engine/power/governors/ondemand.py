"""The clock follows the load."""

from __future__ import annotations

from socsim.engine.power.governors.policy import Governor, UnitView, governors


@governors.register("ondemand")
class OnDemand(Governor):
    """next clock = headroom x utilization x clock: what the last interval needed, and a little more.

    **Source:** Linux kernel documentation, scheduler/schedutil (there with utilization made independent of frequency).
    """

    def choose(self, view: UnitView) -> float:
        return view.headroom * view.utilization * view.clock_hz
