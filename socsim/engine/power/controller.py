"""Sets clocks while time runs: a governor asks, heat and power caps limit, the switch takes its time.

Once per control interval: read what was drawn, let heat flow, update the limits, ask the governor for each unit. A
governor that says so is also asked when work arrives or is done. Stops when nothing else is due.
"""

from __future__ import annotations

import numpy as np

from socsim.engine.controlled import ControlledExecutor
from socsim.engine.power.coefficients import Coefficients
from socsim.engine.power.governors import Governor, UnitView
from socsim.engine.power.heat import KELVIN_TO_CELSIUS, temperature_counter, thermal_nodes
from socsim.engine.power.limits import CapState, Draw, ThrottleState, ceiling
from socsim.engine.power.meter import Meter, Reading
from socsim.engine.power.pending import PendingWork
from socsim.engine.power.static import Setting
from socsim.engine.power.thermal import ThermalNetwork
from socsim.engine.unit import UnitState
from socsim.errors import ConfigError
from socsim.hardware import Soc
from socsim.result import Counter


class PowerController:
    """Give it the executor before the run; call `start`. `settings` are the clocks over time, for the ledger."""

    def __init__(self, executor: ControlledExecutor, soc: Soc, coefficients: Coefficients, governor: Governor) -> None:
        assert soc.power is not None
        self._executor = executor
        self._kernel = executor.kernel
        self._coefficients = coefficients
        self._governor = governor
        self._meter = Meter(coefficients)
        self._interval_ps = soc.power.interval
        if self._interval_ps <= 0:
            raise ConfigError("power.interval", "must be greater than zero where a governor is asked")
        self._headroom = soc.power.headroom
        self._last_ps = 0
        self._clocks = {unit.name: _clocks(coefficients, unit.name, unit.clock) for unit in soc.units}
        self._target = {unit.name: len(self._clocks[unit.name]) - 1 for unit in soc.units}
        self._utilization = dict.fromkeys(self._clocks, 0.0)
        self._caps = [CapState(cap) for cap in soc.power.caps]
        self._heat = ThermalNetwork(soc.thermal) if soc.thermal is not None else None
        self._throttles = [ThrottleState(throttle) for throttle in soc.thermal.throttles] if soc.thermal else []
        self._node_of = thermal_nodes(soc, self._heat) if self._heat is not None else {}
        self._pending = PendingWork(executor, {name: clocks[-1] for name, clocks in self._clocks.items()})
        self.settings: dict[str, list[Setting]] = {}
        self.clock_counters = {name: Counter(f"{name} clock", "Hz", "clock") for name in self._clocks}
        names = self._heat.names if self._heat is not None else ()
        self.temperature_counters = {name: temperature_counter(name) for name in names}

    @property
    def counters(self) -> tuple[Counter, ...]:
        """Clocks and temperatures over time."""
        return (*self.clock_counters.values(), *self.temperature_counters.values())

    def take_counters(self, until_ps: int) -> tuple[Counter, ...]:
        """What changed before a time; forgets it, and the clocks of before."""
        for settings in self.settings.values():
            past = sum(setting.time_ps <= until_ps for setting in settings) - 1
            del settings[: max(0, past)]
        return tuple(counter.take(until_ps) for counter in self.counters)

    def start(self) -> None:
        """Before the run: first clocks, first look."""
        for name, unit in self._executor.units.items():
            self._target[name] = point = self._choose(name)
            unit.clock_hz = self._clocks[name][point]
            self.settings[name] = [Setting(0, unit.clock_hz)]
            self.clock_counters[name].sample(0, unit.clock_hz)
        self._record_heat()
        self._executor.keeps_fresh = True
        self._executor.on_change = self._work_changed if self._governor.on_arrival else None
        self._kernel.after(self._interval_ps, self._tick, None)

    def _tick(self, _: None) -> None:
        now = self._kernel.now
        self._executor.mark()
        stretches = self._executor.take_stretches()
        clocks = {name: self.settings[name][-1].clock_hz for name in self._clocks}
        readings, fabric_j, dram_j = self._meter.read(stretches, clocks, self._warmer(), self._last_ps, now)
        length_ps = now - self._last_ps
        self._last_ps = now
        for name, reading in readings.items():
            self._utilization[name] = reading.busy_ps / length_ps
        self._flow_heat(readings, fabric_j, dram_j, length_ps)
        self._limit(readings, length_ps)
        for name in self._clocks:
            self._ask(name)
        if not self._kernel.is_idle():
            self._kernel.after(self._interval_ps, self._tick, None)

    def _work_changed(self) -> None:
        for name in self._clocks:
            self._ask(name)

    # -- clocks ------------------------------------------------------------------------------------------------------

    def _ask(self, name: str) -> None:
        point = self._choose(name)
        if point == self._target[name]:
            return
        self._target[name] = point
        delay = self._coefficients.units[name].power.switch_latency
        self._kernel.after(delay, self._switch, (name, point))

    def _switch(self, due: tuple[str, int]) -> None:
        name, point = due
        unit = self._executor.units[name]
        clock = self._clocks[name][point]
        if point != self._target[name] or unit.clock_hz == clock:
            return
        self._executor.set_clock(unit, clock)
        self.settings[name].append(Setting(self._kernel.now, clock, self._warmer()[name]))
        self.clock_counters[name].sample(self._kernel.now, clock)

    def _choose(self, name: str) -> int:
        clocks = self._clocks[name]
        top = len(clocks) - 1
        allowed = ceiling(name, top, self._throttles, self._caps)
        if top == 0:
            return 0
        wanted = self._governor.choose(self._view(name))
        point = next((i for i, clock in enumerate(clocks) if clock >= wanted * (1 - 1e-9)), top)
        return min(point, allowed)

    def _view(self, name: str) -> UnitView:
        unit: UnitState = self._executor.units[name]
        required, has_work, is_urgent_only = self._pending.of(name)
        return UnitView(
            name, self._clocks[name], unit.clock_hz, self._utilization[name], has_work, required, is_urgent_only,
            self._headroom,
        )  # fmt: skip

    # -- heat and limits ---------------------------------------------------------------------------------------------

    def _warmer(self) -> dict[str, float]:
        """How much warmer than the air the node of each unit is."""
        heat = self._heat
        if heat is None:
            return dict.fromkeys(self._clocks, 0.0)
        above = heat.kelvin - heat.ambient_k
        return {name: float(above[self._node_of[name]]) if name in self._node_of else 0.0 for name in self._clocks}

    def _flow_heat(self, readings: dict[str, Reading], fabric_j: float, dram_j: float, length_ps: int) -> None:
        heat = self._heat
        if heat is None:
            return
        energy = np.zeros(len(heat.names))
        spent = {name: reading.dynamic_j + reading.static_j for name, reading in readings.items()}
        for name, joules in (*spent.items(), ("fabric", fabric_j), ("dram", dram_j)):
            if name in self._node_of:
                energy[self._node_of[name]] += joules
        seconds = length_ps * 1e-12
        heat.step(seconds, energy / seconds)
        self._record_heat()
        for name, warmer in self._warmer().items():
            if self._coefficients.units[name].power.leakage_doubling is not None:
                clock = self.settings[name][-1].clock_hz
                self.settings[name].append(Setting(self._kernel.now, clock, warmer))

    def _record_heat(self) -> None:
        if self._heat is not None:
            for name, kelvin in zip(self._heat.names, self._heat.kelvin, strict=True):
                self.temperature_counters[name].sample(self._kernel.now, float(kelvin) + KELVIN_TO_CELSIUS)

    def _limit(self, readings: dict[str, Reading], length_ps: int) -> None:
        if self._throttles and self._heat is not None:
            most = {name: len(clocks) - 1 for name, clocks in self._clocks.items()}
            for throttle in self._throttles:
                kelvin = float(self._heat.kelvin[self._heat.names.index(throttle.throttle.node)])
                throttle.update(self._kernel.now, kelvin, most)
        if self._caps:
            draws = {name: self._draw(name, reading, length_ps) for name, reading in readings.items()}
            for cap in self._caps:
                cap.update(draws)

    def _draw(self, name: str, reading: Reading, length_ps: int) -> Draw:
        unit, clocks = self._coefficients.units[name], self._clocks[name]
        point = clocks.index(self._executor.units[name].clock_hz)
        power = [clock * unit.squared(clock) for clock in clocks]
        seconds = length_ps * 1e-12
        scale = tuple(other / power[point] for other in power)
        return Draw(reading.dynamic_j / seconds, reading.static_j / seconds, point, scale)


def _clocks(coefficients: Coefficients, name: str, clock_hz: int) -> tuple[int, ...]:
    """A unit's operating points up to its clock, which is the highest."""
    points = coefficients.units[name].power.operating_points
    return (*(clock for clock, _ in points if clock < clock_hz), clock_hz)
