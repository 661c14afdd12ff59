"""Temperatures of a run whose clocks did not depend on them, from its power over time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from socsim.engine.power.steps import Steps
from socsim.engine.power.thermal import ThermalNetwork
from socsim.hardware import Soc
from socsim.result import Counter

KELVIN_TO_CELSIUS = -273.15
_MOST_SAMPLES = 2_000


def thermal_nodes(soc: Soc, network: ThermalNetwork) -> dict[str, int]:
    """Where the heat of each unit, of the fabric and of DRAM goes, where the network has such a node."""
    assert soc.power is not None
    wanted = {unit.name: unit.node or unit.name for unit in soc.power.units}
    wanted |= {"fabric": soc.power.fabric_node or "fabric", "dram": soc.power.dram_node or "dram"}
    return {name: network.names.index(node) for name, node in wanted.items() if node in network.names}


def temperature_counter(node: str) -> Counter:
    """An empty series of a node's temperature."""
    return Counter(f"{node} temperature", "degC", "temperature")


class HeatRecord:
    """The temperatures of a run's thermal nodes, window by window: the mean over each control interval heats, or over
    longer ones where a window is long."""

    def __init__(self, soc: Soc) -> None:
        self._network = ThermalNetwork(soc.thermal) if soc.thermal is not None and soc.power is not None else None
        if self._network is not None and soc.power is not None:
            self._nodes = thermal_nodes(soc, self._network)
            self._interval_ps = soc.power.interval
        self._is_begun = False

    def add(
        self, power: Mapping[str, Steps], window_ps: tuple[int, int], most_samples: int = 64
    ) -> tuple[Counter, ...]:
        """One series per node over the time of a window; `power` is that of units, `fabric` and `dram`."""
        network = self._network
        if network is None or window_ps[1] <= window_ps[0]:
            return ()
        begin_ps, end_ps = window_ps
        interval = max(self._interval_ps, -(-(end_ps - begin_ps) // most_samples), 1)
        edges = np.append(np.arange(begin_ps, end_ps, interval, dtype=np.int64), end_ps)
        seconds = np.diff(edges) * 1e-12
        heating = np.zeros((len(seconds), len(network.names)))
        for name, node in self._nodes.items():
            heating[:, node] += np.diff(power[name].energy_until(edges)) / seconds
        counters = [temperature_counter(name) for name in network.names]
        if not self._is_begun:
            for counter, kelvin in zip(counters, network.kelvin, strict=True):
                counter.sample(begin_ps, float(kelvin) + KELVIN_TO_CELSIUS)
        self._is_begun = True
        for index, length in enumerate(seconds):
            for counter, kelvin in zip(counters, network.step(float(length), heating[index]), strict=True):
                counter.sample(int(edges[index + 1]), float(kelvin) + KELVIN_TO_CELSIUS)
        return tuple(counters)


def temperatures(soc: Soc, power: Mapping[str, Steps], window_ps: tuple[int, int]) -> tuple[Counter, ...]:
    """One series per thermal node over a whole run."""
    return HeatRecord(soc).add(power, window_ps, _MOST_SAMPLES)
