"""The record of rates: changes per path while time runs, bytes per second of every link afterwards."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np

from socsim.engine.memory.link import LinkState, Path
from socsim.result import Counter

_DUST = 1e-9
"""Sums of floats leave dust where nothing flows: this fraction of the largest value is nothing."""


class RateRecord:
    """Changes of rate, as rows (time in ps, number of the path, change in bytes per ps), in any order of time."""

    def __init__(self) -> None:
        self.rows: array[float] = array("d")

    def counters(self, links: Sequence[LinkState], paths: Iterable[Path]) -> tuple[Counter, ...]:
        """Bytes per second over time of every link that carried something: the sum over the paths that cross it."""
        rows = np.frombuffer(self.rows, dtype=np.float64).reshape(-1, 3)
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
            share = shares[link.index][numbers]
            # a flow that caches serve crosses no link and may have no limit: 0 x infinity carries nothing
            carried = np.cumsum(np.where(share > 0, changes, 0.0) * share)[last_of_instant]
            carried[np.abs(carried) < _DUST * carried.max()] = 0.0
            changed = np.append(True, carried[1:] != carried[:-1])
            counters.append(Counter(link.name, "B/s", "link", times[last_of_instant][changed], carried[changed] * 1e12))
        return tuple(counters)
