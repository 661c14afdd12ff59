"""The parts of a chip as the engine runs them."""

from __future__ import annotations

from socsim.engine.kernel import Kernel
from socsim.engine.memory.dram_model import dram_model
from socsim.engine.memory.request_fabric import RequestDram
from socsim.engine.memory.system import MemorySystem
from socsim.engine.schedulers import schedulers
from socsim.engine.unit import UnitState
from socsim.hardware import Soc


def memory_system(kernel: Kernel, soc: Soc) -> MemorySystem:
    """Fabric, caches and DRAM of a chip. Raises `ConfigError` where its DRAM part is wrong."""
    if soc.dram.sampling == "off":
        requests = RequestDram(soc)
        return MemorySystem(kernel, soc, lambda streams: soc.dram.peak_bytes_per_s, None, requests.notes, requests)
    dram = dram_model(soc)
    return MemorySystem(kernel, soc, dram.capacity, dram.added_latency if dram.latency_varies else None, dram.notes)


def unit_states(soc: Soc, memory: MemorySystem, scheduler: str) -> dict[str, UnitState]:
    """The units of a chip, each with its route and an empty queue."""
    queue_type = schedulers.get(scheduler, "--scheduler")
    units = {unit.name: UnitState(unit, memory.routes[unit.name], queue_type()) for unit in soc.units}
    for unit in soc.units:
        if unit.host is not None:
            units[unit.name].host = units[unit.host]
    return units
