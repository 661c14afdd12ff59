"""What a unit and the way to memory cost, as numbers: least, likely and most in one vector."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from socsim.cost.counts import PIXEL
from socsim.cost.products import rate
from socsim.hardware import Soc, UnitParams
from socsim.hardware.power import PowerModel, UnitPower
from socsim.hardware.uncertain import Uncertain

Counts = tuple[tuple[tuple[str, str], int], ...]
"""((kind, precision), FLOP), as a `Variant` has them."""

Bounds = NDArray[np.float64]
"""[least, likely, most]."""

LIKELY = 1


def bounds(value: Uncertain) -> Bounds:
    """A number as a vector."""
    return np.array([value.low, float(value), value.high])


class UnitCoefficients:
    """Energies and powers of one unit of the chip, all its cores together."""

    def __init__(self, params: UnitParams, power: UnitPower) -> None:
        self.name = params.name
        self.power = power
        cores = getattr(params, "cores", 1)
        self.num_slots = params.slots if params.concurrency == "spatial" else 1
        self._active = bounds(power.active) * cores
        self._idle = bounds(power.idle) * cores
        self._leakage = bounds(power.leakage) * cores
        self.retention = power.retention
        self.gate_after_ps = power.gate_after
        self._operations: dict[Counts, Bounds] = {}

    def operations_j(self, counts: Counts) -> Bounds:
        """Energy of a task's arithmetic at the reference voltage."""
        total = self._operations.get(counts)
        if total is None:
            total = np.zeros(3)
            for (_, precision), flop in counts:
                energy = self._energy(precision)
                total += flop * (bounds(energy) if isinstance(energy, Uncertain) else energy)
            self._operations[counts] = total
        return total

    def _energy(self, precision: str) -> float:
        """Energy of one operation, or of one pixel; nothing where the unit does not say."""
        if precision == PIXEL:
            return self.power.energy_per_pixel or 0.0
        return rate(precision, self.power.energy_per_flop) if self.power.energy_per_flop else 0.0

    def squared(self, clock_hz: float) -> float:
        """(V / V0)^2 at a clock."""
        return (self.power.voltage_at(clock_hz) / self.power.voltage) ** 2

    def active_w(self, clock_hz: float) -> Bounds:
        """Power while a body runs, besides its arithmetic."""
        scaled: Bounds = self._active * (self.squared(clock_hz) * clock_hz / self.power.clock)
        return scaled

    def idle_w(self, clock_hz: float) -> Bounds:
        """Power while no body runs and the unit is on, besides leakage."""
        scaled: Bounds = self._idle * (self.squared(clock_hz) * clock_hz / self.power.clock)
        return scaled

    def leakage_w(self, clock_hz: float, warmer_by_k: float = 0.0) -> Bounds:
        """Leakage while the unit is on, when it is so much warmer than the air."""
        scaled: Bounds = self._leakage * (self.power.voltage_at(clock_hz) / self.power.voltage)
        doubling = self.power.leakage_doubling
        return scaled if doubling is None else scaled * 2 ** (warmer_by_k / doubling)


class Coefficients:
    """All of a chip. Only for chips whose every unit has an entry, see `is_complete`."""

    def __init__(self, soc: Soc, power: PowerModel) -> None:
        entries = {entry.name: entry for entry in power.units}
        self.power = power
        self.units = {unit.name: UnitCoefficients(unit, entries[unit.name]) for unit in soc.units}
        self.link = bounds(power.link_energy)
        self.cache = bounds(power.cache_energy)
        self.dram = bounds(power.dram_energy)
        self.dram_background = bounds(power.dram_background)
        self.base = bounds(power.base)

    @staticmethod
    def of(soc: Soc) -> Coefficients | None:
        """The chip's, or None where a unit's power is not known."""
        power = soc.power
        if power is None or not {unit.name for unit in soc.units} <= {entry.name for entry in power.units}:
            return None
        return Coefficients(soc, power)


def stacked(rows: Iterable[Bounds]) -> NDArray[np.float64]:
    """Vectors as rows of one array, also where there are none."""
    rows = list(rows)
    return np.array(rows) if rows else np.zeros((0, 3))
