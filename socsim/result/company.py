"""Whether other streams were at work while a task ran: only then can it have lost bandwidth to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from socsim.result.columns import Integers, TextColumn


def meets_others(
    stream: NDArray[np.int32],
    held_start_ps: Integers,
    start_ps: Integers,
    end_ps: Integers,
    done_ps: Integers,
    others_before_ps: Integers | None = None,
) -> NDArray[np.bool_]:
    """For each task whether any task of another stream was between fill and drain during its body.

    The number of other streams' tasks at work is a step function; where its integral over a body is zero, there were
    none. All integers, so that no overlap is too short to be seen. `others_before_ps` is, for each task, when the last
    of other streams' tasks that are not among these was done, of those that began before the end of its body.
    """
    met = np.zeros(len(stream), dtype=bool)
    if others_before_ps is not None:
        met |= (others_before_ps > start_ps) & (end_ps > start_ps)
    present = np.unique(stream)
    if len(present) < 2:
        return met
    everyone = _Presence(held_start_ps, done_ps)
    for code in present.tolist():
        mine = np.flatnonzero(stream == code)
        own = _Presence(held_start_ps[mine], done_ps[mine])
        begin, end = start_ps[mine], end_ps[mine]
        met[mine] |= everyone.until(end) - everyone.until(begin) > own.until(end) - own.until(begin)
    return met


class EarlierCompany:
    """When the tasks of each stream were last done, of the windows before one."""

    def __init__(self) -> None:
        self._done_ps: dict[str, int] = {}

    def others_ps(self, stream: TextColumn) -> Integers:
        """For each row of a column of streams when the last task of another stream was done; -1 where there was
        none."""
        latest = [
            max([-1, *(done_ps for other, done_ps in self._done_ps.items() if other != name)]) for name in stream.values
        ]
        found: Integers = np.array(latest, dtype=np.int64)[stream.codes]
        return found

    def note(self, stream: TextColumn, held_start_ps: Integers, done_ps: Integers) -> None:
        """The tasks of a window, which lie before the next."""
        lasting = np.flatnonzero(done_ps > held_start_ps)
        for code in np.unique(stream.codes[lasting]).tolist():
            latest = int(done_ps[lasting[stream.codes[lasting] == code]].max())
            name = stream.values[code]
            self._done_ps[name] = max(self._done_ps.get(name, -1), latest)


class _Presence:
    """How many tasks are at work, as a step function, and its integral."""

    def __init__(self, held_start_ps: Integers, done_ps: Integers) -> None:
        instants = np.concatenate([held_start_ps, done_ps])
        order = np.argsort(instants, kind="stable")
        self._instants = instants[order]
        self._count = np.cumsum(np.where(order < len(held_start_ps), 1, -1))
        self._integral = np.zeros(len(order), dtype=np.int64)
        np.cumsum(self._count[:-1] * np.diff(self._instants), out=self._integral[1:])

    def until(self, times_ps: Integers) -> Integers:
        """Task-picoseconds up to each time."""
        place = np.searchsorted(self._instants, times_ps, side="right") - 1
        since: Integers = self._integral[place] + self._count[place] * (times_ps - self._instants[place])
        return np.where(place >= 0, since, 0)
