"""A suite against the simulator: as it ships, with terms taken away, and refitted without each chip or model."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from socsim.validation.catalog import suite_names
from socsim.validation.fit import fit, jacobian, refit
from socsim.validation.measurement import Measurement
from socsim.validation.parameter import Parameter
from socsim.validation.predict import Predictor
from socsim.validation.statistics import Accuracy, accuracy
from socsim.validation.suite import Suite, load_suite
from socsim.validation.terms import Term

By = Literal["chip", "model"]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Predicted:
    """A row and what was said of it. `fitted`: this very row took part in choosing the parameters used for it."""

    row: Measurement
    predicted: float
    fitted: bool

    @property
    def error(self) -> float:
        return self.predicted / self.row.measured - 1


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All rows of a suite under one way of predicting."""

    suite: Suite
    manner: str
    rows: tuple[Predicted, ...]

    @property
    def accuracy(self) -> Accuracy:
        return accuracy([item.predicted for item in self.rows], [item.row.measured for item in self.rows])

    def accuracy_of(self, fitted: bool) -> Accuracy | None:
        """Of the rows that were fitted, or of those that were not; None where there are none."""
        chosen = [item for item in self.rows if item.fitted == fitted]
        if not chosen:
            return None
        return accuracy([item.predicted for item in chosen], [item.row.measured for item in chosen])


def evaluate(
    suite: Suite, without: Sequence[Term] = (), refitted: bool = False, say: Say = lambda _: None
) -> Evaluation:
    """The shipped parameters on every row. `without` takes terms away; `refitted` then lets the others make up."""
    predict = Predictor(without)
    manner = " ".join(["shipped", *(f"without {one.name}" for one in without)])
    values: dict[Parameter, float] = {}
    if refitted:
        rows = training_rows(suite)
        start = {p: predict.current(p, rows) for p in suite.parameters}
        values = fit(rows, start, predict, say).values
        manner += ", refitted"
    return Evaluation(suite, manner, tuple(Predicted(row, predict(row, values), row.fitted) for row in suite.rows))


def leave_one_out(suite: Suite, by: By, say: Say = lambda _: None, predict: Predictor | None = None) -> Evaluation:
    """Each chip (or model) predicted with parameters fitted to the rows of the others. A predictor given for several
    suites of a group simulates what they share once.

    The refits go from the shipped values along the slopes there (times are nearly linear in the parameters); the rows
    left out are then simulated at the values found.
    """
    predict = predict or Predictor()
    rows = training_rows(suite)
    values = {p: predict.current(p, rows) for p in suite.parameters}
    say(f"slopes of {len(rows)} rows by {len(values)} parameters")
    slope = jacobian(rows, values, predict)
    residuals = np.array([math.log(predict(row, values) / row.measured) for row in rows])
    found: dict[Measurement, float] = {}
    for left_out in dict.fromkeys(_group(row, by) for row in suite.rows):
        kept = [i for i, row in enumerate(rows) if _group(row, by) != left_out]
        moved = refit(slope, residuals, values, kept) if kept else values
        say(f"without {left_out}: {_changes(values, moved)}")
        for row in suite.rows:
            if _group(row, by) == left_out:
                found[row] = predict(row, moved)
    return Evaluation(
        suite, f"leave one {by} out", tuple(Predicted(row, found[row], fitted=False) for row in suite.rows)
    )


def training_rows(suite: Suite) -> tuple[Measurement, ...]:
    """The rows that parameters of the suite are fitted to, its own and those of suites that share them."""
    others = [load_suite(name) for name in suite_names() if name != suite.name]
    suites = [suite, *(one for one in others if suite.group and one.group == suite.group)]
    return tuple(row for one in suites for row in one.rows if row.fitted)


def _group(row: Measurement, by: By) -> str:
    return row.hardware if by == "chip" else row.workload


def _changes(before: dict[Parameter, float], after: dict[Parameter, float]) -> str:
    moved = [f"{p.name} {after[p] / v - 1:+.1%}" for p, v in before.items() if v and abs(after[p] / v - 1) >= 5e-4]
    return ", ".join(moved) or "nothing moves"
