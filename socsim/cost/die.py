"""Area and cost of a die, from what stands on it: the proxy by which a search weighs speed against silicon.

    area  = (units + memories + DRAM channels) / (1 - rest)
    dies  = pi (d/2)^2 / area - pi d / sqrt(2 area)             (those cut by the edge are lost)
    yield = (1 + area D / alpha)^-alpha                          (negative binomial: defects cluster)
    cost  = wafer price / (dies yield)

**Source:** dies per wafer and the yield's form as in Hennessy and Patterson, "Computer Architecture", chapter 1 (cost
of an integrated circuit), and Stapper, "Integrated circuit yield statistics", Proc. IEEE 71 (1983). Parameters: the
chip's `silicon` section, each with its source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from socsim.cost.unit_model import unit_models
from socsim.hardware import Soc, UnitParams
from socsim.hardware.silicon import Silicon, UnitSilicon

_FLOP_PER_MULTIPLIER = 2


@dataclass(frozen=True, slots=True)
class Die:
    """`parts` in mm2 by name (units, caches, `dram_channels`, `rest`); they sum to `area_mm2`."""

    parts: Mapping[str, float]
    area_mm2: float
    yield_fraction: float
    cost_usd: float


def die_of(soc: Soc) -> Die | None:
    """The die of a chip; None where its `silicon` is not described for every unit."""
    silicon = soc.silicon
    if silicon is None:
        return None
    parts: dict[str, float] = {}
    for unit in soc.units:
        entry = silicon.unit(unit.name)
        if entry is None:
            return None
        parts[unit.name] = _unit_mm2(unit, entry, silicon)
    for cache in soc.caches:
        parts[cache.name] = memory_mm2(cache.capacity, silicon)
    parts["dram_channels"] = soc.dram.channels * silicon.dram_channel
    blocks = sum(parts.values())
    area = blocks / (1 - silicon.rest_fraction)
    parts["rest"] = area - blocks
    good = yield_fraction(area, silicon)
    return Die(parts, area, good, _cost_usd(area, good, silicon))


def memory_mm2(size_bytes: int, silicon: Silicon) -> float:
    """Area of an on-chip memory: its cells over the array efficiency."""
    return 8 * size_bytes * silicon.memory_cell / silicon.memory_array_efficiency


def dies_per_wafer(area_mm2: float, diameter_mm: float) -> float:
    """Whole dies of a wafer; less than one where the die does not fit."""
    wafer_mm2 = math.pi * (diameter_mm / 2) ** 2
    return wafer_mm2 / area_mm2 - math.pi * diameter_mm / math.sqrt(2 * area_mm2)


def yield_fraction(area_mm2: float, silicon: Silicon) -> float:
    """Dies without a killing defect over all dies."""
    alpha = silicon.defect_clustering
    return float((1 + area_mm2 * silicon.defect_density / alpha) ** -alpha)


def _cost_usd(area_mm2: float, good: float, silicon: Silicon) -> float:
    if area_mm2 <= 0:
        return 0.0
    dies = dies_per_wafer(area_mm2, silicon.wafer_diameter)
    return silicon.wafer_price_usd / (dies * good) if dies >= 1 else math.inf


def _unit_mm2(unit: UnitParams, entry: UnitSilicon, silicon: Silicon) -> float:
    model = unit_models.get(unit.kind)()
    flop_per_cycle = model.peaks(unit).get(entry.precision, 0.0) / unit.clock
    return (
        entry.fixed
        + entry.per_core * getattr(unit, "cores", 1)
        + entry.per_multiplier * flop_per_cycle / _FLOP_PER_MULTIPLIER
        + memory_mm2(model.on_chip_memory_bytes(unit), silicon)
    )
