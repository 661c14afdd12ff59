"""Does heat follow its closed form, and how does a phone slow down in ten minutes of full load?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from socsim.cost import unit_models
from socsim.engine.power import ThermalNetwork
from socsim.hardware import load_soc
from socsim.hardware.power import Thermal
from socsim.quantity import PS_PER_S
from socsim.result import RunResult
from socsim.simulation import RunOptions, load_components, simulate
from socsim.workload.scenario import Closed, Distribution, Scenario, Stream, Synthetic

HARDWARE, UNIT = "apple/a17_pro", "gpu"
LOAD_PS = 600 * PS_PER_S
BUSY_PS = PS_PER_S // 20
LOAD_FLOP_PER_S = 10**12
"""A game's: about half of what the unit can do."""
TOLERANCE_K = 1e-9


@dataclass(frozen=True, slots=True)
class HeatCheck:
    """The largest difference to a closed form over a step of power, in kelvin."""

    network: str
    formula: str
    difference_k: float

    @property
    def ok(self) -> bool:
        return self.difference_k < TOLERANCE_K


@dataclass(frozen=True, slots=True, eq=False)
class Throttling:
    """Ten minutes of load: seconds, temperatures of nodes (degC), clock (Hz), and where the clock began and ended."""

    seconds: list[float]
    celsius: dict[str, list[float]]
    clock_seconds: list[float]
    clock_hz: list[float]

    @property
    def first_drop_s(self) -> float | None:
        """When the clock first fell."""
        return next((t for t, hz in zip(self.clock_seconds, self.clock_hz, strict=True) if hz < self.clock_hz[0]), None)

    @property
    def last_mean_hz(self) -> float:
        """The mean clock of the last tenth of the time."""
        end = self.seconds[-1]
        edges = np.append(self.clock_seconds, end)
        begin = np.maximum(edges[:-1], 0.9 * end)
        held = np.maximum(edges[1:] - begin, 0.0)
        return float(np.dot(held, self.clock_hz) / held.sum())


def validate_heat() -> list[HeatCheck]:
    """Step responses of one node and of two in a row."""
    return [_one_node(), _two_nodes()]


def throttling(load_ps: int = LOAD_PS) -> Throttling:
    """The unit at full load under the performance governor, with the chip's own heat and throttles."""
    load_components()
    soc = load_soc(HARDWARE, ("power.interval=100 ms",), unit_models=unit_models)
    share = LOAD_FLOP_PER_S * BUSY_PS // PS_PER_S
    work = Synthetic(UNIT, Distribution("constant", BUSY_PS), flop=share, precision="fp32")
    stream = Stream("load", (work,), Closed(), duration_ps=load_ps)
    run = simulate(Scenario("ten minutes", (stream,)), soc, RunOptions(governor="performance"))
    series = {counter.name: counter for counter in run.series}
    clock = series[f"{UNIT} clock"]
    nodes = [name for name in (UNIT, "package", "skin") if f"{name} temperature" in series]
    return Throttling(
        seconds=_seconds(run, f"{nodes[0]} temperature"),
        celsius={name: list(series[f"{name} temperature"].value) for name in nodes},
        clock_seconds=_seconds(run, clock.name),
        clock_hz=list(clock.value),
    )


def thermal_data(checks: Sequence[HeatCheck], curve: Throttling) -> dict[str, Any]:
    """As JSON types; `ok` where the closed forms hold."""
    return {
        "checks": [{**asdict(check), "ok": check.ok} for check in checks],
        "throttling": {
            "hardware": HARDWARE,
            "unit": UNIT,
            "first_drop_s": curve.first_drop_s,
            "first_clock_hz": curve.clock_hz[0],
            "last_mean_clock_hz": curve.last_mean_hz,
            "highest_degc": {name: max(values) for name, values in curve.celsius.items()},
        },
        "ok": all(check.ok for check in checks),
    }


