"""The energy of a run: every body's arithmetic and bytes, idle power, leakage; and the same as power over time.

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
from socsim.engine.power.static import Setting, static_energy
from socsim.engine.power.steps import Steps, Times
from socsim.engine.prepared import TrafficPlan
from socsim.result import Counter, Spans
from socsim.result.energy import EnergyTotals, Ledger, UnitEnergy
from socsim.result.task_columns import distinct_tasks
from socsim.taskgraph import TaskGraph, Variant

MOST_STEPS = 200_000
"""Power counters with more steps than this are averaged over equal stretches of time."""
_STRETCHES = 20_000
_ENERGY_SAMPLES = 501


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


def no_heat(power: Mapping[str, Steps]) -> tuple[Counter, ...]:
    """Where temperatures are not wanted, or known already."""
    return ()


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
) -> Ledger:
    """The ledger between two times. `settings` are the clocks of each unit over time; without `stretches` every body
    ran at its unit's first clock from start to end. `heat` makes further series from the power of each part."""
    begin_ps, end_ps = window_ps
    names = list(coefficients.units)
    work = _dynamic(coefficients, names, spans, _variants(spans, graph_of_instance, graphs), plans, settings, stretches)
    units: dict[str, UnitEnergy] = {}
    steps: dict[str, Steps] = {}
    bounded = work.bounded_j
    for code, name in enumerate(names):
        mine = work.unit == code
        static = static_energy(
            coefficients.units[name], settings[name], work.body_begin_ps[mine], work.body_end_ps[mine], begin_ps, end_ps
        )
        bounded = bounded + static.idle_j + static.leakage_j
        units[name] = UnitEnergy(
            float(work.operations_j[mine].sum()), float(work.active_j[mine].sum()),
            float(static.idle_j[LIKELY]), float(static.leakage_j[LIKELY]),
        )  # fmt: skip
        own = (work.operations_j + work.active_j)[mine]
        dynamic = Steps.of_pulses(work.begin_ps[mine], work.end_ps[mine], own)
        steps[name] = Steps.total([dynamic, static.idle, static.leakage])
    always = np.array([coefficients.base, coefficients.dram_background])
    for name, joules, watts in (("fabric", work.fabric_j, always[0]), ("dram", work.dram_j, always[1])):
        pulses = Steps.of_pulses(work.moving_ps, work.moved_ps, joules)
        steps[name] = Steps.total([pulses, _constant(begin_ps, end_ps, float(watts[LIKELY]))])
    total = Steps.total(steps.values())
    always_j = always * ((end_ps - begin_ps) * 1e-12)
    bounded = bounded + always_j.sum(axis=0)
    totals = EnergyTotals(
        units=units,
        fabric_j=float(work.fabric_j.sum()),
        dram_access_j=float(work.dram_j.sum()),
        base_j=float(always_j[0, LIKELY]),
        dram_background_j=float(always_j[1, LIKELY]),
        low_j=float(bounded[0]),
        high_j=float(bounded[-1]),
        peak_w=float(total.watts.max(initial=0.0)),
    )
    named = [(f"{name} power", part) for name, part in steps.items()]
    counters = [_counter(name, part, begin_ps, end_ps) for name, part in (*named, ("power", total))]
    counters += [_energy_counter(total, begin_ps, end_ps), *heat(steps)]
    return Ledger(totals, work.of_rows(len(spans)), tuple(counters))


@dataclass(frozen=True, slots=True, eq=False)
class _Dynamic:
    """Energy of stretches of bodies. `begin_ps` to `end_ps` is where their power goes (longer than nothing),
    `moving_ps` to `moved_ps` where that of their bytes goes; `bounded_j` is the sum of all, least to most."""

    row: Times
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

    def of_rows(self, num_rows: int) -> NDArray[np.float64]:
        """Joules of each span."""
        total = np.zeros(num_rows)
        np.add.at(total, self.row, self.operations_j + self.active_j + self.fabric_j + self.dram_j)
        return total


