"""What a run comes to, added up window by window: work, busy units, the time on the critical path by cause."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from socsim.result.bottleneck import CAUSES, CriticalPath
from socsim.result.task_columns import TaskColumns


class Totals:
    """Exact sums, all of them integers."""

    def __init__(self) -> None:
        self.tasks = 0
        self.flop = 0
        self.matmul_flop = 0
        self.dram_read_bytes = 0
        self.dram_write_bytes = 0
        self.path_ps = dict.fromkeys(CAUSES, 0)
        self._units: dict[str, tuple[int, int, int]] = {}

    @property
    def units(self) -> Mapping[str, tuple[int, int, int]]:
        """(picoseconds that its slots were held, FLOP, tasks) of each unit that ran something."""
        return self._units

    def add(self, tasks: TaskColumns, path: CriticalPath, own: slice = slice(None)) -> None:
        """Some tasks, of which those of a slice count, and the critical path through their time."""
        codes = tasks.unit.codes[own]
        flop = tasks.flop[own]
        self.tasks += len(codes)
        self.flop += int(flop.sum())
        self.matmul_flop += int(tasks.matmul_flop[own].sum())
        self.dram_read_bytes += int(tasks.dram_read_bytes[own].sum())
        self.dram_write_bytes += int(tasks.dram_write_bytes[own].sum())
        held = (tasks.end_ps - tasks.held_start_ps - tasks.suspended_ps)[own] * tasks.slots[own]
        for code in np.unique(codes).tolist():
            mine = codes == code
            before = self._units.get(tasks.unit.values[code], (0, 0, 0))
            sums = int(held[mine].sum()), int(flop[mine].sum()), int(mine.sum())
            self._units[tasks.unit.values[code]] = (
                before[0] + sums[0], before[1] + sums[1], before[2] + sums[2],
            )  # fmt: skip
        for cause, time_ps in path.time_by_cause_ps().items():
            self.path_ps[cause] += time_ps
