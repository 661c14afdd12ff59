"""Does the area and the price of a die follow its formulas, every knob, and the published dies?"""

from __future__ import annotations

import math

import pytest

import socsim
from socsim.cost.die import die_of, dies_per_wafer, memory_mm2, yield_fraction
from socsim.hardware.silicon import Silicon, UnitSilicon

PUBLISHED = ("apple/a14", "apple/m1", "apple/m1_pro", "apple/m1_max")


def silicon(**changes: float) -> Silicon:
    values = {
        "memory_cell": 0.021e-6, "memory_array_efficiency": 0.5, "wafer_diameter": 300.0, "wafer_price_usd": 10000.0,
        "defect_density": 0.001, "defect_clustering": 2.0, **changes,
    }  # fmt: skip
    return Silicon.model_construct(process="test", units=(UnitSilicon.model_construct(name="gpu"),), **values)


@pytest.mark.parametrize("name", PUBLISHED)
def test_do_published_dies_come_out(name: str) -> None:
    soc = socsim.load_soc(name)
    die = die_of(soc)
    assert die is not None
    assert soc.area is not None
    assert die.area_mm2 == pytest.approx(soc.area, rel=0.12)
    assert sum(die.parts.values()) == pytest.approx(die.area_mm2)


def test_is_a_memory_its_cells_over_the_array_efficiency() -> None:
    assert memory_mm2(2**20, silicon()) == pytest.approx(8 * 2**20 * 0.021e-6 / 0.5)


def test_are_dies_of_a_wafer_its_area_less_the_edge() -> None:
    assert dies_per_wafer(100.0, 300.0) == pytest.approx(math.pi * 150**2 / 100 - math.pi * 300 / math.sqrt(200))


def test_is_the_yield_that_of_clustered_defects() -> None:
    assert yield_fraction(200.0, silicon()) == pytest.approx((1 + 0.2 / 2) ** -2)
    many = silicon(defect_clustering=1e9)
    assert yield_fraction(200.0, many) == pytest.approx(math.exp(-0.2), rel=1e-6)  # without clustering: Poisson


@pytest.mark.parametrize(
    "change",
    ["units.gpu.cores=9", "units.cpu_p.cores=5", "units.npu.on_chip=6 MiB", "units.npu.flop_per_cycle.fp16=11000",
     "caches.slc.capacity=9 MiB", "dram.channels=9"],
)  # fmt: skip
def test_does_more_hardware_take_more_area_and_cost_more(change: str) -> None:
    base, more = die_of(socsim.load_soc("apple/m1")), die_of(socsim.load_soc("apple/m1", [change]))
    assert base is not None
    assert more is not None
    assert more.area_mm2 > base.area_mm2
    assert more.cost_usd > base.cost_usd
    assert more.yield_fraction < base.yield_fraction


def test_has_every_number_of_the_silicon_a_source() -> None:
    found = socsim.load_soc("apple/m1").silicon
    assert found is not None
    bare = [key for part in (found, *found.units) for key in part.numbers() if not part.source_of(key)]
    assert bare == []


def test_is_a_chip_without_silicon_no_die() -> None:
    assert die_of(socsim.load_soc("example")) is None