def _dynamic(
    coefficients: Coefficients,
    names: Sequence[str],
    spans: Spans,
    of_spans: tuple[NDArray[np.int64], list[Variant]],
    plans: Sequence[TrafficPlan],
    settings: Mapping[str, Sequence[Setting]],
    given: Stretches | None,
) -> _Dynamic:
    variant_of, variants = of_spans
    unit_of = np.array([names.index(variant.unit) for variant in variants], dtype=np.int64)[variant_of]
    if given is None:
        clocks = np.array([settings[name][0].clock_hz for name in names], dtype=np.int64)
        rows = np.arange(len(spans), dtype=np.int64)
        own = spans.column("start_ps").copy(), spans.column("end_ps").copy()
        given = Stretches(rows, *own, np.ones(len(spans)), clocks[unit_of])
    at, share = given.row, given.share
    variant = variant_of[at]
    squared, active = _by_clock(coefficients, names, unit_of[at], given.clock_hz)
    slots = np.array([v.active_share(coefficients.units[v.unit].num_slots) for v in variants])[variant]
    active = active * ((given.end_ps - given.begin_ps) * 1e-12 * slots)[:, None]
    operations = stacked(coefficients.units[v.unit].operations_j(v.operation_counts) for v in variants)
    # a row of zeros at the end stands for tasks without bytes, whose plan is -1
    fabric, dram = (np.vstack([energy, np.zeros(3)]) for energy in _of_plans(coefficients, plans))
    plan = spans.column("plan")[at]
    begins, ends = _lasting(given, spans)
    # the first tile of a body arrives during its fill, the last one leaves after it, and so may what it pushed out
    fill = np.where(given.begin_ps == spans.column("start_ps")[at], spans.column("fill_ps")[at], 0)
    done = np.where(given.end_ps == spans.column("end_ps")[at], spans.column("done_ps")[at], ends)
    work = np.bincount(variant, share * squared, minlength=len(variants)) @ operations if len(variants) else np.zeros(3)
    moved = np.bincount(plan + 1, share, minlength=len(plans) + 1)
    moved = np.append(moved[1:], 0.0) @ (fabric + dram)
    return _Dynamic(
        at, unit_of[at], given.begin_ps, given.end_ps, begins, ends, begins - fill, np.maximum(ends, done),
        operations[variant, LIKELY] * share * squared, active[:, LIKELY],
        fabric[plan, LIKELY] * share, dram[plan, LIKELY] * share, work + moved + active.sum(axis=0),
    )  # fmt: skip


def _variants(
    spans: Spans, graph_of_instance: Sequence[int], graphs: Sequence[TaskGraph]
) -> tuple[NDArray[np.int64], list[Variant]]:
    """For each span the number of its variant among all distinct ones, and those."""
    first_of_graph, distinct_of, tasks = distinct_tasks(graphs)
    counts = [len(task.variants) for task in tasks]
    first_variant = np.cumsum([0, *counts[:-1]]) if counts else np.zeros(0, np.int64)
    graph = np.array(graph_of_instance, dtype=np.int64)[spans.column("instance")]
    distinct = distinct_of[first_of_graph[graph] + spans.column("task")]
    return first_variant[distinct] + spans.column("variant"), [v for task in tasks for v in task.variants]


def _by_clock(
    coefficients: Coefficients, names: Sequence[str], unit: NDArray[np.int64], clock_hz: Times
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(V / V0)^2 and active power of each stretch."""
    key = unit * 2**40 + clock_hz
    distinct, which = np.unique(key, return_inverse=True)
    pairs = [(coefficients.units[names[int(k) >> 40]], int(k) & (2**40 - 1)) for k in distinct]
    squared = np.array([of.squared(hz) for of, hz in pairs])
    active = stacked(of.active_w(hz) for of, hz in pairs)
    return squared[which], active[which]


def _of_plans(
    coefficients: Coefficients, plans: Sequence[TrafficPlan]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Energy of links and caches, and of DRAM, for one use of each plan."""
    known: dict[tuple[UnitRoute, LevelBytes], tuple[Bounds, Bounds]] = {}
    pairs = []
    for plan in plans:
        key = (plan.route, plan.levels)
        pair = known.get(key)
        if pair is None:
            pair = known[key] = plan_energy(coefficients, plan.route, plan.levels)
        pairs.append(pair)
    return stacked(fabric for fabric, _ in pairs), stacked(dram for _, dram in pairs)


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


def _lasting(stretches: Stretches, spans: Spans) -> tuple[Times, Times]:
    """Begin and end of each stretch, where the body took no time from the launch to the end of the drain: power is
    energy over time, and no time is too short."""
    begin, end = stretches.begin_ps.copy(), stretches.end_ps.copy()
    short = np.flatnonzero(end <= begin)
    if len(short):
        rows = stretches.row[short]
        begin[short] = np.minimum(begin[short], spans.column("launch_start_ps")[rows])
        end[short] = np.maximum(np.maximum(begin[short] + 1000, end[short]), spans.column("done_ps")[rows])
    return begin, end


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
