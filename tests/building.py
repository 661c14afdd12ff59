"""Small chips and task graphs for tests of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from socsim.cost.cpu import CpuParams
from socsim.engine.executor import Executor
from socsim.engine.kernel import Kernel
from socsim.engine.memory.dram_model import DramModel
from socsim.engine.memory.loaded_latency import LatencyCurve
from socsim.engine.memory.request_fabric import RequestDram
from socsim.engine.memory.system import MemorySystem
from socsim.engine.schedulers.fifo import Fifo
from socsim.engine.schedulers.policy import ReadyQueue
from socsim.engine.unit import UnitState
from socsim.hardware import Soc
from socsim.taskgraph import Access, Buffer, Release, Task, TaskGraph, TaskSource, Variant

CLOCK_HZ = 10**9
"""One cycle is 1000 ps."""


def make_soc(units: dict[str, dict[str, Any]], port_gb_per_s: float = 1000, latency: str = "50 ns") -> Soc:
    """A chip whose units each reach DRAM over a port of their own, a node `noc` and one link."""
    parts = [
        {
            "name": name, "kind": "cpu", "clock": "1 GHz", "cores": 1, "flop_per_cycle_per_core": {"fp32": 2},
            "matrix_efficiency": 1.0, "launch_overlap": True, **changes,
        }
        for name, changes in units.items()
    ]  # fmt: skip
    links = [
        {"name": f"{name}_port", "between": [name, "noc"], "bandwidth": f"{port_gb_per_s} GB/s", "latency": latency}
        for name in units
    ]
    links.append({"name": "noc_dram", "between": ["noc", "dram"], "bandwidth": "100000 GB/s"})
    soc = Soc.model_validate(
        {
            "name": "test", "links": links,
            "units": [CpuParams.model_validate(part) for part in parts],
            "dram": {
                "part": "LPDDR5-6400", "channels": 1, "transfer_rate": "50000 MT/s",
                "capacity": "8 GiB", "latency": "100 ns",
            },
        }
    )  # fmt: skip
    assert soc.dram.peak_bytes_per_s == 100e9
    return soc


def make_task(
    unit: str = "a",
    cycles: int = 0,
    read_bytes: int = 0,
    write_bytes: int = 0,
    after: Sequence[int] = (),
    *,
    ahead: bool = False,
    name: str = "t",
    **variant: Any,
) -> Task:
    """A task with one variant that reads buffer 0 and writes buffer 1."""
    accesses = []
    if read_bytes:
        accesses.append(Access(0, read_bytes, 0, ahead=ahead, whole=False))
    if write_bytes:
        accesses.append(Access(1, 0, write_bytes, whole=False))
    return Task(name, name, "matmul", tuple(after), (Variant(unit, cycles, tuple(accesses), **variant),))


def make_graph(tasks: Sequence[Task], name: str = "graph") -> TaskGraph:
    """A template over two large buffers."""
    buffers = (Buffer("in", 2**40, "activation", "instance"), Buffer("out", 2**40, "activation", "instance"))
    return TaskGraph(name, tuple(tasks), buffers, workload=name)


class Once(TaskSource):
    """Releases graphs at given times, each as a stream of its own."""

    def __init__(self, graphs: Sequence[tuple[int, TaskGraph]], priorities: Sequence[int] | None = None) -> None:
        self._graphs = graphs
        self._priorities = priorities or [0] * len(graphs)

    def begin(self) -> list[Release]:
        return [
            Release(time_ps, f"s{index}", graph, 0, priority=self._priorities[index])
            for index, (time_ps, graph) in enumerate(self._graphs)
        ]

    def arrived(self, release: Release, now_ps: int) -> tuple[Release, ...]:
        return ()

    def completed(self, release: Release, now_ps: int) -> tuple[Release, ...]:
        return ()


def execute(
    soc: Soc,
    graphs: Sequence[tuple[int, TaskGraph]],
    dram_bytes_per_s: float = 100e9,
    queue: type[ReadyQueue] = Fifo,
    priorities: Sequence[int] | None = None,
    latency: LatencyCurve | None = None,
    model: DramModel | None = None,
    requests: RequestDram | None = None,
    executor_type: type[Executor] = Executor,
) -> Executor:
    """Run graphs released at given times over a DRAM that always carries the same; `latency` is what load adds. With a
    `model` that says both; with `requests` each of them is simulated."""
    kernel = Kernel()
    if model is not None:
        memory = MemorySystem(kernel, soc, model.capacity, model.added_latency if model.latency_varies else None)
    elif requests is not None:
        memory = MemorySystem(kernel, soc, lambda streams: soc.dram.peak_bytes_per_s, requests=requests)
    else:
        memory = MemorySystem(kernel, soc, lambda streams: dram_bytes_per_s, latency)
    units = {unit.name: UnitState(unit, memory.routes[unit.name], queue()) for unit in soc.units}
    for unit in soc.units:
        if unit.host is not None:
            units[unit.name].host = units[unit.host]
    executor = executor_type(kernel, units, memory, Once(graphs, priorities))
    executor.run()
    return executor
