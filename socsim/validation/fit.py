"""Least squares on logarithms: parameters within bounds so that predictions come near measurements.

Minimizes sum of w_i ((ln predicted_i - ln measured_i) / noise)^2 + sum of ((ln x_j - ln prior_j) / ln sigma_j)^2 over
ln x by Gauss-Newton with step halving. Weights are Huber's (1964): a row further off than `_OUTLIER` pulls with
constant force, so that one bad measurement does not decide. Times of a simulated run are nearly linear in its
parameters, so few steps are needed; derivatives are one-sided differences of a per cent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socsim.validation.measurement import Measurement
from socsim.validation.parameter import Parameter

Array = npt.NDArray[np.float64]
Predict = Callable[[Measurement, Mapping[Parameter, float]], float]
"""(row, values) -> prediction."""

_STEP = 0.01
_NOISE = 0.05
"""Standard deviation that a good measurement has, against which priors are weighed."""
_OUTLIER = 0.1
_MOST_ITERATIONS = 8
_CONVERGED = 2e-3
_FAR = 0.1
"""How far (in ln x) parameters go before slopes are taken anew."""
_INSENSITIVE = 1e-4
"""A parameter that moves no row by more than this fraction of its own move is not seen by the data."""
_INSEPARABLE = 0.95
_LOOSE = 0.4
"""A direction (in ln x) is loose where noise alone moves the fit along it by more than this, a factor of 1.5."""
_PART = 0.2
"""Parameters with a smaller part in a loose direction are not named."""


@dataclass(frozen=True, slots=True)
class Loose:
    """A unit vector in ln x, the parameters with the largest part in it first, and how far noise moves the fit along
    it: one standard deviation in ln x."""

    parts: tuple[tuple[Parameter, float], ...]
    spread: float


@dataclass(frozen=True, slots=True)
class Fit:
    """Fitted `values` in base units; `uncertainty` is one standard deviation as a fraction (None: the data do not say);
    `correlated` are pairs of parameters that the data cannot tell apart, with their correlation; `unseen` those that no
    row reacts to; `loose` are directions in ln x that the data hardly determine; `condition` is that of the scaled
    Jacobian. All of this is what the rows say, whatever priors add."""

    values: dict[Parameter, float]
    start: dict[Parameter, float]
    uncertainty: dict[Parameter, float | None]
    correlated: tuple[tuple[Parameter, Parameter, float], ...]
    unseen: tuple[Parameter, ...]
    loose: tuple[Loose, ...]
    at_bound: tuple[Parameter, ...]
    condition: float
    error_before: float
    error_after: float


def jacobian(rows: Sequence[Measurement], values: Mapping[Parameter, float], predict: Predict) -> Array:
    """d ln predicted / d ln parameter, rows x parameters. A parameter at zero has no logarithm: its column is zero."""
    result = np.zeros((len(rows), len(values)))
    for i, row in enumerate(rows):
        base: float | None = None
        for j, (parameter, value) in enumerate(values.items()):
            if value > 0 and parameter.applies(row.hardware):
                base = predict(row, values) if base is None else base
                step = -_STEP if value * (1 + _STEP) > parameter.high else _STEP
                moved = predict(row, {**values, parameter: value * (1 + step)})
                result[i, j] = math.log(moved / base) / math.log(1 + step)
    return result


def fit(
    rows: Sequence[Measurement],
    start: Mapping[Parameter, float],
    predict: Predict,
    say: Callable[[str], None] = lambda _: None,
) -> Fit:
    """Move parameters from `start` (which fixes their order) so that the rows are met. At least one row."""
    parameters = list(start)
    values = {p: min(max(v, p.low), p.high) for p, v in start.items()}
    residuals = _residuals(rows, values, predict)
    before = float(np.median(np.abs(np.expm1(residuals))))
    slope, moved = jacobian(rows, values, predict), 0.0
    for iteration in range(_MOST_ITERATIONS):
        if moved > _FAR:
            slope, moved = jacobian(rows, values, predict), 0.0
        step = _step(slope, residuals, parameters, values)
        loss = _loss(residuals, parameters, values)
        scale = 1.0
        while True:
            trial = _moved(values, step * scale)
            trial_residuals = _residuals(rows, trial, predict)
            if _loss(trial_residuals, parameters, trial) <= loss or scale < 0.1:
                break
            scale /= 2
        if _loss(trial_residuals, parameters, trial) > loss:
            break
        change = max((abs(math.log(trial[p] / values[p])) for p in parameters if values[p] > 0), default=0.0)
        values, residuals, moved = trial, trial_residuals, moved + change
        say(f"step {iteration + 1}: median error {np.median(np.abs(np.expm1(residuals))):.2%}")
        if change < _CONVERGED:
            break
    return _report(rows, dict(start), values, slope, residuals, before)


def refit(
    slope: Array, residuals: Array, values: Mapping[Parameter, float], kept: Sequence[int]
) -> dict[Parameter, float]:
    """Where the fit would go from `values` with only the rows `kept`, by the slope at `values` (linear)."""
    parameters = list(values)
    index = np.asarray(kept, dtype=int)
    current = dict(values)
    moved = np.zeros(len(parameters))
    for _ in range(_MOST_ITERATIONS):
        at = residuals[index] + slope[index] @ moved
        step = _step(slope[index], at, parameters, current)
        current = _moved(current, step)
        moved = np.array([math.log(current[p] / values[p]) if values[p] > 0 else 0.0 for p in parameters])
    return current


def _residuals(rows: Sequence[Measurement], values: Mapping[Parameter, float], predict: Predict) -> Array:
    return np.array([math.log(predict(row, values) / row.measured) for row in rows])


def _step(slope: Array, residuals: Array, parameters: Sequence[Parameter], values: Mapping[Parameter, float]) -> Array:
    """The Gauss-Newton step in ln x; directions that nothing determines stay where they are."""
    weights = np.minimum(1.0, _OUTLIER / np.maximum(np.abs(residuals), 1e-12)) ** 0.5 / _NOISE
    lines, targets = [slope * weights[:, None]], [-residuals * weights]
    for j, parameter in enumerate(parameters):
        if parameter.prior is not None and values[parameter] > 0:
            prior, sigma = parameter.prior
            line = np.zeros((1, len(parameters)))
            line[0, j] = 1 / math.log(sigma)
            lines.append(line)
            targets.append(np.array([math.log(prior / values[parameter]) / math.log(sigma)]))
    step, *_ = np.linalg.lstsq(np.vstack(lines), np.concatenate(targets), rcond=1e-6)
    return np.clip(step, -1.0, 1.0)


def _moved(values: Mapping[Parameter, float], step: Array) -> dict[Parameter, float]:
    return {p: min(max(v * math.exp(float(s)), p.low), p.high) for (p, v), s in zip(values.items(), step, strict=True)}


def _loss(residuals: Array, parameters: Sequence[Parameter], values: Mapping[Parameter, float]) -> float:
    size = np.abs(residuals)
    huber = np.where(size <= _OUTLIER, size**2, 2 * _OUTLIER * size - _OUTLIER**2)
    pull = sum(
        (math.log(values[p] / p.prior[0]) / math.log(p.prior[1])) ** 2
        for p in parameters
        if p.prior is not None and values[p] > 0
    )
    return float(huber.sum()) / _NOISE**2 + pull


def _report(
    rows: Sequence[Measurement],
    start: dict[Parameter, float],
    values: dict[Parameter, float],
    slope: Array,
    residuals: Array,
    before: float,
) -> Fit:
    parameters = list(values)
    norms = np.linalg.norm(slope, axis=0)
    seen = [j for j in range(len(parameters)) if norms[j] > _INSENSITIVE]
    uncertainty: dict[Parameter, float | None] = dict.fromkeys(parameters)
    correlated: list[tuple[Parameter, Parameter, float]] = []
    loose: list[Loose] = []
    condition = 1.0
    if seen:
        singular = np.linalg.svd(slope[:, seen] / norms[seen], compute_uv=False)
        condition = float(singular[0] / singular[-1]) if singular[-1] > 0 else math.inf
        covariance = np.linalg.pinv(slope[:, seen].T @ slope[:, seen], rcond=1e-12)
        variance = float(residuals @ residuals) / max(1, len(rows) - len(seen))
        loose = _loose(slope[:, seen], [parameters[j] for j in seen], max(_NOISE, math.sqrt(variance)))
        spread = np.sqrt(np.maximum(np.diag(covariance), 0))
        for a, j in enumerate(seen):
            uncertainty[parameters[j]] = float(spread[a] * math.sqrt(variance))
            for b in range(a):
                r = covariance[a, b] / (spread[a] * spread[b]) if spread[a] * spread[b] else 0.0
                if abs(r) > _INSEPARABLE:
                    correlated.append((parameters[seen[b]], parameters[j], float(r)))
    return Fit(
        values=values,
        start=start,
        uncertainty=uncertainty,
        correlated=tuple(correlated),
        loose=tuple(loose),
        unseen=tuple(p for j, p in enumerate(parameters) if j not in seen),
        at_bound=tuple(p for p, v in values.items() if v in (p.low, p.high)),
        condition=condition,
        error_before=before,
        error_after=float(np.median(np.abs(np.expm1(residuals)))),
    )


def _loose(slope: Array, parameters: Sequence[Parameter], noise: float) -> list[Loose]:
    """Directions along which noise of the rows moves the fit far, the loosest first: right singular vectors of the
    slopes whose singular value is small against the noise. A single parameter may be one."""
    _, singular, directions = np.linalg.svd(slope, full_matrices=True)
    found = []
    for i in range(len(parameters) - 1, -1, -1):
        held = float(singular[i]) if i < len(singular) else 0.0
        spread = noise / held if held > 0 else math.inf
        if spread > _LOOSE:
            vector = directions[i] * np.sign(directions[i][np.argmax(np.abs(directions[i]))])
            order = np.argsort(-np.abs(vector), kind="stable")
            parts = tuple((parameters[j], float(vector[j])) for j in order if abs(vector[j]) >= _PART)
            found.append(Loose(parts, spread))
    return found
