"""The one interface of DRAM: what a set of active streams gets in all, and how long a read waits at a load."""

from __future__ import annotations

from typing import Protocol

from socsim.engine.memory.dram_window import WindowedDram
from socsim.engine.memory.efficiency import fluid_table, table_capacity, table_latency
from socsim.engine.memory.traffic import TrafficClass
from socsim.hardware import Soc


class DramModel(Protocol):
    """A model of the DRAM of one chip for one run. The fabric remembers the answers by the set of streams."""

    latency_varies: bool
    """Whether `added_latency` is ever more than nothing."""

    def capacity(self, streams: tuple[TrafficClass, ...]) -> float:
        """Bytes per second that the streams get in all when each asks for as much as it can."""

    def added_latency(self, streams: tuple[TrafficClass, ...], load: float) -> float:
        """Latency (ps) beyond that of an idle memory at a load, 0 to 1 of the capacity."""

    def notes(self) -> tuple[str, ...]:
        """What the run should tell about it."""


class FluidDram:
    """Peak times an efficiency by pattern, number of streams and share of reads; latency by load: from tables."""

    latency_varies: bool = True

    def __init__(self, soc: Soc) -> None:
        table = fluid_table(soc.dram.part)
        peak = soc.dram.peak_bytes_per_s * soc.dram.controller_efficiency
        self._capacity = table_capacity(table, peak, soc.dram.turnaround_fraction)
        self._latency = table_latency(table, soc.dram.arrivals)

    def capacity(self, streams: tuple[TrafficClass, ...]) -> float:
        """Bytes per second of peak times efficiency."""
        return self._capacity(streams)

    def added_latency(self, streams: tuple[TrafficClass, ...], load: float) -> float:
        """Latency (ps) at a load, 0 to 1 of the capacity, beyond that of one random read in an idle memory."""
        return self._latency(streams, load)

    def notes(self) -> tuple[str, ...]:
        """None."""
        return ()


def dram_model(soc: Soc) -> DramModel:
    """The model that the chip asks for. Raises `ConfigError` where its DRAM part is wrong."""
    return WindowedDram(soc) if soc.dram.model == "detailed" else FluidDram(soc)
