"""What bounds a run: fractions of the time from the first arrival to the last completion, by cause (DESIGN.md 5.8).

Every picosecond of that time belongs to exactly one cause:

=============  ========================================================================================================
compute        the part of a body that its arithmetic needs, where that is at least what its bytes need
memory         the part of a body that its bytes need with the memory system to themselves, where that is longer
contention     what a body takes beyond both while other streams are at work: bandwidth lost to them. Without any, it
               is lost to other tasks of the same stream and counts as memory
latency        fill and drain: the way to memory, first and last tile
launch         the front end, where it did not hide behind the body of other work
queue          the unit was busy with another stream's work
handover       data crossed from one unit to another: fence, cache maintenance, conversion
idle           nothing to do: the instance had not arrived and no other ran
=============  ========================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socsim.result.columns import Integers

CAUSES = ("compute", "memory", "contention", "latency", "launch", "queue", "handover", "idle")
"""The keys of `bound_by`, in the order of the summary."""

COMPUTE, MEMORY, CONTENTION, LATENCY, LAUNCH, QUEUE, HANDOVER, IDLE = range(len(CAUSES))
"""Indices into `CAUSES`."""


@dataclass(frozen=True, slots=True, eq=False)
class CriticalPath:
    """The time of a run cut into segments without gap or overlap, the last one first.

    `row` is the task that a segment belongs to (-1: none), `cause` an index into `CAUSES`.
    """

    row: NDArray[np.int32]
    cause: NDArray[np.int8]
    begin_ps: Integers
    end_ps: Integers

    def time_by_cause_ps(self) -> dict[str, int]:
        """Picoseconds per cause; they add up to the run's latency exactly."""
        length = self.end_ps - self.begin_ps
        return {name: int(length[self.cause == index].sum()) for index, name in enumerate(CAUSES)}

    def time_by_row_ps(self, num_rows: int) -> Integers:
        """Picoseconds of the critical path that belong to each task."""
        owned = self.row >= 0
        total = np.zeros(num_rows, dtype=np.int64)
        np.add.at(total, self.row[owned], (self.end_ps - self.begin_ps)[owned])
        return total


def bound_by(time_by_cause_ps: Mapping[str, int]) -> dict[str, float]:
    """Fractions of the run per cause; a run that took no time was idle."""
    total = sum(time_by_cause_ps.values())
    if total == 0:
        return {name: float(name == "idle") for name in CAUSES}
    return {name: part / total for name, part in time_by_cause_ps.items()}
