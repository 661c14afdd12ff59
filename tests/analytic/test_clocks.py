"""What happens to work, energy and heat when clocks change while time runs?"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from socsim.engine.controlled import ControlledExecutor
from socsim.engine.kernel import Kernel
from socsim.engine.memory.system import MemorySystem
from socsim.engine.schedulers.fifo import Fifo
from socsim.engine.unit import UnitState
from socsim.hardware import Soc
from socsim.result import RunResult
from socsim.simulation import RunOptions, load_components, simulate
from socsim.taskgraph import TaskGraph
from socsim.workload.scenario import Closed, Distribution, Periodic, Scenario, Stream, Synthetic
from tests.building import Once, make_graph, make_soc, make_task
from tests.powered import ONE_NODE, powered_soc

load_components()
US = 10**6


def run_with_switch(graph: TaskGraph, at_ps: int, clock_hz: int) -> ControlledExecutor:
    """The graph on unit `a`, whose clock changes from 1 GHz at a time."""
    soc = make_soc({"a": {}})
    kernel = Kernel()
    memory = MemorySystem(kernel, soc, lambda streams: 100e9)
    units = {unit.name: UnitState(unit, memory.routes[unit.name], Fifo()) for unit in soc.units}
    executor = ControlledExecutor(kernel, units, memory, Once([(0, graph)]))
    kernel.after(at_ps, lambda _: executor.set_clock(units["a"], clock_hz), None)
    executor.run()
    return executor


def ends(executor: ControlledExecutor) -> list[int]:
    return [int(time) for time in executor.spans.column("end_ps")]


@pytest.mark.parametrize(("clock_hz", "end_us"), [(500_000_000, 16), (2_000_000_000, 7), (1_000_000_000, 10)])
def test_a_timer_keeps_what_is_done_and_does_the_rest_at_the_new_clock(clock_hz: int, end_us: int) -> None:
    # 10 000 cycles; 4 000 are done at 4 us.
    assert ends(run_with_switch(make_graph([make_task(cycles=10_000)]), 4 * US, clock_hz)) == [end_us * US]


def test_a_body_bound_by_its_arithmetic_slows_down_and_one_bound_by_its_bytes_does_not() -> None:
    # 100 kB in 10 us of arithmetic: after 4 us of it 40 % is done; the rest takes 12 us at half the clock.
    graph = make_graph([make_task(cycles=10_000, read_bytes=100_000)])
    assert ends(run_with_switch(graph, 4 * US + 150_000, 500_000_000)) == [16 * US + 150_000]
    graph = make_graph([make_task(cycles=1_000, read_bytes=1_000_000)])
    assert ends(run_with_switch(graph, 4 * US + 150_000, 500_000_000)) == [10 * US + 150_000]


def test_a_task_that_begins_after_the_switch_runs_at_the_new_clock() -> None:
    graph = make_graph([make_task(cycles=1_000), make_task(cycles=1_000, after=[0])])
    assert ends(run_with_switch(graph, US // 2, 500_000_000)) == [3 * US // 2, 7 * US // 2]


def test_stretches_cover_a_body_and_their_shares_sum_to_one() -> None:
    executor = run_with_switch(make_graph([make_task(cycles=10_000, read_bytes=100_000)]), 4 * US + 150_000, 10**9 // 2)
    stretches = [stretch for _, stretch in executor.all_stretches()]
    assert [stretch.clock_hz for stretch in stretches] == [10**9, 500_000_000]
    assert [stretch.share for stretch in stretches] == pytest.approx([0.4, 0.6])
    assert stretches[0].end_ps == stretches[1].begin_ps


def busy(us: int, read_bytes: int = 0) -> tuple[Synthetic, ...]:
    return (Synthetic("a", Distribution("constant", us * US), read_bytes),)


def govern(soc: Soc, governor: str | None, **stream: Any) -> RunResult:
    stream = {"program": busy(40), "arrival": Periodic(Fraction(10_000)), "count": 100, **stream}
    return simulate(Scenario("s", (Stream("s", **stream),)), soc, RunOptions(governor=governor))


def clock_of(result: RunResult) -> list[tuple[int, float]]:
    (counter,) = [series for series in result.series if series.name == "a clock"]
    return list(zip(counter.time_ps, counter.value, strict=True))


def test_performance_is_the_plain_run() -> None:
    soc = powered_soc()
    plain, governed = govern(soc, None), govern(soc, "performance")
    assert governed.spans.rows == plain.spans.rows
    assert plain.energy is not None
    assert governed.energy is not None
    assert governed.energy.totals.total_j == pytest.approx(plain.energy.totals.total_j, rel=1e-9)
    assert clock_of(governed) == [(0, 1e9)]


def test_powersave_takes_four_times_the_time_and_a_quarter_of_the_voltage() -> None:
    soc = powered_soc()
    slow = govern(soc, "powersave", count=1)
    assert slow.summary["latency_s"] == pytest.approx(160e-6)
    assert slow.energy is not None
    # 2 W x (1/4)^2 x 1/4 for 160 us
    assert slow.energy.totals.units["a"].active_j == pytest.approx(2 / 64 * 160e-6)


def test_ondemand_settles_at_the_point_above_what_is_needed() -> None:
    # 40 % load: 1.25 x 0.4 GHz = 0.5 GHz. 45 %: 0.5625, so the next point, 1 GHz.
    soc = powered_soc(power={"interval": "200 us"})
    assert clock_of(govern(soc, "ondemand"))[-1][1] == 5e8
    assert clock_of(govern(soc, "ondemand", program=busy(45)))[-1][1] == 1e9


def test_a_switch_takes_its_latency() -> None:
    soc = powered_soc(unit={"switch_latency": "7 us"})
    times = [time for time, _ in clock_of(govern(soc, "race", count=1))]
    # asked for at the arrival; the work ends 45.25 us after it, and the way down is asked for then
    assert times == [0, 7 * US, 52 * US + US // 4]


def test_pace_meets_deadlines_at_the_least_clock_and_costs_less_than_a_race() -> None:
    soc = powered_soc()
    deadline = {"deadline_ps": 90 * US}
    pace, race = govern(soc, "pace", **deadline), govern(soc, "race", **deadline)
    for result in (pace, race):
        assert result.summary["streams"]["s"]["deadline_misses"] == 0
    # 40 us of work in 90 us with headroom: 0.56 GHz asked, so 1 GHz ... with 200 us, 0.25 GHz.
    relaxed = govern(soc, "pace", deadline_ps=240 * US, arrival=Closed(), count=5)
    assert {clock for _, clock in clock_of(relaxed)} == {2.5e8}
    assert relaxed.summary["streams"]["s"]["deadline_misses"] == 0
    hurried = govern(soc, "race", deadline_ps=240 * US, arrival=Closed(), count=5)
    assert relaxed.energy is not None
    assert hurried.energy is not None
    assert relaxed.energy.totals.units["a"].active_j < hurried.energy.totals.units["a"].active_j / 10


def test_pace_leaves_time_for_the_steps_that_come_after() -> None:
    # 40 us on unit a, then 100 us on unit b, in 240 us: at 0.25 GHz the first step alone would take 160.
    program = (*busy(40), Synthetic("b", Distribution("constant", 100 * US)))
    for governor, misses in (("pace", 0), ("powersave", 3)):
        result = govern(powered_soc(), governor, deadline_ps=240 * US, arrival=Closed(), count=3, program=program)
        assert result.summary["streams"]["s"]["deadline_misses"] == misses


def test_a_power_cap_holds_once_it_is_known_what_a_unit_draws() -> None:
    # At 1 GHz the unit draws 2.25 W, at 0.5 GHz 2/8 + 0.125 = 0.375 W.
    soc = powered_soc(power={"caps": [{"name": "all", "units": ["a", "b"], "power": "1 W"}]})
    result = govern(soc, "performance", arrival=Closed(), count=20)
    clocks = clock_of(result)
    assert clocks[-1][1] == 5e8
    assert len(clocks) <= 3
    assert result.energy is not None
    (power,) = [counter for counter in result.energy.counters if counter.name == "a power"]
    late = [watts for time, watts in zip(power.time_ps, power.value, strict=True) if time > 50 * US]
    assert max(late) <= 1.0


def test_heat_throttles_a_unit_and_lets_it_recover() -> None:
    # 5 K/W: at 1 GHz it would settle 11 K above the air, at 0.5 GHz 1.9 K. It must swing between 305 and 304 K.
    thermal = {
        **ONE_NODE, "nodes": [{"name": "die", "capacity": "0.0001 J/K"}],
        "throttles": [{"name": "hot", "node": "die", "units": ["a"], "above": "305 K", "below": "304 K"}],
    }  # fmt: skip
    soc = powered_soc(unit={"node": "die"}, thermal=thermal)
    result = govern(soc, "performance", arrival=Closed(), count=100)
    (kelvin,) = [s for s in result.series if s.name == "die temperature"]
    late = np.array(kelvin.value)[len(kelvin.value) // 2 :] + 273.15
    one_interval = 10e-6 / (5 * 0.0001) * 12
    assert late.max() <= 305 + one_interval
    assert late.min() >= 304 - one_interval
    assert len({clock for _, clock in clock_of(result)}) > 1


@pytest.mark.parametrize("governor", ["performance", "powersave", "ondemand", "race", "pace"])
def test_the_ledger_equals_the_counters_whatever_the_clocks_do(governor: str) -> None:
    thermal = {**ONE_NODE, "nodes": [{"name": "die", "capacity": "0.0001 J/K"}]}
    unit = {"gate_after": "15 us", "retention": 0.1, "node": "die", "leakage_doubling": 5.0, "switch_latency": "3 us"}
    soc = powered_soc(unit=unit, thermal=thermal)
    result = govern(soc, governor, program=busy(30, 40_000), deadline_ps=95 * US)
    ledger = result.energy
    assert ledger is not None
    end = max(instance.done_ps for instance in result.instances)
    integrals = {counter.name: counter.integral(end) for counter in ledger.counters}
    assert integrals["power"] == pytest.approx(ledger.totals.total_j, rel=1e-9)
    assert integrals["a power"] == pytest.approx(ledger.totals.units["a"].total_j, rel=1e-9)