def thermal_lines(checks: Sequence[HeatCheck], curve: Throttling) -> list[str]:
    """As lines for people."""
    lines = []
    for check in checks:
        verdict = "ok" if check.ok else "FAILED"
        lines.append(f"{check.network}: {check.formula}: within {check.difference_k:.1e} K  {verdict}")
    drop = curve.first_drop_s
    hottest = ", ".join(f"{name} {max(values):.1f} degC" for name, values in curve.celsius.items())
    lines += [
        "",
        f"{curve.seconds[-1] / 60:.0f} minutes of full load on the {UNIT} of {HARDWARE}: clock "
        f"{curve.clock_hz[0] / 1e9:.3f} GHz, first lower after {'never' if drop is None else f'{drop:.0f} s'}, "
        f"at the end {curve.last_mean_hz / 1e9:.3f} GHz on average; hottest {hottest}",
    ]
    return lines


def _seconds(run: RunResult, name: str) -> list[float]:
    (counter,) = [item for item in run.series if item.name == name]
    return [time / PS_PER_S for time in counter.time_ps]


def _one_node() -> HeatCheck:
    power, resistance, capacity = 4.0, 5.0, 2.0
    network = _network({"die": capacity}, {("die", "ambient"): resistance})
    worst = 0.0
    for step in range(1, 501):
        kelvin = network.step(0.1, np.array([power]))[0]
        expected = 300 + power * resistance * (1 - math.exp(-0.1 * step / (resistance * capacity)))
        worst = max(worst, abs(kelvin - expected))
    return HeatCheck("one node", "T = T0 + P R (1 - exp(-t / R C))", worst)


def _two_nodes() -> HeatCheck:
    """Two nodes in a row: T1 and T2 are sums of two exponentials whose rates solve a quadratic."""
    power, (c1, c2), (r1, r2) = 3.0, (0.5, 8.0), (1.5, 4.0)
    network = _network({"die": c1, "case": c2}, {("die", "case"): r1, ("case", "ambient"): r2})
    # x1' = (P - (x1 - x2)/r1)/c1, x2' = ((x1 - x2)/r1 - x2/r2)/c2
    a, b, c, d = 1 / (r1 * c1), 1 / (r1 * c1), 1 / (r1 * c2), 1 / (r1 * c2) + 1 / (r2 * c2)
    root = math.sqrt((a - d) ** 2 + 4 * b * c)
    fast, slow = (a + d + root) / 2, (a + d - root) / 2
    final = power * (r1 + r2), power * r2
    # x1 = final + k1 e^-fast t + k2 e^-slow t with x1(0) = 0 and x1'(0) = P / c1
    k2 = (power / c1 - fast * final[0]) / (fast - slow)
    k1 = -final[0] - k2
    worst = 0.0
    for step in range(1, 501):
        time = 0.2 * step
        kelvin = network.step(0.2, np.array([power, 0.0]))
        first = final[0] + k1 * math.exp(-fast * time) + k2 * math.exp(-slow * time)
        slope = -fast * k1 * math.exp(-fast * time) - slow * k2 * math.exp(-slow * time)
        second = first - r1 * (power - c1 * slope)
        worst = max(worst, abs(kelvin[0] - 300 - first), abs(kelvin[1] - 300 - second))
    return HeatCheck("two nodes", "sum of two exponentials", worst)


def _network(capacities: dict[str, float], resistances: dict[tuple[str, str], float]) -> ThermalNetwork:
    """Nodes and paths in base units, in air of 300 K."""
    data = {
        "ambient": 300.0,
        "nodes": [{"name": name, "capacity": capacity} for name, capacity in capacities.items()],
        "paths": [
            {"name": f"{ends[0]}_{ends[1]}", "between": ends, "resistance": resistance}
            for ends, resistance in resistances.items()
        ],
    }
    return ThermalNetwork(Thermal.model_validate(data, context={"base_units": True}))
