"""What a unit draws whether or not it computes: leakage, idle power, and when it is switched off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socsim.engine.power.coefficients import LIKELY, UnitCoefficients
from socsim.engine.power.steps import Steps, Times


@dataclass(frozen=True, slots=True)
class Setting:
    """From `time_ps` on the unit has this clock and its node is so much warmer than the air."""

    time_ps: int
    clock_hz: int
    warmer_by_k: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class StaticEnergy:
    """Joules (least, likely, most) and the likely power over time."""

    idle_j: NDArray[np.float64]
    leakage_j: NDArray[np.float64]
    idle: Steps
    leakage: Steps


def static_energy(
    unit: UnitCoefficients, settings: Sequence[Setting], busy_begin: Times, busy_end: Times, begin_ps: int, end_ps: int
) -> StaticEnergy:
    """Leakage and idle energy between two times. `busy_*` are the bodies on the unit, in any order; `settings` are in
    the order of time, the first at or before `begin_ps`. Until its first body the unit is off."""
    first, last = _union(busy_begin, busy_end)
    off_end = np.append(first, end_ps)
    off_begin = np.minimum(np.append(begin_ps, last + unit.gate_after_ps), off_end)
    changes = np.array([setting.time_ps for setting in settings], dtype=np.int64)
    times = np.sort(np.concatenate([changes, first, last, off_begin, off_end, [begin_ps, end_ps]]), kind="stable")
    times = times[np.append(True, times[1:] != times[:-1])]
    times = times[(times >= begin_ps) & (times <= end_ps)]
    lengths = np.diff(times) * 1e-12
    at = times[:-1]
    is_busy = _inside(at, first, last)
    is_off = _inside(at, off_begin, off_end)
    setting = np.searchsorted(changes, at, side="right") - 1
    leak = np.array([unit.leakage_w(s.clock_hz, s.warmer_by_k) for s in settings])[setting]
    leak = leak * np.where(is_off, unit.retention, 1.0)[:, None]
    idle = np.array([unit.idle_w(s.clock_hz) for s in settings])[setting]
    idle = idle * (~is_busy & ~is_off)[:, None]
    return StaticEnergy(
        idle_j=(idle * lengths[:, None]).sum(axis=0),
        leakage_j=(leak * lengths[:, None]).sum(axis=0),
        idle=Steps(times, np.append(idle[:, LIKELY], 0.0)),
        leakage=Steps(times, np.append(leak[:, LIKELY], 0.0)),
    )


def _union(begin: Times, end: Times) -> tuple[Times, Times]:
    """Intervals without overlap that cover the same, in order."""
    if not len(begin):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    order = np.argsort(begin, kind="stable")
    begin, end = begin[order], np.maximum.accumulate(end[order])
    starts = np.append(True, begin[1:] > end[:-1])
    first = begin[starts]
    last = end[np.append(np.flatnonzero(starts)[1:] - 1, len(end) - 1)]
    return first, last


def _inside(times: Times, begin: Times, end: Times) -> NDArray[np.bool_]:
    """Whether each time lies in one of the intervals (begin included, end not), which are in order."""
    if not len(begin):
        return np.zeros(len(times), dtype=bool)
    place = np.searchsorted(begin, times, side="right") - 1
    inside: NDArray[np.bool_] = (place >= 0) & (times < end[np.clip(place, 0, None)])
    return inside
