"""Where the energy of a run went: from the executor that ran it, all at once or window by window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from socsim.engine.controlled import ControlledExecutor
from socsim.engine.executor import Executor
from socsim.engine.power import EnergyAccount, account
from socsim.engine.power.coefficients import Coefficients
from socsim.engine.power.controller import PowerController
from socsim.engine.power.dynamic import Stretches
from socsim.engine.power.heat import HeatRecord, temperatures
from socsim.engine.power.ledger import WindowPower, no_heat, window_counters
from socsim.engine.power.static import Setting
from socsim.hardware import Soc
from socsim.result import Counter
from socsim.result.energy import EnergyTotals, Ledger
from socsim.result.running import EnergySum, Instances
from socsim.result.task_tables import TaskTables
from socsim.result.windows import Window, windows


@dataclass(frozen=True)
class RunEnergy:
    """Energy from the first arrival to the last completion."""

    soc: Soc
    executor: Executor
    coefficients: Coefficients
    controller: PowerController | None

    def ledger(self) -> Ledger:
        """The ledger with the energy of each task, and power over time."""
        executor = self.executor
        instances = tuple(executor.instances.values())
        begin_ps = min((instance.arrival_ps for instance in instances), default=0)
        end_ps = max([begin_ps, *(instance.done_ps for instance in instances)])
        window_ps = (begin_ps, end_ps)
        return account(
            self.coefficients, executor.spans, [instance.graph for instance in instances], executor.graphs,
            executor.preparer.plans, self._settings(), window_ps, self._stretches(),
            no_heat if self.controller is not None else partial(temperatures, self.soc, window_ps=window_ps),
            windows(executor.spans, executor.marks, begin_ps, end_ps),
        )  # fmt: skip

    def sum(self, tables: TaskTables) -> EnergySum:
        """What adds up the energy of a run that is over."""
        return _EnergyOfWindows(self._account(tables), self._stretches())

    def stream(self, tables: TaskTables) -> StreamedEnergy:
        """What adds up the energy while the run goes on."""
        heat = HeatRecord(self.soc) if self.controller is None else None
        return StreamedEnergy(self._account(tables), self._stretches, heat)

    def _account(self, tables: TaskTables) -> EnergyAccount:
        return EnergyAccount(self.coefficients, tables, self.executor.preparer.plans, self._settings())

    def _settings(self) -> Mapping[str, Sequence[Setting]]:
        if self.controller is not None:
            return self.controller.settings
        return {unit.name: [Setting(0, unit.clock)] for unit in self.soc.units}

    def _stretches(self) -> Stretches | None:
        executor = self.executor
        if not isinstance(executor, ControlledExecutor):
            return None
        return Stretches.of((row, *stretch) for row, stretch in executor.all_stretches())


class _EnergyOfWindows(EnergySum):
    def __init__(self, energy: EnergyAccount, stretches: Stretches | None) -> None:
        self._energy = energy
        self._stretches = stretches

    def add(self, window: Window, instances: Instances, is_last: bool) -> NDArray[np.float64]:
        return self._energy.add(window, lambda number: instances[number].graph, self._stretches, is_last).row_j

    def totals(self) -> EnergyTotals:
        return self._energy.totals()


class StreamedEnergy(EnergySum):
    """Adds up windows while the run goes on; `series` are power, energy and temperatures over the last one."""

    def __init__(
        self, energy: EnergyAccount, stretches: Callable[[], Stretches | None], heat: HeatRecord | None
    ) -> None:
        self._energy = energy
        self._stretches = stretches
        self._heat = heat
        self._last: tuple[Window, WindowPower, bool] | None = None

    def add(self, window: Window, instances: Instances, is_last: bool) -> NDArray[np.float64]:
        power = self._energy.add(window, lambda number: instances[number].graph, self._stretches(), is_last)
        self._last = window, power, is_last
        return power.row_j

    def totals(self) -> EnergyTotals:
        return self._energy.totals()

    def series(self) -> tuple[Counter, ...]:
        """How power, energy and temperatures went; to be asked for once per window."""
        if self._last is None:
            return ()
        window, power, is_last = self._last
        span = window.begin_ps, window.end_ps
        counters = window_counters(power, span, is_last, self._energy.totals().total_j)
        return (*counters, *(self._heat.add(power.steps, span) if self._heat is not None else ()))
