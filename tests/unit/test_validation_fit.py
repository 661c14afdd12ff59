"""Does the fit find what made the data, and does it say what the data cannot tell?"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from socsim.validation.fit import fit, jacobian, refit
from socsim.validation.measurement import Measurement
from socsim.validation.parameter import Parameter

RATE = Parameter("rate", "rate", low=0.1, high=100)
LAUNCH = Parameter("launch", "launch", low=0.01, high=10)
OTHER = Parameter("other", "other", low=0.01, high=10)
TRUE = {RATE: 4.0, LAUNCH: 0.5}


def row(work: float, kernels: float, measured: float = 1.0) -> Measurement:
    return Measurement("chip", f"{work} {kernels}", "latency_s", measured)


def time_of(item: Measurement, values: Mapping[Parameter, float]) -> float:
    """work / rate + kernels * launch"""
    work, kernels = (float(text) for text in item.workload.split())
    return work / values[RATE] + kernels * values[LAUNCH]


def measured(*pairs: tuple[float, float]) -> list[Measurement]:
    return [row(work, kernels, time_of(row(work, kernels), TRUE)) for work, kernels in pairs]


def test_exact_data_give_the_parameters_that_made_them() -> None:
    found = fit(measured((10, 1), (1, 10), (5, 5), (100, 1)), {RATE: 1.0, LAUNCH: 3.0}, time_of)
    assert found.values[RATE] == pytest.approx(4.0, rel=1e-2)
    assert found.values[LAUNCH] == pytest.approx(0.5, rel=1e-2)
    assert found.error_after < 1e-2 < found.error_before
    assert found.correlated == ()
    assert found.unseen == ()


def test_slopes_are_the_share_of_time_that_a_parameter_makes() -> None:
    rows = measured((10, 1))
    share = 0.5 / (10 / 4 + 0.5)
    assert jacobian(rows, TRUE, time_of)[0] == pytest.approx([-(1 - share), share], rel=1e-2)


def test_rows_of_one_kind_cannot_tell_two_parameters_apart() -> None:
    found = fit(measured((10, 5), (20, 10), (40, 20)), {RATE: 3.0, LAUNCH: 0.6}, time_of)
    assert [(a.name, b.name) for a, b, _ in found.correlated] == [("rate", "launch")]
    assert found.condition > 1e3


def test_a_parameter_that_no_row_reacts_to_is_named_and_stays() -> None:
    found = fit(measured((10, 1), (1, 10)), {RATE: 3.0, LAUNCH: 0.6, OTHER: 2.0}, time_of)
    assert found.unseen == (OTHER,)
    assert found.values[OTHER] == 2.0
    assert found.uncertainty[OTHER] is None


def test_bounds_hold_and_are_reported() -> None:
    tight = Parameter("rate", "rate", low=0.1, high=2.0)

    def predict(item: Measurement, values: Mapping[Parameter, float]) -> float:
        return time_of(item, {RATE: values[tight], LAUNCH: values[LAUNCH]})

    found = fit(measured((10, 1), (1, 10)), {tight: 1.0, LAUNCH: 0.6}, predict)
    assert found.values[tight] == 2.0
    assert found.at_bound == (tight,)


def test_a_prior_holds_what_the_data_leave_free() -> None:
    held = Parameter("launch", "launch", low=0.01, high=10, prior=(0.7, 1.1))

    def predict(item: Measurement, values: Mapping[Parameter, float]) -> float:
        return time_of(item, {RATE: values[RATE], LAUNCH: values[held]})

    found = fit(measured((10, 0), (20, 0)), {RATE: 3.0, held: 0.3}, predict)
    assert found.values[held] == pytest.approx(0.7, rel=1e-2)


def test_one_wild_row_does_not_drag_the_fit_along() -> None:
    rows = [*measured((10, 1), (1, 10), (5, 5), (100, 1), (1, 1), (30, 2)), row(10, 2, 300.0)]
    found = fit(rows, {RATE: 3.0, LAUNCH: 0.6}, time_of)
    assert found.values[RATE] == pytest.approx(4.0, rel=0.1)


def test_a_refit_by_slopes_is_the_fit_where_times_are_linear() -> None:
    rows = measured((10, 1), (1, 10), (5, 5), (100, 1))
    near = {RATE: 4.04, LAUNCH: 0.505}
    slope = jacobian(rows, near, time_of)
    import numpy as np

    residuals = np.array([np.log(time_of(item, near) / item.measured) for item in rows])
    found = refit(slope, residuals, near, [0, 1, 2])
    assert found[RATE] == pytest.approx(4.0, rel=1e-3)
    assert found[LAUNCH] == pytest.approx(0.5, rel=1e-3)
