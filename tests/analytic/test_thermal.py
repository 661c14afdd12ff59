"""Does heat follow its closed form?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from socsim.engine.power import ThermalNetwork
from socsim.hardware.power import Thermal
from tests.powered import ONE_NODE

CHAIN = {
    "ambient": "300 K",
    "nodes": [{"name": n, "capacity": c} for n, c in (("die", "0.5 J/K"), ("package", "10 J/K"), ("skin", "80 J/K"))],
    "paths": [
        {"name": "a", "between": ["die", "package"], "resistance": "1 K/W"},
        {"name": "b", "between": ["package", "skin"], "resistance": "3 K/W"},
        {"name": "c", "between": ["skin", "ambient"], "resistance": "5 K/W"},
    ],
}


def network(data: object) -> ThermalNetwork:
    return ThermalNetwork(Thermal.model_validate(data))


def test_a_step_of_power_warms_one_node_exponentially() -> None:
    heat = network(ONE_NODE)
    for step in range(1, 101):
        kelvin = heat.step(0.37, np.array([4.0]))[0]
        assert kelvin == pytest.approx(300 + 20 * (1 - math.exp(-0.37 * step / 10)), rel=1e-12)


def test_after_a_long_time_each_node_stands_above_the_air_by_power_times_resistance() -> None:
    heat = network(CHAIN)
    assert heat.settled(np.array([2.0, 0, 0])) == pytest.approx([318, 316, 310])
    assert heat.step(1e6, np.array([2.0, 0, 0])) == pytest.approx([318, 316, 310])


def test_the_length_of_steps_does_not_matter() -> None:
    coarse, fine = network(CHAIN), network(CHAIN)
    power = np.array([3.0, 0.5, 0])
    for _ in range(1000):
        fine.step(0.01, power)
    assert fine.kelvin == pytest.approx(coarse.step(10.0, power), rel=1e-12)


def test_heat_that_flowed_in_is_stored_or_went_to_the_air() -> None:
    heat = network(CHAIN)
    capacities = np.array([0.5, 10, 80])
    lost = 0.0
    for _ in range(20_000):
        before = heat.kelvin[2] - 300
        heat.step(0.01, np.array([3.0, 0, 0]))
        lost += (before + heat.kelvin[2] - 300) / 2 / 5 * 0.01
    stored = float(((heat.kelvin - 300) * capacities).sum())
    assert stored + lost == pytest.approx(3.0 * 200, rel=1e-6)


def test_a_node_without_a_way_to_the_air_is_refused() -> None:
    data = {**CHAIN, "paths": CHAIN["paths"][:2]}  # type: ignore[index]
    with pytest.raises(ValueError, match="no way for heat from 'die' to 'ambient'"):
        Thermal.model_validate(data)
