"""What the engine leaves behind per executed task: columns of plain integers, compact enough for millions of rows."""

from __future__ import annotations

from array import array
from enum import IntEnum
from struct import Struct
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray


class Gate(IntEnum):
    """What a task waited for last before its body started; the walk back along these is the critical path."""

    ARRIVAL = 0
    """Its instance fell due only then; where another instance released it, `gate` is that one's last span."""
    DEPENDENCY = 1
    """The data of another task (`gate` is that task's span)."""
    UNIT = 2
    """The unit's body was busy (`gate` is the span that held it)."""
    LAUNCH = 3
    """The front end: its own launch, which ended after its data was ready and after the unit was free. `gate` is what
    its data waited for last (a span of its instance, or of the one that released it, or -1)."""


COLUMNS: tuple[str, ...] = (
    "instance",  # index into RunResult.instances
    "task",  # index into the tasks of the instance's graph
    "variant",  # index into the task's variants
    "lane",  # which slot of the unit, 0 for exclusive ones
    "ready_ps",  # all data had arrived, hand-over included (or the instance fell due)
    "launch_start_ps",  # the front end took it
    "launch_end_ps",
    "start_ps",  # body starts: fill is over
    "end_ps",  # body ends: the unit is free
    "done_ps",  # drain ends: dependents may start
    "fill_ps",  # how long fill delayed the body (0 where it hid behind other work)
    "compute_ps",  # what the body would take if its bytes were free
    "alone_ps",  # what its bytes would take if the unit were alone in the memory system
    "dram_read_bytes",
    "dram_write_bytes",
    "plan",  # number of the way its bytes took to memory, or -1
    "gate",  # row of the span it waited for, or -1
    "gate_kind",  # a Gate
)
"""The columns of a row, in order."""


class Spans:
    """Rows of executed tasks in the order in which their bodies ended.

    Rows lie one after the other in one array of 64-bit integers, so that the engine adds one with a single call;
    `column(name)` is a strided numpy view of one quantity.
    """

    WIDTH = len(COLUMNS)
    pack_row = Struct(f"{WIDTH}q").pack
    """The bytes of a row from its values, in the order of the columns."""
    _INDEX: ClassVar[dict[str, int]] = {name: position for position, name in enumerate(COLUMNS)}

    def __init__(self) -> None:
        self.rows: array[int] = array("q")
        self.first_row = 0
        """The number of the first row that is still here."""

    def __len__(self) -> int:
        return len(self.rows) // self.WIDTH

    def since(self, row: int) -> NDArray[np.int64]:
        """The rows from one of the run's on, a row each (a view, do not write)."""
        return np.frombuffer(self.rows, dtype=np.int64).reshape(-1, self.WIDTH)[row - self.first_row :]

    def forget(self, row: int) -> None:
        """Drop the rows before one of the run's. No view of them may be left."""
        del self.rows[: (row - self.first_row) * self.WIDTH]
        self.first_row = row

    @classmethod
    def position(cls, name: str) -> int:
        """Where a column stands in a row."""
        return cls._INDEX[name]

    def append(self, **values: int) -> None:
        """Add a row by column names; for tests and readers, the engine extends `rows` itself."""
        self.rows.extend([values[name] for name in COLUMNS])

    def column(self, name: str) -> NDArray[np.int64]:
        """A column as a numpy array (a view, do not write)."""
        return np.frombuffer(self.rows, dtype=np.int64).reshape(-1, self.WIDTH)[:, self._INDEX[name]]


class Counter:
    """One quantity over time as steps: `value[i]` holds from `time_ps[i]` until the next sample."""

    __slots__ = ("kind", "name", "time_ps", "unit", "value")

    def __init__(
        self,
        name: str,
        unit: str,
        kind: str,
        time_ps: NDArray[np.int64] | None = None,
        value: NDArray[np.float64] | None = None,
    ) -> None:
        self.name = name
        self.unit = unit
        self.kind = kind
        self.time_ps: array[int] = array("q", b"" if time_ps is None else time_ps.tobytes())
        self.value: array[float] = array("d", b"" if value is None else value.tobytes())

    def sample(self, time_ps: int, value: float) -> None:
        """The quantity changes at an instant; a second change at the same instant replaces the first."""
        times = self.time_ps
        if times and times[-1] == time_ps:
            self.value[-1] = value
        else:
            times.append(time_ps)
            self.value.append(value)

    def take(self, until_ps: int) -> Counter:
        """Take out the changes before a time, as a counter of their own."""
        times = np.frombuffer(self.time_ps, dtype=np.int64)
        count = int(np.searchsorted(times, until_ps))
        taken = Counter(self.name, self.unit, self.kind, times[:count].copy(), np.frombuffer(self.value)[:count].copy())
        del times
        del self.time_ps[:count], self.value[:count]
        return taken

    def integral(self, end_ps: int) -> float:
        """Sum of value x seconds from the first sample to `end_ps`."""
        if not self.time_ps:
            return 0.0
        times = np.append(np.frombuffer(self.time_ps, dtype=np.int64), end_ps)
        return float(np.dot(np.frombuffer(self.value, dtype=np.float64), np.diff(times)) * 1e-12)
