"""What each unit and the memory drew since the last look, from the stretches of bodies that ended or went on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from socsim.engine.controlled import ControlledRun, Stretch
from socsim.engine.power.coefficients import LIKELY, Coefficients, UnitCoefficients
from socsim.engine.power.dynamic import plan_energy


@dataclass(slots=True)
class Reading:
    """Joules and busy time of one unit over an interval."""

    dynamic_j: float = 0.0
    static_j: float = 0.0
    busy_ps: int = 0


class Meter:
    """Reads energy as time passes; the ledger of the whole run is made afterwards, from the same stretches."""

    def __init__(self, coefficients: Coefficients) -> None:
        self._coefficients = coefficients
        self._free_since = dict.fromkeys(coefficients.units, -(2**60))
        self._plans: dict[int, tuple[float, float]] = {}

    def read(
        self, stretches: Sequence[tuple[ControlledRun, Stretch]], clocks: dict[str, int], warmer: dict[str, float],
        begin_ps: int, end_ps: int,
    ) -> tuple[dict[str, Reading], float, float]:  # fmt: skip
        """(per unit, joules of links and caches, joules of DRAM) between two times, with the clocks at the first."""
        readings = {name: Reading() for name in self._coefficients.units}
        fabric = dram = 0.0
        busy: dict[str, list[tuple[int, int]]] = {name: [] for name in readings}
        for run, stretch in stretches:
            variant = run.variant
            name = variant.unit.name
            unit = self._coefficients.units[name]
            task = run.instance.prepared.graph.tasks[run.index]
            planned = task.variants[variant.index]
            operations = unit.operations_j(planned.operation_counts)[LIKELY]
            length = (stretch.end_ps - stretch.begin_ps) * 1e-12
            active = unit.active_w(stretch.clock_hz)[LIKELY] * length * planned.active_share(unit.num_slots)
            readings[name].dynamic_j += operations * stretch.share * unit.squared(stretch.clock_hz) + active
            busy[name].append((min(max(run.launch_start_ps, begin_ps), stretch.begin_ps), stretch.end_ps))
            if run.plan is not None:
                moved = self._plans.get(run.plan.number)
                if moved is None:
                    pair = plan_energy(self._coefficients, run.plan.route, run.plan.levels)
                    moved = self._plans[run.plan.number] = float(pair[0][LIKELY]), float(pair[1][LIKELY])
                fabric += moved[0] * stretch.share
                dram += moved[1] * stretch.share
        for name, reading in readings.items():
            on_ps, idle_ps, reading.busy_ps = self._times(name, busy[name], begin_ps, end_ps)
            reading.static_j = self._static(self._coefficients.units[name], clocks[name], warmer[name], on_ps, idle_ps,
                                            end_ps - begin_ps)  # fmt: skip
        seconds = (end_ps - begin_ps) * 1e-12
        fabric += float(self._coefficients.base[LIKELY]) * seconds
        dram += float(self._coefficients.dram_background[LIKELY]) * seconds
        return readings, fabric, dram

    def _times(self, name: str, busy: list[tuple[int, int]], begin_ps: int, end_ps: int) -> tuple[int, int, int]:
        """(switched on, on and idle, busy) picoseconds of an interval."""
        gate_after = self._coefficients.units[name].gate_after_ps
        since = self._free_since[name]
        idle_ps = busy_ps = 0
        cursor = begin_ps
        for first, last in sorted(busy):
            if first > cursor:
                idle_ps += max(0, min(first, since + gate_after) - cursor)
                cursor = first
            if last > cursor:
                busy_ps += last - cursor
                cursor = last
            since = max(since, last)
        idle_ps += max(0, min(end_ps, since + gate_after) - cursor)
        self._free_since[name] = since
        return busy_ps + idle_ps, idle_ps, busy_ps

    @staticmethod
    def _static(
        unit: UnitCoefficients, clock_hz: int, warmer_by_k: float, on_ps: int, idle_ps: int, all_ps: int
    ) -> float:
        leakage = float(unit.leakage_w(clock_hz, warmer_by_k)[LIKELY])
        off_ps = all_ps - on_ps
        idle = float(unit.idle_w(clock_hz)[LIKELY]) * idle_ps
        return (leakage * (on_ps + unit.retention * off_ps) + idle) * 1e-12
