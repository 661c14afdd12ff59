"""Transfers per CPU second on a 4 x 4 mesh with memory at its four corners, interleaved over all."""

from __future__ import annotations

import random
from collections.abc import Callable

from socsim.cost.cpu import CpuParams
from socsim.engine.kernel import Kernel
from socsim.engine.memory.link import Flow
from socsim.engine.memory.system import MemorySystem
from socsim.hardware import Soc
from socsim.hardware.fabric.mesh import Mesh
from tests.benchmark.cases import case, repeated

TRANSFERS = 10_000
MEAN_PAUSE_PS = 1_000_000
"""Where clients pause for a random time between transfers, about half of them are active at any time."""


def mesh_soc(num_clients: int) -> Soc:
    """Clients at the routers, row by row."""
    corners = {"mc0": (0, 0), "mc1": (3, 0), "mc2": (0, 3), "mc3": (3, 3)}
    clients = {f"c{index}": (index % 4, index // 4 * (16 // num_clients)) for index in range(num_clients)}
    unit = {
        "kind": "cpu", "clock": "1 GHz", "cores": 1, "flop_per_cycle_per_core": {"fp32": 2}, "matrix_efficiency": 1.0,
    }  # fmt: skip
    return Soc.model_validate(
        {
            "name": "mesh",
            "fabric": Mesh.model_validate(
                {
                    "kind": "mesh", "columns": 4, "rows": 4, "bandwidth": "64 GB/s", "latency": "2 ns",
                    "attach": {**clients, **corners},
                }
            ),
            "units": [CpuParams.model_validate({"name": name, **unit}) for name in clients],
            "dram": {
                "part": "LPDDR5-6400", "node": tuple(corners), "channels": 16, "transfer_rate": "6400 MT/s",
                "capacity": "8 GiB", "latency": "100 ns",
            },
        }
    )  # fmt: skip


def mesh(num_clients: int, pausing: bool = False) -> Callable[[], int]:
    """Each client reads, or writes one time in four, blocks of random size, one after the other."""
    rng = random.Random(num_clients)
    kernel = Kernel()
    soc = mesh_soc(num_clients)
    memory = MemorySystem(kernel, soc, lambda streams: soc.dram.peak_bytes_per_s * 0.9)
    routes = list(memory.routes.values())
    fabric = memory.fabric
    left = TRANSFERS

    def start(client: int) -> None:
        nonlocal left
        if left:
            left -= 1
            levels = ((0, 1),) if rng.random() < 0.25 else ((1, 0),)
            traffic = routes[client].traffic(levels, "sequential")
            size = rng.randint(1_000, 100_000)
            fabric.start(Flow(size, traffic.path, routes[client].rate_cap, done, client, traffic.dram_class))

    def done(flow: Flow) -> None:
        fabric.leave(flow)
        if pausing:
            kernel.after(int(rng.expovariate(1 / MEAN_PAUSE_PS)), start, flow.owner)
        else:
            start(flow.owner)

    for client in range(num_clients):
        kernel.after(rng.randrange(MEAN_PAUSE_PS), start, client)

    def run() -> int:
        kernel.run()
        return TRANSFERS

    return run


for _clients, _target in ((4, 0), (8, 15_000), (16, 8_000)):
    case(f"fabric/mesh/{_clients}-clients", "transfers", _target)(repeated(mesh, _clients))
case("fabric/mesh/16-clients-pausing", "transfers")(repeated(mesh, 16, True))
