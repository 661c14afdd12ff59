"""Methods of sensitivity analysis: where to look, and what the answers say about each knob.

A design is an array of fractions, one column per axis: 0 is an axis's first value, 1 its last. NaN leaves the axis as
`base` and the hardware file have it.

**Source:** Morris, "Factorial sampling plans for preliminary computational experiments", Technometrics 33 (1991), with
mu* of Campolongo et al. (2007); Saltelli et al., "Variance based sensitivity analysis of model output", Computer
Physics Communications 181 (2010); both as SALib implements them.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socsim.errors import ConfigError, InputError

Floats = NDArray[np.float64]

DEFAULT_SAMPLES = {"oat": 2, "morris": 10, "sobol": 64}
"""Values of each axis; trajectories; base samples (a power of two)."""

_MORRIS_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Effect:
    """What one axis does to one output.

    `strength` ranks axes: the swing over the output's own value (oat), mu* over the mean (morris), the total index ST
    (sobol). `low` and `high` are the ends of its bar in the tornado plot, relative to the same value: the least and the
    greatest output that it reached alone (oat), 0 and the strength (morris, sobol). `figures` are the method's
    own: swing; mu, mu_star, sigma, mu_star_conf; s1, s1_conf, st, st_conf.
    """

    axis: str
    strength: float
    low: float
    high: float
    figures: dict[str, float]


def design_of(method: str, num_axes: int, samples: int, seed: int) -> Floats:
    """The points of a method: (points, axes) fractions from 0 to 1."""
    if method == "oat":
        return _one_at_a_time(num_axes, max(2, samples))
    problem = _problem(num_axes)
    if method == "morris":
        sample = _salib("SALib.sample.morris").sample
        return np.asarray(sample(problem, samples, num_levels=_MORRIS_LEVELS, seed=seed), dtype=np.float64)
    if samples & (samples - 1):
        raise ConfigError("samples", f"sobol needs a power of two, e.g. {2 ** math.ceil(math.log2(samples))}")
    sample = _salib("SALib.sample.sobol").sample
    return np.asarray(sample(problem, samples, calc_second_order=False, seed=seed), dtype=np.float64)


def effects_of(method: str, axes: Sequence[str], design: Floats, outputs: Floats, seed: int) -> tuple[Effect, ...]:
    """The effect of every axis on one output, the strongest first; equal ones in the order of the axes."""
    if method == "oat":
        found = _swings(axes, design, outputs)
    elif float(np.ptp(outputs)) == 0.0:
        found = [Effect(axis, 0.0, 0.0, 0.0, {}) for axis in axes]  # nothing moves it: no variance to share out
    elif method == "morris":
        found = _morris(axes, design, outputs, seed)
    else:
        found = _sobol(axes, outputs, seed)
    return tuple(sorted(found, key=lambda effect: -effect.strength))


def _one_at_a_time(num_axes: int, levels: int) -> Floats:
    rows = [np.full(num_axes, np.nan)]
    for axis in range(num_axes):
        for fraction in np.linspace(0.0, 1.0, levels):
            row = np.full(num_axes, np.nan)
            row[axis] = fraction
            rows.append(row)
    return np.array(rows)


def _swings(axes: Sequence[str], design: Floats, outputs: Floats) -> list[Effect]:
    """The first point is the base itself."""
    base = float(outputs[0])
    found = []
    for column, axis in enumerate(axes):
        own = outputs[~np.isnan(design[:, column])]
        low, high = (float(value) / base - 1 if base else 0.0 for value in (own.min(), own.max()))
        first, last = float(own[0]), float(own[-1])
        figures = {"base": base, "at_first": first, "at_last": last, "swing": float(own.max() - own.min())}
        found.append(Effect(axis, high - low, low, high, figures))
    return found


def _morris(axes: Sequence[str], design: Floats, outputs: Floats, seed: int) -> list[Effect]:
    analyze = _salib("SALib.analyze.morris").analyze
    result = analyze(_problem(len(axes)), design, outputs, num_levels=_MORRIS_LEVELS, seed=seed)
    mean = abs(float(outputs.mean())) or 1.0
    found = []
    for row, axis in enumerate(axes):
        figures = {name: _number(result[name][row]) for name in ("mu", "mu_star", "sigma", "mu_star_conf")}
        strength = figures["mu_star"] / mean
        found.append(Effect(axis, strength, 0.0, strength, figures))
    return found


def _sobol(axes: Sequence[str], outputs: Floats, seed: int) -> list[Effect]:
    analyze = _salib("SALib.analyze.sobol").analyze
    centred = (outputs - outputs.mean()) / outputs.std()  # the indices do not change, their estimates get better
    result = analyze(_problem(len(axes)), centred, calc_second_order=False, seed=seed)
    found = []
    for row, axis in enumerate(axes):
        figures = {name.lower(): _number(result[name][row]) for name in ("S1", "S1_conf", "ST", "ST_conf")}
        found.append(Effect(axis, figures["st"], 0.0, figures["st"], figures))
    return found


def _problem(num_axes: int) -> dict[str, Any]:
    return {"num_vars": num_axes, "names": [f"x{i}" for i in range(num_axes)], "bounds": [[0.0, 1.0]] * num_axes}


def _number(value: Any) -> float:
    number = float(value)
    return number if math.isfinite(number) else 0.0


def _salib(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InputError(f"morris and sobol need SALib: pip install 'socsim[search]' ({error})") from None
