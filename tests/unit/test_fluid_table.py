"""Does the table of the fluid DRAM model say between its points what it should, for every shipped part?"""

from __future__ import annotations

import pytest

from socsim.engine.memory.dram.part import part_names
from socsim.engine.memory.efficiency import FluidTable, fluid_table, table_capacity
from socsim.errors import ConfigError

READ = ("sequential", 1.0)


def table() -> FluidTable:
    cube = [[[0.8, 0.9], [0.7, 0.8]], [[0.6, 0.7], [0.5, 0.6]]]
    return FluidTable(
        {
            "idle_latency_ns": {"sequential": 30, "random": 50},
            "efficiency": {
                "streams": [1, 4], "random_fraction": [0.0, 1.0], "read_fraction": [0.5, 1.0],
                "peak_fraction": cube, "latency_ns": [[[300, 200], [320, 220]], [[340, 240], [360, 260]]],
            },
            "strides": {"stride_bytes": [128, 1024], "peak_fraction": [0.9, 0.45]},
            "latency": {
                "streams": [1, 4], "random_fraction": [0.0, 1.0], "read_fraction": [0.5, 1.0],
                "load_fraction": [0.1, 0.8], "closed_load_fraction": [0.1, 0.9],
                "paced_ns": [[[[60, 90], [50, 80]]] * 2] * 2, "poisson_ns": [[[[60, 120], [50, 100]]] * 2] * 2,
                "closed_ns": [[[[50, 70], [50, 60]]] * 2] * 2,
            },
            "pointer_chase": {
                "beside_streams": [1, 4], "random_fraction": [0.0, 1.0], "read_fraction": [0.5, 1.0],
                "load_fraction": [0.1, 1.0],
                "latency_ns": [[[[60, 500], [50, 200]]] * 2, [[[70, 700], [60, 300]]] * 2],
            },
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("streams", "fraction"),
    [
        ([READ], 0.9),
        ([READ] * 4, 0.7),
        ([READ] * 2, 0.9 - 0.2 / 3),
        ([READ] * 9, 0.7),
        ([("random", 1.0)], 0.8),
        ([READ, READ, ("random", 1.0), ("random", 1.0)], 0.65),
        ([("sequential", 0.75)], 0.85),
        ([("sequential", 0.0)], 0.8),
        ([("strided:1024", 1.0)], 0.45),
        ([("strided:2000", 1.0)], 0.45),
        ([("strided:128", 1.0)], 0.9),
        ([("strided:1024", 1.0), *[READ] * 3], 0.7 * 0.875),
    ],
)
def test_efficiency_is_linear_between_points_and_constant_outside(
    streams: list[tuple[str, float]], fraction: float
) -> None:
    assert table().fraction(streams) == pytest.approx(fraction)
    assert table_capacity(table(), 1e9)(tuple(streams)) == pytest.approx(fraction * 1e9)


def test_a_controller_that_turns_around_less_often_loses_that_share_less() -> None:
    measured = fluid_table("LPDDR5-6400")
    copy = (("sequential", 0.5),)
    full, none = (table_capacity(measured, 1.0, fraction)(copy) for fraction in (1.0, 0.0))
    assert full == measured.fraction(copy)
    apart = [measured.fraction([("sequential", reads)]) for reads in (1.0, 0.0)]
    assert none == pytest.approx(sum(apart) / 2)
    assert table_capacity(measured, 1.0, 0.25)(copy) == pytest.approx(none - 0.25 * (none - full))
    assert table_capacity(measured, 1.0, 0.0)((READ,)) == measured.fraction([READ])


def test_a_stream_that_asks_for_little_hardly_counts() -> None:
    assert table().fraction([READ, READ], [1.0, 0.001]) == pytest.approx(0.9, abs=0.001)
    assert table().fraction([READ, READ], [3.0, 3.0]) == table().fraction([READ, READ])


def test_latency_grows_from_the_least_load_to_full_queues() -> None:
    assert table().latency_ps([READ], 0.0) == 50_000
    assert table().latency_ps([READ], 0.45) == pytest.approx(65_000)
    assert table().latency_ps([READ], 0.45, "poisson") == pytest.approx(75_000)
    assert table().latency_ps([READ], 0.5, "closed") == pytest.approx(55_000)
    assert table().latency_ps([READ], 0.95, "closed") == pytest.approx(130_000)
    assert table().latency_ps([READ], 0.9) == pytest.approx(140_000)
    assert table().latency_ps([READ], 1.0) == pytest.approx(200_000)
    assert table().added_ps([READ], 1.0) == pytest.approx(150_000)


def test_a_request_that_waits_for_the_one_before_waits_longer_beside_others_with_longer_queues() -> None:
    assert table().chase_ps([READ], 1.0) == pytest.approx(200_000)
    assert table().chase_ps([READ] * 4, 0.1) == pytest.approx(60_000)
    assert table().chase_ps([READ, ("sequential", 0.5)], 1.0, [1.0, 0.0]) == pytest.approx(200_000)
    assert table().chase_ps([("sequential", 0.75)], 1.0) == pytest.approx(350_000)


def test_streams_count_by_how_often_requests_in_a_row_are_of_one() -> None:
    assert table().fraction([READ] * 3, [2.0, 1.0, 1.0]) == pytest.approx(0.9 - 0.2 / 3 * (16 / 6 - 1))


@pytest.mark.parametrize("name", part_names())
def test_every_shipped_part_has_a_table_that_makes_sense(name: str) -> None:
    found = fluid_table(name)
    one, many = found.fraction([READ]), found.fraction([READ] * 16)
    assert 0.7 < one < 1
    assert many < one
    assert found.fraction([("random", 1.0)]) < one
    assert found.fraction([("sequential", 0.5)]) < one
    for arrivals in ("paced", "poisson", "closed"):
        loads = [found.latency_ps([READ] * 4, load / 10, arrivals) for load in range(1, 11)]
        assert loads[-1] > loads[4] > 0.9 * loads[0]
    assert found.idle_ps("random") > found.idle_ps("sequential") > 0


def test_a_part_without_table_is_refused() -> None:
    with pytest.raises(ConfigError, match="no table of DRAM part 'LPDDR5-640': did you mean 'LPDDR5-6400'"):
        fluid_table("LPDDR5-640")
