"""What the engine leaves behind per executed task: columns of plain integers, compact enough for millions of rows."""

from __future__ import annotations

from array import array
from enum import IntEnum

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


COLUMNS: tuple[tuple[str, str], ...] = (
    ("instance", "i"),  # index into RunResult.instances
    ("task", "i"),  # index into the tasks of the instance's graph
    ("variant", "h"),  # index into the task's variants
    ("lane", "h"),  # which slot of the unit, 0 for exclusive ones
    ("ready_ps", "q"),  # all data had arrived, hand-over included (or the instance fell due)
    ("launch_start_ps", "q"),  # the front end took it
    ("launch_end_ps", "q"),
    ("start_ps", "q"),  # body starts: fill is over
    ("end_ps", "q"),  # body ends: the unit is free
    ("done_ps", "q"),  # drain ends: dependents may start
    ("fill_ps", "q"),  # how long fill delayed the body (0 where it hid behind other work)
    ("compute_ps", "q"),  # what the body would take if its bytes were free
    ("alone_ps", "q"),  # what its bytes would take if the unit were alone in the memory system
    ("dram_read_bytes", "q"),
    ("dram_write_bytes", "q"),
    ("gate", "i"),  # row of the span it waited for, or -1
    ("gate_kind", "b"),  # a Gate
)
"""Name and array type code of each column, in the order of `Spans.append`."""


class Spans:
    """Rows of executed tasks in the order in which their bodies ended.

    About 110 bytes a row. `append` takes one value per column of `COLUMNS`; `column(name)` is a numpy view.
    """

    def __init__(self) -> None:
        self.columns: tuple[array[int], ...] = tuple(array(code) for _, code in COLUMNS)
        self._index = {name: position for position, (name, _) in enumerate(COLUMNS)}

    def __len__(self) -> int:
        return len(self.columns[0])

    def position(self, name: str) -> int:
        """Where a column stands in `columns`."""
        return self._index[name]

    def column(self, name: str) -> NDArray[np.int64]:
        """A column as a numpy array (a view, do not write)."""
        data = self.columns[self._index[name]]
        return np.frombuffer(data, dtype=np.dtype(data.typecode)) if len(data) else np.empty(0, dtype=data.typecode)


class Counter:
    """One quantity over time as steps: `value[i]` holds from `time_ps[i]` until the next sample."""

    __slots__ = ("kind", "name", "time_ps", "unit", "value")

    def __init__(self, name: str, unit: str, kind: str) -> None:
        self.name = name
        self.unit = unit
        self.kind = kind
        self.time_ps: array[int] = array("q")
        self.value: array[float] = array("d")

    def sample(self, time_ps: int, value: float) -> None:
        """The quantity changes at an instant; a second change at the same instant replaces the first."""
        times = self.time_ps
        if times and times[-1] == time_ps:
            self.value[-1] = value
        else:
            times.append(time_ps)
            self.value.append(value)

    def integral(self, end_ps: int) -> float:
        """Sum of value x seconds from the first sample to `end_ps`."""
        if not self.time_ps:
            return 0.0
        times = np.append(np.frombuffer(self.time_ps, dtype=np.int64), end_ps)
        return float(np.dot(np.frombuffer(self.value, dtype=np.float64), np.diff(times)) * 1e-12)
