"""Do the shipped parameters still say what was measured, beside Apple's devices and on its CPUs and GPUs alone?"""

from __future__ import annotations

import pytest

from socsim.validation.evaluation import evaluate
from socsim.validation.suite import load_suite


@pytest.mark.parametrize(
    ("name", "median", "worst"),
    [
        ("amx", 0.10, 0.15),
        ("gpu-gemm", 0.15, 0.25),
        ("copy", 0.20, 0.70),
        ("edgetpu", 0.05, 0.10),
        ("orin", 0.02, 0.02),
        ("snapdragon", 0.10, 0.50),
        ("snapdragon-int8", 0.15, 0.50),
    ],
)
def test_shipped_parameters_meet_the_rows(name: str, median: float, worst: float) -> None:
    found = evaluate(load_suite(name)).accuracy
    assert found.median <= median
    assert found.worst <= worst


def test_the_ratio_of_two_generations_needs_clock_and_memory_alone() -> None:
    rows = [row for name in ("snapdragon", "snapdragon-int8") for row in evaluate(load_suite(name)).rows]
    later = {item.row.label: item for item in rows if item.row.hardware == "qualcomm/snapdragon_8_gen_3"}
    errors = []
    for item in rows:
        if item.row.hardware == "qualcomm/qcs8550":
            other = later[item.row.label]
            errors.append(abs((item.predicted / other.predicted) / (item.row.measured / other.row.measured) - 1))
    assert sorted(errors)[len(errors) // 2] <= 0.06


def test_threads_of_a_cluster_share_its_way_and_those_of_two_clusters_do_not() -> None:
    found = {item.row.label: item for item in evaluate(load_suite("copy")).rows if item.row.hardware == "apple/m1_pro"}
    one, four, eight = (found[f"copy 1 GB threads={n}"] for n in (1, 4, 8))
    for times in ([item.row.measured for item in (one, four, eight)], [item.predicted for item in (one, four, eight)]):
        assert times[0] < 1.2 * times[1]
        assert times[1] > 1.15 * times[2]
