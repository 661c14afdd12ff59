"""The energy of a run: every body's arithmetic and bytes, idle power, leakage; and the same as power over time.

Summed up window by window (`socsim.result.windows`), so that a run whose rows are dropped as it goes on has the same
ledger as one that keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socsim.engine.power.coefficients import LIKELY, Bounds, Coefficients
from socsim.engine.power.dynamic import Dynamic, DynamicEnergy, Stretches
from socsim.engine.power.static import Setting, static_energy
from socsim.engine.power.steps import FOREVER_PS, Steps, Times
from socsim.engine.prepared import TrafficPlan
from socsim.result import Counter, Spans
from socsim.result.energy import EnergyTotals, Ledger, UnitEnergy
from socsim.result.task_tables import TaskTables
from socsim.result.windows import Window, windows
from socsim.taskgraph import TaskGraph

MOST_STEPS = 200_000
"""Power counters with more steps than this are averaged over equal stretches of time."""
_STRETCHES = 20_000
_ENERGY_SAMPLES = 501
_MOST_STEPS_OF_WINDOW = 4_000
_STRETCHES_OF_WINDOW = 1_000
"""The same for one window of a run that is streamed."""
_PARTS = 4
"""Operations, active, idle and leakage of a unit."""


def no_heat(power: Mapping[str, Steps]) -> tuple[Counter, ...]:
    """Where temperatures are not wanted, or known already."""
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class WindowPower:
    """What a window drew: joules of its own rows, and power over its time of each unit, fabric, DRAM and all."""

    row_j: NDArray[np.float64]
    steps: Mapping[str, Steps]
    total: Steps


class EnergyAccount:
    """Adds up windows in their order. `settings` are the clocks of each unit over time."""

    def __init__(
        self,
        coefficients: Coefficients,
        tables: TaskTables,
        plans: Sequence[TrafficPlan],
        settings: Mapping[str, Sequence[Setting]],
    ) -> None:
        self._coefficients = coefficients
        self._settings = settings
        self._dynamic = DynamicEnergy(coefficients, tables, plans, settings)
        self._units = {name: [0.0] * _PARTS for name in coefficients.units}
        self._busy_until: dict[str, int | None] = dict.fromkeys(coefficients.units)
        self._fabric_j = self._dram_j = self._peak_w = 0.0
        self._always = np.array([coefficients.base, coefficients.dram_background])
        self._always_j = np.zeros_like(self._always)
        self._bounded: Bounds = np.zeros(3)
        self._is_begun = False

    def add(
        self, window: Window, graph_of: Callable[[int], int], stretches: Stretches | None = None, is_last: bool = True
    ) -> WindowPower:
        """The next window. `graph_of` tells the graph of an instance; without `stretches` (of the run's rows) every
        body ran at its unit's first clock from start to end."""
        if stretches is not None:
            stretches = stretches.of_rows(window.rows)
        work = self._dynamic.of(window, graph_of, stretches)
        begin_ps, end_ps = window.begin_ps, window.end_ps
        reach_ps = (begin_ps if self._is_begun else -FOREVER_PS, FOREVER_PS if is_last else end_ps)
        self._is_begun = True
        steps: dict[str, Steps] = {}
        self._bounded = self._bounded + work.bounded_j
        for code, name in enumerate(self._coefficients.units):
            mine = work.unit == code
            pulses = work.operations_j + work.active_j
            dynamic = Steps.of_pulses(work.begin_ps[mine], work.end_ps[mine], pulses[mine], reach_ps)
            steps[name] = Steps.total([dynamic, *self._static(name, work, mine, begin_ps, end_ps)])
            own = mine & work.is_own
            sums = self._units[name]
            sums[0] += float(work.operations_j[own].sum())
            sums[1] += float(work.active_j[own].sum())
        self._fabric_j += float(work.fabric_j[work.is_own].sum())
        self._dram_j += float(work.dram_j[work.is_own].sum())
        always = self._always
        for name, joules, watts in (("fabric", work.fabric_j, always[0]), ("dram", work.dram_j, always[1])):
            moved = Steps.of_pulses(work.moving_ps, work.moved_ps, joules, reach_ps)
            steps[name] = Steps.total([moved, _constant(begin_ps, end_ps, float(watts[LIKELY]))])
        total = Steps.total(steps.values())
        self._peak_w = max(self._peak_w, float(total.watts.max(initial=0.0)))
        self._always_j = self._always_j + always * ((end_ps - begin_ps) * 1e-12)
        return WindowPower(work.of_own_rows(window), steps, total)

    def _static(
        self, name: str, work: Dynamic, mine: NDArray[np.bool_], begin_ps: int, end_ps: int
    ) -> tuple[Steps, Steps]:
        """Idle power and leakage of a unit, which it draws according to when it was busy."""
        reaching = (work.body_end_ps > begin_ps) & (work.body_begin_ps < end_ps)
        bodies = mine & (reaching | work.is_own)
        first = np.maximum(work.body_begin_ps[bodies], begin_ps)
        last = np.minimum(work.body_end_ps[bodies], end_ps)
        until = self._busy_until[name]
        if until is not None:
            first, last = np.append(until, first), np.append(until, last)
        if len(last):
            self._busy_until[name] = int(last.max())
        static = static_energy(
            self._coefficients.units[name], self._settings[name], first, np.maximum(first, last), begin_ps, end_ps
        )
        self._bounded = self._bounded + static.idle_j + static.leakage_j
        sums = self._units[name]
        sums[2] += float(static.idle_j[LIKELY])
        sums[3] += float(static.leakage_j[LIKELY])
        return static.idle, static.leakage

    def totals(self) -> EnergyTotals:
        """Of all windows so far."""
        bounded = self._bounded + self._always_j.sum(axis=0)
        return EnergyTotals(
            units={name: UnitEnergy(*sums) for name, sums in self._units.items()},
            fabric_j=self._fabric_j,
            dram_access_j=self._dram_j,
            base_j=float(self._always_j[0, LIKELY]),
            dram_background_j=float(self._always_j[1, LIKELY]),
            low_j=float(bounded[0]),
            high_j=float(bounded[-1]),
            peak_w=self._peak_w,
        )


def account(
    coefficients: Coefficients,
    spans: Spans,
    graph_of_instance: Sequence[int],
    graphs: Sequence[TaskGraph],
    plans: Sequence[TrafficPlan],
    settings: Mapping[str, Sequence[Setting]],
    window_ps: tuple[int, int],
    stretches: Stretches | None = None,
    heat: Callable[[Mapping[str, Steps]], tuple[Counter, ...]] = no_heat,
    cuts: Iterable[Window] | None = None,
) -> Ledger:
    """The ledger between two times, from all rows of a run, which `cuts` divides into windows. `heat` makes further
    series from the power of each part."""
    begin_ps, end_ps = window_ps
    energy = EnergyAccount(coefficients, TaskTables(graphs), plans, settings)
    powers = []
    for window in windows(spans, (), begin_ps, end_ps) if cuts is None else cuts:
        is_last = window.end_ps >= end_ps
        powers.append(energy.add(window, graph_of_instance.__getitem__, stretches, is_last))
    steps = {name: _joined([power.steps[name] for power in powers]) for name in powers[0].steps}
    total = _joined([power.total for power in powers])
    named = [(f"{name} power", part) for name, part in steps.items()]
    counters = [_counter(name, part, begin_ps, end_ps) for name, part in (*named, ("power", total))]
    counters += [_energy_counter(total, begin_ps, end_ps), *heat(steps)]
    return Ledger(energy.totals(), np.concatenate([power.row_j for power in powers]), tuple(counters))


def _joined(parts: Sequence[Steps]) -> Steps:
    """Power over windows that follow each other: the end of one is the begin of the next."""
    last = parts[-1]
    times: list[Times] = [part.time_ps[:-1] for part in parts[:-1]]
    watts = [part.watts[:-1] for part in parts[:-1]]
    return Steps(np.concatenate([*times, last.time_ps]), np.concatenate([*watts, last.watts]))


def _constant(begin_ps: int, end_ps: int, watts: float) -> Steps:
    return Steps(np.array([begin_ps, end_ps], dtype=np.int64), np.array([watts, 0.0]))


def _energy_counter(total: Steps, begin_ps: int, end_ps: int) -> Counter:
    """All joules so far."""
    edges = np.unique(np.linspace(begin_ps, end_ps, _ENERGY_SAMPLES).astype(np.int64))
    return Counter("energy", "J", "energy", edges, total.energy_until(edges))


def _counter(name: str, steps: Steps, begin_ps: int, end_ps: int) -> Counter:
    if len(steps.time_ps) > MOST_STEPS:
        steps = steps.averaged(np.linspace(begin_ps, end_ps, _STRETCHES + 1).astype(np.int64))
    return Counter(name, "W", "power", steps.time_ps, steps.watts)


def window_counters(
    power: WindowPower, window_ps: tuple[int, int], is_last: bool, spent_j: float
) -> tuple[Counter, ...]:
    """Power over the time of one window, to be followed by the next one's; and all joules at its end."""
    begin_ps, end_ps = window_ps
    counters = []
    for name, steps in (*((f"{name} power", part) for name, part in power.steps.items()), ("power", power.total)):
        if len(steps.time_ps) > _MOST_STEPS_OF_WINDOW:
            edges = np.unique(np.linspace(begin_ps, end_ps, _STRETCHES_OF_WINDOW + 1).astype(np.int64))
            steps = steps.averaged(edges)
        last = len(steps.time_ps) if is_last else -1
        counters.append(Counter(name, "W", "power", steps.time_ps[:last], steps.watts[:last]))
    counters.append(Counter("energy", "J", "energy", np.array([end_ps]), np.array([spent_j])))
    return tuple(counters)
