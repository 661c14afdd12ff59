"""Quantities averaged over windows of time: how busy units were, how much links carried."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from socsim.result.columns import Integers
from socsim.result.record import RunRecord, Series

Floats = NDArray[np.float64]


def window_edges(record: RunRecord, num_windows: int) -> Integers:
    """Edges of equal windows from the first arrival to the end of the last body; fewer where time is too short."""
    tasks = record.tasks
    end = max(record.end_ps, int(tasks.done_ps.max()) if len(tasks) else 0)
    begin = record.begin_ps
    num_windows = max(1, min(num_windows, end - begin))
    return begin + (end - begin) * np.arange(num_windows + 1, dtype=np.int64) // num_windows


def busy_fractions(record: RunRecord, unit: str, edges_ps: Integers) -> Floats:
    """Fraction of a unit's slots held by tasks, fill included, in each window between two edges."""
    tasks = record.tasks
    rows = np.flatnonzero(tasks.unit.codes == tasks.unit.code(unit))
    instants = np.concatenate([tasks.held_start_ps[rows], tasks.end_ps[rows]])
    changes = np.concatenate([tasks.slots[rows], -tasks.slots[rows]]).astype(np.int64)
    order = np.argsort(instants, kind="stable")
    held = window_means(instants[order], np.cumsum(changes[order]).astype(np.float64), edges_ps)
    return np.asarray(held / record.unit_slots[unit])


def series_means(series: Series, edges_ps: Integers) -> Floats:
    """Time-weighted mean of a quantity in each window; zero before its first sample."""
    return window_means(series.time_ps, series.value, edges_ps)


def window_means(time_ps: Integers, value: Floats, edges_ps: Integers) -> Floats:
    """Means of the step function that is `value[i]` from `time_ps[i]` on. A window without length has mean 0.

    The integral of a step function is linear between its steps, so its values at the edges are exact by interpolation.
    """
    if len(time_ps) == 0:
        return np.zeros(len(edges_ps) - 1)
    instants = np.append(time_ps, max(int(edges_ps[-1]), int(time_ps[-1]))).astype(np.float64)
    integral = np.concatenate([[0.0], np.cumsum(value * np.diff(instants))])
    at_edges = np.interp(edges_ps.astype(np.float64), instants, integral)
    length = np.diff(edges_ps)
    means: Floats = np.divide(np.diff(at_edges), length, out=np.zeros(len(length)), where=length > 0)
    return means
