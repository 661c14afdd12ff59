"""What a run left behind: spans, counters and the figures that follow from them."""

from socsim.result.run_result import CacheTotals, InstanceRecord, LinkTotals, RunResult, SimulatorCost
from socsim.result.spans import Counter, Gate, Spans

__all__ = ["CacheTotals", "Counter", "Gate", "InstanceRecord", "LinkTotals", "RunResult", "SimulatorCost", "Spans"]
