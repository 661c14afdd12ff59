"""Clients at places drawn by chance.

Where streams meet in the same bank again and again, bandwidth depends on where their data happens to lie. What can be
expected of memory is therefore a mean over places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from socsim.engine.memory.dram.compiled import numba_is_installed
from socsim.engine.memory.dram.draws import UNIFORM_SHIFT, UNIT, first_state, next_state
from socsim.engine.memory.dram.parameters import ClientParameters
from socsim.engine.memory.dram.system import EngineName, MemoryDescription, MemoryResult, run_memory_system

REGION_BYTES = 1 << 26
REQUEST_BYTES = 64


PACES_DIFFER = 0.03
"""Paces are drawn from this range around the one asked for, up and down: else clients would march in step."""


def place(clients: Sequence[ClientParameters], draw: int) -> list[ClientParameters]:
    """The clients, each in a region of its own from a place in it on, with paces and seeds that belong to a draw."""
    chance = _chance(draw)
    blocks = REGION_BYTES // REQUEST_BYTES
    placed = []
    for index, client in enumerate(clients):
        base = 2 * index * REGION_BYTES + int(next(chance) * blocks) * REQUEST_BYTES
        pace = 1.0 if client.poisson else 1.0 + PACES_DIFFER * (2 * next(chance) - 1)
        placed.append(replace(client, base=base, gap=client.gap * pace, seed=1 + draw * 1009 + index))
    return placed


def _chance(draw: int) -> Iterator[float]:
    """Numbers evenly between 0 and 1."""
    x = first_state(draw)
    while True:
        x = next_state(x)
        yield (x >> UNIFORM_SHIFT) * UNIT


def run_at_places(
    memory: MemoryDescription,
    clients: Sequence[ClientParameters],
    draws: Sequence[int],
    measured_cycles: int,
    warm_cycles: int,
) -> list[MemoryResult]:
    """One run per draw."""
    engine: EngineName = "compiled" if numba_is_installed() else "interpreted"
    return [run_memory_system(memory, place(clients, draw), measured_cycles, warm_cycles, engine) for draw in draws]


def client(
    random: bool = False,
    window: int = 64,
    write_fraction: float = 0.0,
    gap_cycles: float = 0.0,
    poisson: bool = False,
    stride: int = REQUEST_BYTES,
) -> ClientParameters:
    """A client of 64 B requests: a stream or random ones; as fast as its window lets it, or every so many cycles.

    What it writes comes through a port of its own.
    """
    return ClientParameters(
        random=random, gap=gap_cycles, window=window, write_fraction=write_fraction, base=0, region=REGION_BYTES,
        stride=stride, poisson=poisson, size=REQUEST_BYTES, separate=True,
    )  # fmt: skip


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean."""
    return sum(values) / len(values)
