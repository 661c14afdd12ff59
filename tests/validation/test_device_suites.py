"""Do the shipped parameters of devices beside Apple's still say what was measured on them?"""

from __future__ import annotations

import pytest

from socsim.validation.evaluation import evaluate
from socsim.validation.suite import load_suite


@pytest.mark.parametrize(
    ("name", "median", "worst"),
    [("edgetpu", 0.05, 0.10), ("orin", 0.02, 0.02), ("snapdragon", 0.10, 0.50), ("snapdragon-int8", 0.15, 0.50)],
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
