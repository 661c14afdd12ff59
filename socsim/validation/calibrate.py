"""Parameters of one chip fitted to a user's own measurements, and what these say and do not say about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from socsim.api import load_soc
from socsim.errors import ConfigError
from socsim.hardware import Soc
from socsim.validation.evaluation import Evaluation, Predicted
from socsim.validation.fit import Fit, fit
from socsim.validation.measurement import averaged
from socsim.validation.parameter import Parameter, current, limits, read_value
from socsim.validation.predict import Predictor
from socsim.validation.rows import read_rows
from socsim.validation.suite import Suite

_REACH = 10.0
"""A parameter without bounds of its own may move by this factor, as far as its field allows."""
_NOISE_FRACTION = 0.05


@dataclass(frozen=True)
class Calibration:
    """The fit, and every row predicted before and after it."""

    hardware: str
    soc: Soc
    found: Fit
    before: Evaluation
    after: Evaluation


def calibrate(
    hardware: str,
    file: Path,
    keys: Sequence[str],
    bounds: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Calibration:
    """Fit the parameters under `keys` (paths as `--set` takes them) to the rows of a CSV file.

    Rows need no `hardware`; one that names another chip is an error. Rows whose `use` is `predicted` are not fitted.
    Raises `ConfigError` for what is wrong in the file, the keys or the bounds.
    """
    soc = load_soc(hardware)
    rows = averaged(read_rows(file, {"hardware": hardware, "use": "fitted"}))
    for row in rows:
        if row.hardware != hardware:
            raise ConfigError(row.where, f"is a row of {row.hardware}; {hardware} is to be calibrated")
    given = {item.partition("=")[0].strip(): item for item in bounds}
    for key, item in given.items():
        if key not in keys:
            raise ConfigError(f"--bounds {item}", f"'{key}' is not free; add --free {key}")
    parameters = [_parameter(key, given.get(key), soc) for key in dict.fromkeys(keys)]
    training = [row for row in rows if row.fitted]
    if not training:
        raise ConfigError(str(file), "has no row to fit to: 'use' is predicted in all of them")
    predict = Predictor()
    suite = Suite(file.stem, f"{file.name} on {hardware}", rows, _NOISE_FRACTION, tuple(parameters))
    start = {p: current(p, soc) for p in parameters}
    before = _evaluation(suite, "before", predict, {})
    found = fit(training, start, predict, say)
    return Calibration(hardware, soc, found, before, _evaluation(suite, "calibrated", predict, found.values))


def _evaluation(suite: Suite, manner: str, predict: Predictor, values: Mapping[Parameter, float]) -> Evaluation:
    return Evaluation(suite, manner, tuple(Predicted(row, predict(row, values), row.fitted) for row in suite.rows))


def _parameter(key: str, bounds: str | None, soc: Soc) -> Parameter:
    free = Parameter(key, key)
    value = current(free, soc)
    least, most = limits(free, soc)
    if bounds is None:
        if value == 0:
            raise ConfigError(f"--free {key}", f"is 0 on {soc.name}: give --bounds {key}=LOW..HIGH above zero")
        return replace(free, low=max(value / _REACH, least), high=min(value * _REACH, most))
    low, high = _bounds(bounds)
    if not least <= low < high <= most:
        raise ConfigError(f"--bounds {bounds}", f"low must be below high, and both within {least:g} to {most:g}")
    return replace(free, low=low, high=high)


def _bounds(text: str) -> tuple[float, float]:
    _, equals, span = text.partition("=")
    low, dots, high = span.partition("..")
    where = f"--bounds {text}"
    if not equals or not dots:
        raise ConfigError(where, 'expected KEY=LOW..HIGH, e.g. units.gpu.launch="1 us..50 us"')
    try:
        return _number(low), _number(high)
    except ConfigError as error:
        raise ConfigError(where, error.what) from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return read_value(text.strip())
