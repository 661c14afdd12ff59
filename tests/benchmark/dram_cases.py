"""Requests of 64 B per CPU second of the detailed DRAM model alone: one channel of LPDDR5-6400 that is kept full."""

from __future__ import annotations

from collections.abc import Callable

from socsim.engine.memory.dram.channel import describe_part
from socsim.engine.memory.dram.compiled import numba_is_installed
from socsim.engine.memory.dram.part import load_part
from socsim.engine.memory.dram.placement import client
from socsim.engine.memory.dram.system import EngineName, run_memory_system
from tests.benchmark.cases import case, repeated

WARM = 20_000


def requests(engine: EngineName, random: bool, cycles: int) -> Callable[[], int]:
    """One client with 64 requests in flight; the machine code is loaded before."""
    memory = describe_part(load_part("LPDDR5-6400"))
    clients = [client(random=random)]
    run_memory_system(memory, clients, 1000, 0, engine)

    def work() -> int:
        counts = run_memory_system(memory, clients, cycles, WARM, engine).counts
        channel = counts.channels[0]
        return (channel.read_bursts + channel.write_bursts) * memory.parameters.burst_bytes // 64

    return work


if numba_is_installed():
    case("dram/compiled/sequential", "requests", 500_000)(repeated(requests, "compiled", False, 2_000_000))
    case("dram/compiled/random", "requests", 350_000)(repeated(requests, "compiled", True, 2_000_000))
case("dram/interpreted/sequential", "requests", 80_000)(repeated(requests, "interpreted", False, 400_000))
case("dram/interpreted/random", "requests", 35_000)(repeated(requests, "interpreted", True, 200_000))
