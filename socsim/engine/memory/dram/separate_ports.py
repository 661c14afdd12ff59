"""Reads and writes of one client through ports of their own, as over a bus with separate address channels.

Through one port in order, a write that finds its queue full holds back the reads behind it, and memory turns around for
every few requests. Through two, reads go on while writes gather in their queue until it is worth while to drain it.
Writes keep step with the reads, whose results they are: there are as many for each read as the shares say, and never
more than a window behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from socsim.engine.memory.dram.parameters import ClientParameters

_SPREAD = 0x9E3779B1
"""Where writes begin, beside reads: multiples of 2^32 / golden ratio spread evenly over rows and banks."""
_SEEDS_APART = 500_009


def separate_ports(clients: Sequence[ClientParameters]) -> tuple[list[ClientParameters], list[int]]:
    """The clients, those of both reads and writes that are to have separate ports as two, and whose port each is."""
    found: list[ClientParameters] = []
    owners: list[int] = []
    for owner, client in enumerate(clients):
        writes = client.write_fraction
        if not client.separate or not 0 < writes < 1:
            found.append(client)
            owners.append(owner)
            continue
        half = client.region >> 1
        start = client.seed * _SPREAD % half // client.size * client.size
        found.append(replace(client, write_fraction=0.0, gap=client.gap / (1 - writes)))
        found.append(
            replace(
                client, write_fraction=1.0, gap=client.gap / writes, base=client.base - half + start,
                seed=client.seed + _SEEDS_APART, posted=True, follows=len(found) - 1,
                per_request=writes / (1 - writes),
            )
        )  # fmt: skip
        owners += [owner, owner]
    return found, owners
