"""Energy of the bodies of a window: arithmetic, active power and bytes, with the time over which each is spread.

A body's energy is spread evenly over each stretch that it ran at one clock; that of its bytes from the begin of its
fill to the end of its drain. Energies of bytes are charged to the task that moved them, whatever cache wrote them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socsim.engine.memory.route import LevelBytes, UnitRoute
from socsim.engine.power.coefficients import LIKELY, Bounds, Coefficients, stacked
from socsim.engine.power.static import Setting
from socsim.engine.power.steps import Times
from socsim.engine.prepared import TrafficPlan
from socsim.result import Spans
from socsim.result.task_tables import TaskTables
from socsim.result.windows import SHORTEST_PULSE_PS, Window


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Parts of bodies, each at one clock: span row, time, share of the body's work done in it."""

    row: Times
    begin_ps: Times
    end_ps: Times
    share: NDArray[np.float64]
    clock_hz: Times

    @staticmethod
    def of(rows: Iterable[tuple[int, int, int, float, int]]) -> Stretches:
        """From (row, begin, end, share, clock)."""
        columns = tuple(zip(*rows, strict=True)) or ((),) * 5
        whole = [np.array(column, dtype=np.int64) for column in (*columns[:3], columns[4])]
        return Stretches(whole[0], whole[1], whole[2], np.array(columns[3], dtype=np.float64), whole[3])

    def of_rows(self, rows: Times) -> Stretches:
        """Those of some rows, which are in order; `row` becomes the position among them. Stretches lie in the order of
        their rows."""
        first, last = np.searchsorted(self.row, [rows[0], rows[-1] + 1]) if len(rows) else (0, 0)
        chosen = first + np.flatnonzero(np.isin(self.row[first:last], rows))
        place = np.searchsorted(rows, self.row[chosen])
        return Stretches(place, self.begin_ps[chosen], self.end_ps[chosen], self.share[chosen], self.clock_hz[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class Dynamic:
    """Energy of stretches of bodies; `is_own` where they belong to the window. `begin_ps` to `end_ps` is where their
    power goes (longer than nothing), `moving_ps` to `moved_ps` where that of their bytes goes; `bounded_j` is the sum
    of the window's own, least to most."""

    row: Times
    is_own: NDArray[np.bool_]
    unit: NDArray[np.int64]
    body_begin_ps: Times
    body_end_ps: Times
    begin_ps: Times
    end_ps: Times
    moving_ps: Times
    moved_ps: Times
    operations_j: NDArray[np.float64]
    active_j: NDArray[np.float64]
    fabric_j: NDArray[np.float64]
    dram_j: NDArray[np.float64]
    bounded_j: NDArray[np.float64]

    def of_own_rows(self, window: Window) -> NDArray[np.float64]:
        """Joules of each of the window's own rows."""
        total = np.zeros(len(window.rows))
        np.add.at(total, self.row, self.operations_j + self.active_j + self.fabric_j + self.dram_j)
        return total[window.own]


class DynamicEnergy:
    """Prices the bodies of windows; what is known of variants and of ways to memory is worked out once."""

    def __init__(
        self,
        coefficients: Coefficients,
        tables: TaskTables,
        plans: Sequence[TrafficPlan],
        settings: Mapping[str, Sequence[Setting]],
    ) -> None:
        self._coefficients = coefficients
        self._names = list(coefficients.units)
        self._tables = tables
        self._plans = plans
        self._known: dict[tuple[UnitRoute, LevelBytes], tuple[Bounds, Bounds]] = {}
        self._clocks = np.array([settings[name][0].clock_hz for name in self._names], dtype=np.int64)
        self._unit_of: list[int] = []
        self._slots: list[float] = []
        self._operations: list[Bounds] = []
        self._fabric: list[Bounds] = []
        self._dram: list[Bounds] = []

    def of(self, window: Window, graph_of: Callable[[int], int], given: Stretches | None) -> Dynamic:
        """The energy of a window's bodies; without stretches every body ran at its unit's first clock."""
        self._update()
        table = window.table

        def column(name: str) -> Times:
            return np.ascontiguousarray(table[:, Spans.position(name)])

        variant_of = self._tables.variants_of(table, graph_of)
        unit_of = np.array(self._unit_of, dtype=np.int64)[variant_of]
        start_ps, end_ps, done_ps = column("start_ps"), column("end_ps"), column("done_ps")
        if given is None:
            rows = np.arange(len(table), dtype=np.int64)
            given = Stretches(rows, start_ps, end_ps, np.ones(len(table)), self._clocks[unit_of])
        at, share = given.row, given.share
        variant = variant_of[at]
        squared, active = _by_clock(self._coefficients, self._names, unit_of[at], given.clock_hz)
        slots = np.array(self._slots)[variant]
        active = active * ((given.end_ps - given.begin_ps) * 1e-12 * slots)[:, None]
        operations = stacked(self._operations)
        # a row of zeros at the end stands for tasks without bytes, whose plan is -1
        fabric, dram = (np.vstack([stacked(energy), np.zeros(3)]) for energy in (self._fabric, self._dram))
        plan = column("plan")[at]
        begins, ends = _lasting(given, column("launch_start_ps"), done_ps)
        # the first tile of a body arrives during its fill, the last one leaves after it, and so may what it pushed out
        is_first, is_last = given.begin_ps == start_ps[at], given.end_ps == end_ps[at]
        moving = np.where(is_first, np.minimum(begins, (start_ps - column("fill_ps"))[at]), begins)
        moved = np.where(is_last, np.maximum(ends, done_ps[at]), ends)
        own = (at >= window.first) & (at < window.last)
        shares = np.where(own, share, 0.0)
        bounded = np.bincount(variant, shares * squared, minlength=len(operations)) @ operations
        used = np.bincount(plan + 1, shares, minlength=len(self._plans) + 1)
        bounded = bounded + np.append(used[1:], 0.0) @ (fabric + dram) + active[own].sum(axis=0)
        return Dynamic(
            at, own, unit_of[at], given.begin_ps, given.end_ps, begins, ends, moving, moved,
            operations[variant, LIKELY] * share * squared, active[:, LIKELY],
            fabric[plan, LIKELY] * share, dram[plan, LIKELY] * share, bounded,
        )  # fmt: skip

    def _update(self) -> None:
        for variant in self._tables.variants[len(self._unit_of) :]:
            unit = self._coefficients.units[variant.unit]
            self._unit_of.append(self._names.index(variant.unit))
            self._slots.append(variant.active_share(unit.num_slots))
            self._operations.append(unit.operations_j(variant.operation_counts))
        for plan in self._plans[len(self._fabric) :]:
            key = (plan.route, plan.levels)
            pair = self._known.get(key)
            if pair is None:
                pair = self._known[key] = plan_energy(self._coefficients, plan.route, plan.levels)
            self._fabric.append(pair[0])
            self._dram.append(pair[1])


def plan_energy(coefficients: Coefficients, route: UnitRoute, levels: LevelBytes) -> tuple[Bounds, Bounds]:
    """Energy of links and caches, and of DRAM, for bytes on their way."""
    in_caches = sum(read + write for read, write in levels[:-1])
    fabric: Bounds = coefficients.link * _link_bytes(route, levels) + coefficients.cache * in_caches
    return fabric, coefficients.dram * sum(levels[-1])


def _link_bytes(route: UnitRoute, levels: LevelBytes) -> float:
    """Bytes over links on the way to memory, each as often as links it crosses."""
    dram = route.crossings[-1]
    crossed = sum(
        levels[crossing.level][0 if crossing.reads else 1] * crossing.num_ways
        for crossing in route.crossings
        if crossing.state is not dram.state
    )
    return crossed / dram.num_ways


def _by_clock(
    coefficients: Coefficients, names: Sequence[str], unit: NDArray[np.int64], clock_hz: Times
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(V / V0)^2 and active power of each stretch."""
    key = unit * 2**40 + clock_hz
    changes = np.append(True, key[1:] != key[:-1]) if len(key) else np.zeros(0, dtype=bool)
    distinct, which = np.unique(key[changes], return_inverse=True)
    which = which[np.cumsum(changes) - 1]
    pairs = [(coefficients.units[names[int(k) >> 40]], int(k) & (2**40 - 1)) for k in distinct]
    squared = np.array([of.squared(hz) for of, hz in pairs])
    active = stacked(of.active_w(hz) for of, hz in pairs)
    return squared[which], active[which]


def _lasting(stretches: Stretches, launch_start_ps: Times, done_ps: Times) -> tuple[Times, Times]:
    """Begin and end of each stretch, where the body took no time from the launch to the end of the drain: power is
    energy over time, and no time is too short."""
    begin, end = stretches.begin_ps.copy(), stretches.end_ps.copy()
    short = np.flatnonzero(end <= begin)
    if len(short):
        rows = stretches.row[short]
        begin[short] = np.minimum(begin[short], launch_start_ps[rows])
        end[short] = np.maximum(np.maximum(begin[short] + SHORTEST_PULSE_PS, end[short]), done_ps[rows])
    return begin, end
