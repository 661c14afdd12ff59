"""Pareto front and hypervolume, exact, of points whose objectives are all to be made small."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def pareto_front(values: Floats) -> list[int]:
    """Rows (points by objectives) that no other row dominates, in their order; of equal rows the first.

    A row dominates another where it is nowhere greater and somewhere less.
    """
    if len(values) == 0:
        return []
    order = np.lexsort(values.T[::-1])
    kept: list[int] = []
    kept_values = np.empty_like(values)
    for row in order:
        # rows come sorted, so only a kept one can dominate (or equal) the next
        candidate = values[row]
        if not (kept_values[: len(kept)] <= candidate).all(axis=1).any():
            kept_values[len(kept)] = candidate
            kept.append(int(row))
    return sorted(kept)


def hypervolume(values: Floats, reference: Floats) -> float:
    """The volume that points dominate below a reference point; points beyond it count nothing.

    Exact, by slicing along the last objective: N log N for two objectives, N² log N for three.

    **Source:** the definition of Zitzler and Thiele, "Multiobjective Optimization Using Evolutionary Algorithms",
    PPSN 1998; the slicing is the textbook one.
    """
    inside = values[(values < reference).all(axis=1)]
    if len(inside) == 0:
        return 0.0
    return _volume(inside[pareto_front(inside)], reference)


def _volume(front: Floats, reference: Floats) -> float:
    if front.shape[1] == 1:
        return float(reference[0] - front[:, 0].min())
    if front.shape[1] == 2:
        ordered = front[np.argsort(front[:, 0], kind="stable")]
        lowest = np.minimum.accumulate(ordered[:, 1])
        widths = np.diff(np.append(ordered[:, 0], reference[0]))
        return float((widths * (reference[1] - lowest)).sum())
    levels = np.unique(front[:, -1])
    heights = np.diff(np.append(levels, reference[-1]))
    total = 0.0
    for level, height in zip(levels, heights, strict=True):
        below = front[front[:, -1] <= level][:, :-1]
        total += float(height) * _volume(below[pareto_front(below)], reference[:-1])
    return total
