"""Is the energy of a run what its operations, bytes, time and voltage say, and does the ledger add up?"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from socsim.engine.executor import Executor
from socsim.engine.power import account
from socsim.engine.power.coefficients import Coefficients
from socsim.engine.power.static import Setting
from socsim.engine.power.steps import Steps
from socsim.hardware import Soc
from socsim.result.energy import Ledger
from socsim.taskgraph import Task
from tests.building import execute, make_graph, make_task
from tests.powered import powered_soc
from tests.property.test_random_graphs import random_tasks

US = 10**6


def ledger_of(soc: Soc, executor: Executor, clock_hz: int = 10**9, end_ps: int | None = None) -> Ledger:
    coefficients = Coefficients.of(soc)
    assert coefficients is not None
    end = end_ps or max(instance.done_ps for instance in executor.instances.values())
    return account(
        coefficients, executor.spans, [i.graph for i in executor.instances.values()], executor.graphs,
        executor.preparer.plans, {unit.name: [Setting(0, clock_hz)] for unit in soc.units}, (0, end),
    )  # fmt: skip


def with_counts(task: Task, flop: int) -> Task:
    return replace(
        task, variants=tuple(replace(v, operation_counts=((("matmul", "fp32"), flop),)) for v in task.variants)
    )


def test_one_task_costs_its_operations_its_bytes_and_its_time() -> None:
    # 1 MB over one own link and the shared one and DRAM, in 10 us from 150 ns on; 3 MFLOP.
    soc = powered_soc()
    executor = execute(soc, [(0, make_graph([with_counts(make_task(read_bytes=1_000_000), 3_000_000)]))])
    totals = ledger_of(soc, executor).totals
    a = totals.units["a"]
    body, run = 10e-6, 10.15e-6
    assert a.operations_j == pytest.approx(3e6 * 1e-12)
    assert a.active_j == pytest.approx(2 * body)
    assert a.leakage_j == pytest.approx(0.25 * run)  # switched off it keeps all of it: retention is 1
    assert a.idle_j == 0  # off until its first body
    assert totals.fabric_j == pytest.approx(1e6 * 2 * 2e-12)
    assert totals.dram_access_j == pytest.approx(1e6 * 10e-12)
    assert totals.dram_background_j == pytest.approx(0.1 * run)
    assert totals.base_j == pytest.approx(0.2 * run)


def test_bytes_that_leave_after_a_body_of_nanoseconds_draw_their_power_while_they_leave() -> None:
    # 1 MB of results in the last tile: 10 us of drain at 100 GB/s behind a body of 1 ns.
    soc = powered_soc()
    task = make_task(cycles=1, write_bytes=1_000_000, last_tile_bytes=1_000_000)
    executor = execute(soc, [(0, make_graph([task]))])
    assert executor.spans.column("end_ps")[0] - executor.spans.column("start_ps")[0] == 1000
    dram = next(c for c in ledger_of(soc, executor).counters if c.name == "dram power")
    moving_s = (executor.spans.column("done_ps")[0] - executor.spans.column("start_ps")[0]) * 1e-12
    assert max(dram.value) == pytest.approx(0.1 + 1e6 * 10e-12 / moving_s)


@pytest.mark.parametrize(("clock_hz", "squared"), [(10**9, 1.0), (500_000_000, 0.25), (250_000_000, 0.0625)])
def test_half_the_voltage_is_a_quarter_of_the_energy_and_half_the_leakage(clock_hz: int, squared: float) -> None:
    soc = powered_soc()
    executor = execute(soc, [(0, make_graph([with_counts(make_task(cycles=1000), 500)]))])
    a = ledger_of(soc, executor, clock_hz).totals.units["a"]
    assert a.operations_j == pytest.approx(500e-12 * squared)
    assert a.active_j == pytest.approx(2e-6 * squared * clock_hz / 1e9)
    assert a.leakage_j == pytest.approx(0.25e-6 * squared**0.5)


def test_an_idle_unit_draws_idle_power_until_it_is_switched_off() -> None:
    soc = powered_soc(unit={"gate_after": "3 us", "retention": 0.1})
    executor = execute(soc, [(0, make_graph([make_task(cycles=1000)])), (9 * US, make_graph([make_task(cycles=1000)]))])
    a = ledger_of(soc, executor, end_ps=10 * US).totals.units["a"]
    # busy 0-1, idle 1-4, off 4-9, busy 9-10
    assert a.idle_j == pytest.approx(0.5 * 3e-6)
    assert a.leakage_j == pytest.approx(0.25 * 5e-6 + 0.025 * 5e-6)


def test_bounds_of_uncertain_values_bound_the_total() -> None:
    soc = powered_soc(power={"dram_energy": ["4 pJ/B", "10 pJ/B", "30 pJ/B"]})
    executor = execute(soc, [(0, make_graph([make_task(read_bytes=1_000_000)]))])
    totals = ledger_of(soc, executor).totals
    assert totals.total_j - totals.low_j == pytest.approx(6e-6)
    assert totals.high_j - totals.total_j == pytest.approx(20e-6)


def test_a_chip_without_the_power_of_every_unit_has_no_energy() -> None:
    soc = powered_soc()
    assert soc.power is not None
    incomplete = soc.model_copy(update={"power": soc.power.model_copy(update={"units": soc.power.units[:1]})})
    assert Coefficients.of(incomplete) is None


def test_the_ledger_equals_the_integral_of_the_counters_on_random_graphs() -> None:
    rng = random.Random("ledger")
    soc = powered_soc(unit={"gate_after": "20 us", "retention": 0.2})
    for _ in range(100):
        tasks = [with_counts(task, rng.randrange(10**6)) for task in random_tasks(rng) if task.variants[0].unit != "c"]
        kept = [replace(task, predecessors=()) for task in tasks] or [make_task(cycles=1)]
        executor = execute(soc, [(rng.randrange(100) * US, make_graph(kept)) for _ in range(3)])
        ledger = ledger_of(soc, executor)
        end = max(instance.done_ps for instance in executor.instances.values())
        integrals = {counter.name: counter.integral(end) for counter in ledger.counters}
        total = ledger.totals
        assert integrals["power"] == pytest.approx(total.total_j, rel=1e-9, abs=1e-15)
        assert integrals["a power"] == pytest.approx(total.units["a"].total_j, rel=1e-9, abs=1e-15)
        assert integrals["dram power"] == pytest.approx(total.dram_access_j + total.dram_background_j, rel=1e-9)
        assert ledger.row_j.sum() == pytest.approx(total.spans_j, rel=1e-9, abs=1e-15)


def test_averaging_a_counter_keeps_its_energy() -> None:
    rng = np.random.default_rng(3)
    begin = rng.integers(0, 10**9, 1000)
    end = begin + rng.integers(1, 10**7, 1000)
    steps = Steps.of_pulses(begin, end, rng.random(1000))
    edges = np.linspace(0, 2 * 10**9, 50).astype(np.int64)
    coarse = steps.averaged(edges)
    last: Any = edges[-1:]
    assert coarse.energy_until(last)[0] == pytest.approx(steps.energy_until(last)[0], rel=1e-9)
    assert coarse.energy_until(edges[20:21])[0] == pytest.approx(steps.energy_until(edges[20:21])[0], rel=1e-9)
