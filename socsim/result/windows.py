"""A run cut into windows of time, so that its figures can be summed up while it goes on and its rows be dropped.

The engine sets a mark each time some tens of thousands of tasks have ended. A window's own rows are the tasks whose
bodies ended in it. Beside them its view holds the rows that reach into it: carried ones from before (drains that go on,
tasks of instances that are not done) and later ones that had begun. A mark's time is such that all tasks that began
before it are done, so a view never lacks one. What is summed up over windows is the same whether the rows of a run are
kept or dropped, because the windows are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socsim.result.columns import Integers
from socsim.result.spans import Spans
from socsim.result.task_tables import present

WINDOW_TASKS = 65_536
"""Tasks after which a window ends, at the least."""

SHORTEST_PULSE_PS = 1000
"""Power is energy over time: what takes no time is spread over as much."""

_WIDTH = Spans.WIDTH
_INSTANCE, _LAUNCH_START, _START, _END, _DONE, _FILL = (
    Spans.position(name) for name in ("instance", "launch_start_ps", "start_ps", "end_ps", "done_ps", "fill_ps")
)


@dataclass(frozen=True, slots=True)
class Mark:
    """The end of a window: its rows are those before `row`, of `recorded` that there were when the mark was set.
    `open_instances` were not done then, or have rows after `row`."""

    row: int
    end_ps: int
    recorded: int
    open_instances: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Rows that reach into a window: `table` as the engine wrote them, `rows` their numbers in the run. Its own rows
    are those at `first` to `last`."""

    table: Integers
    rows: Integers
    first: int
    last: int
    begin_ps: int
    end_ps: int

    @property
    def own(self) -> slice:
        """Positions of the window's own rows."""
        return slice(self.first, self.last)

    def instances(self) -> list[int]:
        """The numbers of the instances that its rows belong to."""
        return present(self.table[:, _INSTANCE])[0]


class WindowCutter:
    """Cuts windows one after the other; keeps the rows that reach into the next one. The first begins at `begin_ps`."""

    def __init__(self, begin_ps: int) -> None:
        self._begin_ps = begin_ps
        self._first_row = 0
        self._carried: Integers = np.zeros((0, _WIDTH), dtype=np.int64)
        self._carried_rows: Integers = np.zeros(0, dtype=np.int64)

    @property
    def carried_rows(self) -> frozenset[int]:
        """Rows that reach into the next window."""
        return frozenset(self._carried_rows.tolist())

    @property
    def carried_instances(self) -> list[int]:
        """Instances of the rows that reach into the next window."""
        numbers: list[int] = np.unique(self._carried[:, _INSTANCE]).tolist()
        return numbers

    def cut(self, table: Integers, mark: Mark) -> Window:
        """The window that ends at a mark. `table` are the rows from the end of the window before on; what is taken of
        it is copied."""
        first = self._first_row
        num_own = mark.row - first
        later = table[num_own : mark.recorded - first]
        reaching = np.flatnonzero(_begins(later) < mark.end_ps)
        window = Window(
            np.concatenate([self._carried, table[:num_own], later[reaching]]),
            np.concatenate([self._carried_rows, np.arange(first, mark.row), mark.row + reaching]),
            len(self._carried),
            len(self._carried) + num_own,
            self._begin_ps,
            mark.end_ps,
        )
        before = slice(0, window.last)
        carried = np.flatnonzero(
            (window.table[before, _DONE] + SHORTEST_PULSE_PS > mark.end_ps)
            | np.isin(window.table[before, _INSTANCE], np.array(mark.open_instances, dtype=np.int64))
        )
        self._carried, self._carried_rows = window.table[carried], window.rows[carried]
        self._begin_ps, self._first_row = mark.end_ps, mark.row
        return window


def windows(spans: Spans, marks: Sequence[Mark], begin_ps: int, end_ps: int) -> Iterator[Window]:
    """The windows of a whole run from its first arrival to its last completion."""
    cutter = WindowCutter(begin_ps)
    num_rows = len(spans)
    first = 0
    for mark in (*marks, Mark(num_rows, end_ps, num_rows)):
        yield cutter.cut(spans.since(first), mark)
        first = mark.row


def views(
    marks: Sequence[Mark], num_rows: int, begins_ps: Integers, done_ps: Integers, instance: NDArray[np.int32]
) -> Iterator[Integers]:
    """The rows of each view, where columns are all that is left of a run. `begins_ps` is when each task began."""
    carried: Integers = np.zeros(0, dtype=np.int64)
    first = 0
    for mark in (*marks, Mark(num_rows, 0, num_rows)):
        own = np.arange(first, mark.row)
        reaching = mark.row + np.flatnonzero(begins_ps[mark.row : mark.recorded] < mark.end_ps)
        yield np.concatenate([carried, own, reaching])
        before = np.concatenate([carried, own])
        is_open = np.isin(instance[before], np.array(mark.open_instances, dtype=np.int64))
        carried = before[(done_ps[before] + SHORTEST_PULSE_PS > mark.end_ps) | is_open]
        first = mark.row


def begins_ps(held_start_ps: Integers, launch_start_ps: Integers, start_ps: Integers, end_ps: Integers) -> Integers:
    """When tasks began: with their fill; a body without length already with its launch, which its power is spread
    over."""
    return np.where(end_ps > start_ps, held_start_ps, np.minimum(held_start_ps, launch_start_ps))


def _begins(table: Integers) -> Integers:
    start = table[:, _START]
    return begins_ps(start - table[:, _FILL], table[:, _LAUNCH_START], start, table[:, _END])
