"""Finds the pairs of two sequences that agree best without crossing each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def align(scores: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Pairs (row, column), rising in both, whose scores add up to the most; a score of 0 is no pair.

    The longest common subsequence with weights: best[i, j] = max(best[i-1, j], best[i, j-1], best[i-1, j-1] + score).
    A row is one step of numpy, because a gap costs nothing: its maximum runs along the row.
    """
    rows, columns = scores.shape
    best = np.zeros((rows + 1, columns + 1), dtype=np.int32)
    for row in range(rows):
        with_pair = np.where(scores[row] > 0, best[row, :-1] + scores[row], 0)
        best[row + 1, 1:] = np.maximum.accumulate(np.maximum(best[row, 1:], with_pair))
    pairs = []
    row, column = rows, columns
    while row and column:
        if best[row, column] == best[row - 1, column]:
            row -= 1
        elif best[row, column] == best[row, column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            pairs.append((row, column))
    return pairs[::-1]
