"""Do the shipped suites run, and does what they simulate stand for what was measured?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from socsim.validation.catalog import suite_names
from socsim.validation.evaluation import evaluate, leave_one_out, training_rows
from socsim.validation.predict import Predictor
from socsim.validation.suite import load_suite


def test_the_step_in_the_middle_stands_for_128_tokens_one_by_one() -> None:
    row = next(row for row in load_suite("llamacpp").rows if dict(row.options).get("tokens") == 2)
    whole = replace(row, options=tuple(sorted((dict(row.options) | {"prompt": 1, "tokens": 128}).items())))
    predict = Predictor()
    assert predict(row) == pytest.approx(predict(whole), rel=2e-3)


def test_a_suite_predicts_all_its_rows_and_tells_fitted_from_predicted() -> None:
    suite = load_suite("distilbert-a15")
    found = evaluate(suite)
    assert [item.row for item in found.rows] == list(suite.rows)
    assert all(item.fitted == item.row.fitted for item in found.rows)
    again = evaluate(suite)
    assert [item.predicted for item in again.rows] == [item.predicted for item in found.rows]


def test_what_is_left_out_takes_no_part_in_its_own_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    from socsim.validation import evaluation

    suite = load_suite("distilbert-a15")
    monkeypatch.setattr(
        evaluation, "training_rows", lambda suite: suite.rows
    )  # its own rows alone, so that it is quick
    small = replace(suite, parameters=tuple(p for p in suite.parameters if p.name in ("matrix efficiency", "softmax")))
    told: list[str] = []
    found = leave_one_out(small, "model", told.append)
    assert all(not item.fitted for item in found.rows)
    assert told[-1] == "without distilbert: nothing moves", "no row is left to fit to"


@pytest.mark.parametrize("name", suite_names())
def test_the_chips_that_share_a_calibrated_parameter_have_one_value_of_it_within_its_bounds(name: str) -> None:
    suite = load_suite(name)
    predict = Predictor()
    for parameter in suite.parameters:
        assert parameter.low <= predict.current(parameter, training_rows(suite)) <= parameter.high


def test_compression_helps_on_the_neural_engine_in_the_measured_order() -> None:
    found = {item.row.label: item.predicted for item in evaluate(load_suite("coreml")).rows}
    both, sparse, plain = (
        found[f"resnet-50 precision={text}"] for text in ("int8", "fp16 weights=fp16_sparse75", "fp16")
    )
    assert both < sparse < plain
