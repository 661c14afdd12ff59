"""Intervals onto lanes: slices on one Perfetto track must nest, so what overlaps goes to another track."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from socsim.result.columns import Integers


def assign_lanes(begin: Integers, end: Integers) -> NDArray[np.int64]:
    """The lowest lane that is free for each interval. Intervals are sorted by their begin; one may begin where another
    on its lane ends."""
    if len(begin) == 0 or (begin[1:] >= np.maximum.accumulate(end)[:-1]).all():
        return np.zeros(len(begin), dtype=np.int64)
    busy: list[tuple[int, int]] = []
    free: list[int] = []
    lanes: list[int] = []
    for first, last in zip(begin.tolist(), end.tolist(), strict=True):
        while busy and busy[0][0] <= first:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = heapq.heappop(free) if free else len(busy)
        heapq.heappush(busy, (last, lane))
        lanes.append(lane)
    return np.array(lanes, dtype=np.int64)
