"""What a run left behind: spans, counters, columns, and the figures that follow from them."""

from socsim.result.energy import EnergyTotals, UnitEnergy
from socsim.result.record import RunRecord
from socsim.result.run_result import CacheTotals, InstanceRecord, LinkTotals, RunResult, SimulatorCost
from socsim.result.spans import Counter, Gate, Spans
from socsim.result.store import load_run

__all__ = [
    "CacheTotals",
    "Counter",
    "EnergyTotals",
    "Gate",
    "InstanceRecord",
    "LinkTotals",
    "RunRecord",
    "RunResult",
    "SimulatorCost",
    "Spans",
    "UnitEnergy",
    "load_run",
]
