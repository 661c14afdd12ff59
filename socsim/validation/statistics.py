"""How far predictions are from measurements: errors, quantiles, rank correlation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Errors are |predicted / measured - 1|; `bias` is the geometric mean of predicted / measured, less one."""

    rows: int
    median: float
    p90: float
    worst: float
    bias: float
    spearman: float | None


def accuracy(predicted: Sequence[float], measured: Sequence[float]) -> Accuracy:
    """Statistics of at least one pair; the rank correlation is None where either side has a single value."""
    ratios = np.asarray(predicted, dtype=float) / np.asarray(measured, dtype=float)
    errors = np.abs(ratios - 1)
    return Accuracy(
        rows=len(errors),
        median=float(np.median(errors)),
        p90=float(np.quantile(errors, 0.9)),
        worst=float(errors.max()),
        bias=math.exp(float(np.log(ratios).mean())) - 1,
        spearman=spearman(predicted, measured),
    )


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's correlation of ranks, ties sharing their mean rank (Spearman 1904)."""
    a, b = _ranks(np.asarray(first, dtype=float)), _ranks(np.asarray(second, dtype=float))
    a, b = a - a.mean(), b - b.mean()
    scale = math.sqrt(float((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale else None


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts).astype(float)
    mean_rank: npt.NDArray[np.float64] = (last - (counts - 1) / 2)[inverse]
    return mean_rank
