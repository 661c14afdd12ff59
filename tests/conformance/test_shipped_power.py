"""Is the power of every shipped chip complete, sourced and physically sensible?"""

from __future__ import annotations

from itertools import pairwise

import pytest

from socsim.cost import unit_models
from socsim.hardware import Part, Soc, hardware_names, load_soc
from socsim.hardware.power import AMBIENT
from socsim.simulation import load_components

load_components()
APPLE = [name for name in hardware_names() if name.startswith("apple/")]


@pytest.fixture(scope="module")
def socs() -> dict[str, Soc]:
    return {name: load_soc(name, unit_models=unit_models) for name in APPLE}


def parts(soc: Soc) -> list[Part]:
    assert soc.power is not None
    assert soc.thermal is not None
    thermal = soc.thermal
    return [soc.power, *soc.power.units, *soc.power.caps, thermal, *thermal.nodes, *thermal.paths, *thermal.throttles]


@pytest.mark.parametrize("name", APPLE)
def test_every_unit_has_power_and_every_number_a_source(socs: dict[str, Soc], name: str) -> None:
    soc = socs[name]
    assert soc.power is not None
    assert {unit.name for unit in soc.power.units} == {unit.name for unit in soc.units}
    for part in parts(soc):
        keys = [*part.numbers(), *(["operating_points"] if "operating_points" in part.model_fields_set else [])]
        bare = [key for key in keys if not part.source_of(key)]
        assert bare == [], (part, bare)


@pytest.mark.parametrize("name", APPLE)
def test_slower_points_need_less_energy_per_operation(socs: dict[str, Soc], name: str) -> None:
    power = socs[name].power
    assert power is not None
    for unit in power.units:
        assert len(unit.operating_points) >= 3
        assert all(slow[1] <= fast[1] for slow, fast in pairwise(unit.operating_points))
        top = socs[name].unit(unit.name).clock
        assert unit.voltage_at(unit.operating_points[0][0]) < unit.voltage_at(top) < 1.5


@pytest.mark.parametrize("name", APPLE)
def test_all_heat_finds_its_way_to_the_air(socs: dict[str, Soc], name: str) -> None:
    thermal = socs[name].thermal
    assert thermal is not None
    reached = {AMBIENT}
    for _ in thermal.nodes:
        for path in thermal.paths:
            if reached & set(path.between):
                reached |= set(path.between)
    assert reached == {AMBIENT, *(node.name for node in thermal.nodes)}
