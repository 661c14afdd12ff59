"""The record of rates: changes per path while time runs, bytes per second of every link afterwards."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socsim.engine.memory.link import LinkState, Path
from socsim.result import Counter

_DUST = 1e-9
"""Sums of floats leave dust where nothing flows: this fraction of the largest value is nothing."""


class RateRecord:
    """Changes of rate, as rows (time in ps, number of the path, change in bytes per ps), in any order of time."""

    def __init__(self) -> None:
        self.rows: array[float] = array("d")
        self._levels: dict[int, _Level] = {}

    def counters(
        self, links: Sequence[LinkState], paths: Iterable[Path], until_ps: int | None = None
    ) -> tuple[Counter, ...]:
        """Bytes per second over time of every link that carried something: the sum over the paths that cross it. With
        a time, only what changed before it, which is forgotten; the next call goes on from there."""
        rows = self._take(until_ps) if until_ps is not None else np.frombuffer(self.rows).reshape(-1, 3)
        if not len(rows):
            return ()
        times = rows[:, 0].astype(np.int64)
        order = np.argsort(times, kind="stable")
        times, numbers, changes = times[order], rows[order, 1].astype(np.int64), rows[order, 2]
        last_of_instant = np.append(times[1:] != times[:-1], True)
        known = list(paths)
        shares = np.zeros((len(links), 1 + max(path.number for path in known)))
        for path in known:
            for link, share in path.crossed:
                shares[link.index, path.number] += share
        counters = []
        for link in links:
            if not shares[link.index].any():
                continue
            level = self._levels.setdefault(link.index, _Level()) if until_ps is not None else _Level()
            share = shares[link.index][numbers]
            # a flow that caches serve crosses no link and may have no limit: 0 x infinity carries nothing
            carried = np.cumsum(np.append(level.carried, np.where(share > 0, changes, 0.0) * share))[1:]
            level.carried = float(carried[-1])
            carried = carried[last_of_instant]
            level.largest = max(level.largest, float(carried.max()))
            carried[np.abs(carried) < _DUST * level.largest] = 0.0
            changed = np.append(carried[0] != level.shown, carried[1:] != carried[:-1])
            level.shown = float(carried[-1])
            counters.append(Counter(link.name, "B/s", "link", times[last_of_instant][changed], carried[changed] * 1e12))
        return tuple(counters)

    def forget(self, until_ps: int) -> None:
        """Forget what changed before a time, where nobody asks for counters."""
        self._take(until_ps)

    def _take(self, until_ps: int) -> NDArray[np.float64]:
        rows = np.array(self.rows, dtype=np.float64).reshape(-1, 3)
        before = rows[:, 0] < until_ps
        del self.rows[:]  # the same array: others write to it
        self.rows.frombytes(rows[~before].tobytes())
        return rows[before]


@dataclass(slots=True)
class _Level:
    """Where a link's counter stood at the end of what was taken; NaN is unlike any value."""

    carried: float = 0.0
    largest: float = 0.0
    shown: float = math.nan
