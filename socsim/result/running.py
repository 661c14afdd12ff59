"""The figures of a run summed up window by window: while it goes on, or afterwards from the rows that were kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from socsim.result.bottleneck import CriticalPath
from socsim.result.company import EarlierCompany
from socsim.result.critical_path import company, walk
from socsim.result.energy import EnergyTotals
from socsim.result.operations import OperationSums
from socsim.result.task_columns import TaskColumns, columns_of
from socsim.result.task_tables import TaskTables
from socsim.result.totals import Totals
from socsim.result.windows import Window

if TYPE_CHECKING:
    from socsim.result.run_result import InstanceRecord

Instances = Mapping[int, "InstanceRecord"] | Sequence["InstanceRecord"]


class EnergySum(Protocol):
    """Adds up the energy of windows."""

    def add(self, window: Window, instances: Instances, is_last: bool) -> NDArray[np.float64]:
        """Joules of each of the window's own rows."""

    def totals(self) -> EnergyTotals:
        """Of all windows so far."""


@dataclass(frozen=True, slots=True, eq=False)
class WindowDetail:
    """A window's rows as columns (gates and predecessors are positions among them) and its part of the critical path.
    Energy is given for the window's own rows."""

    window: Window
    tasks: TaskColumns
    path: CriticalPath
    graphs: list[str]
    """Names of all graphs so far, by their number."""


class RunningFigures:
    """Adds up the windows of a run in their order."""

    def __init__(self, tables: TaskTables, energy: EnergySum | None) -> None:
        self.totals = Totals()
        self.operations = OperationSums()
        self._tables = tables
        self._energy = energy
        self._earlier = EarlierCompany()

    @property
    def energy(self) -> EnergyTotals | None:
        """Where the energy went; None where the chip's power is not known."""
        return self._energy.totals() if self._energy is not None else None

    def add(
        self,
        window: Window,
        instances: Instances,
        suspensions: Iterable[tuple[int, int, int]] = (),
        is_last: bool = True,
    ) -> WindowDetail:
        """The next window; `suspensions` may include those of other rows."""
        own = window.own
        self._tables.update()
        joules = np.zeros(len(window.rows))
        if self._energy is not None:
            joules[own] = self._energy.add(window, instances, is_last)
        present = frozenset(window.rows.tolist()) if suspensions else frozenset()
        given_way = [item for item in suspensions if item[0] in present]
        tasks = columns_of(window.table, window.rows, instances, self._tables, given_way, joules, self._earlier)
        path = walk(tasks, company(tasks, self._earlier), instances, window.begin_ps, window.end_ps)
        self.totals.add(tasks, path, own)
        self.operations.add(tasks, path.time_by_row_ps(len(tasks)), own)
        before = slice(0, window.last)
        self._earlier.note(tasks.stream.part(before), tasks.held_start_ps[before], tasks.done_ps[before])
        return WindowDetail(window, tasks, path, self._tables.graph_name.texts())
