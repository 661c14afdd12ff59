"""Transfers per CPU second through the fluid fabric: closed loops of clients with transfers of random size."""

from __future__ import annotations

import random
from collections.abc import Callable

from socsim.engine.kernel import Kernel
from socsim.engine.memory.fabric import Fabric
from socsim.engine.memory.link import Flow, LinkState
from tests.benchmark.cases import case, repeated

TRANSFERS = 20_000


def one_link(num_clients: int) -> Callable[[], int]:
    """Clients with fixed caps of their own on one shared link; each starts its next transfer when the last one ends."""
    rng = random.Random(num_clients)
    kernel = Kernel()
    link = LinkState(0, "link", 100e9)
    fabric = Fabric(kernel, [link])
    path = fabric.path(((link, 1.0),))
    caps = [rng.uniform(0.5, 3.0) * 0.1 / num_clients for _ in range(num_clients)]
    sizes = [rng.randint(1_000, 100_000) for _ in range(TRANSFERS)]
    started = 0

    def start(client: int) -> None:
        nonlocal started
        if started < TRANSFERS:
            size = sizes[started]
            started += 1
            fabric.start(Flow(size, path, caps[client], done, client))

    def done(flow: Flow) -> None:
        fabric.leave(flow)
        start(flow.owner)

    for client in range(num_clients):
        kernel.after(0, start, client)

    def run() -> int:
        kernel.run()
        return TRANSFERS

    return run


for _clients, _target in ((1, 0), (4, 0), (16, 100_000), (64, 0), (256, 0)):
    case(f"fabric/one-link/{_clients}-clients", "transfers", _target)(repeated(one_link, _clients))
