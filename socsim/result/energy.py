"""Where the energy of a run went: a ledger whose entries add up to the integral of the power counters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from socsim.result.spans import Counter


@dataclass(frozen=True, slots=True)
class UnitEnergy:
    """Joules of one unit: arithmetic, what it draws besides while a body runs, while none runs, leakage."""

    operations_j: float
    active_j: float
    idle_j: float
    leakage_j: float

    @property
    def total_j(self) -> float:
        return self.operations_j + self.active_j + self.idle_j + self.leakage_j


@dataclass(frozen=True, slots=True)
class EnergyTotals:
    """Joules from the first arrival to the last completion. `low_j` and `high_j` bound the total, all uncertain values
    at their least and at their most together; `peak_w` is the highest power of the whole chip."""

    units: Mapping[str, UnitEnergy]
    fabric_j: float
    dram_access_j: float
    dram_background_j: float
    base_j: float
    low_j: float
    high_j: float
    peak_w: float

    @property
    def spans_j(self) -> float:
        """What tasks cost: arithmetic, active power, bytes over links, caches and DRAM."""
        own = sum(unit.operations_j + unit.active_j for unit in self.units.values())
        return own + self.fabric_j + self.dram_access_j

    @property
    def idle_j(self) -> float:
        """What is drawn without leakage where nothing runs: idle units, DRAM standby, the rest of the chip."""
        return sum(unit.idle_j for unit in self.units.values()) + self.dram_background_j + self.base_j

    @property
    def leakage_j(self) -> float:
        """Leakage of all units."""
        return sum(unit.leakage_j for unit in self.units.values())

    @property
    def total_j(self) -> float:
        """Everything."""
        return self.spans_j + self.idle_j + self.leakage_j


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """The energy of a run: in all, of each span (its arithmetic, active power and bytes), and as power over time of
    each unit, of memory and of the whole chip."""

    totals: EnergyTotals
    row_j: NDArray[np.float64]
    counters: tuple[Counter, ...]
