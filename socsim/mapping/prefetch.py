"""When a compiler fetches weights: ahead of their layer, in the time that layers before it leave the memory idle.

Tasks of a segment run in order, and a task computes while it moves its bytes. Where its weights take longer than its
arithmetic, the rest may be fetched while earlier tasks compute, as far ahead as the unit's prefetch memory holds what
waits. Walking back from the last task, each task first takes in what is still to be fetched for later ones, up to the
time it leaves idle; what its own weights lack is passed on to the task before; what the memory cannot hold stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """A task in terms of its segment: how long it computes, its weight bytes, and the other bytes it moves."""

    compute_s: float
    weight_bytes: int
    other_bytes: int


@dataclass(frozen=True, slots=True)
class Fetch:
    """`size_bytes` of the weights of task `of` are fetched while task `during` runs (an earlier one)."""

    during: int
    of: int
    size_bytes: int


def prefetch(loads: Sequence[Load], bytes_per_s: float, capacity_bytes: int) -> list[Fetch]:
    """Which weights of one segment are fetched during earlier tasks, the earliest task first."""
    waiting: list[tuple[int, int]] = []
    fetches: list[Fetch] = []
    for position in range(len(loads) - 1, -1, -1):
        load = loads[position]
        room = int(load.compute_s * bytes_per_s) - load.other_bytes - load.weight_bytes
        if position == 0:
            room = sum(size for _, size in waiting)
        waiting = _take_in(waiting, room, position, fetches)
        lacking = min(load.weight_bytes, max(0, -room)) if position else 0
        if lacking:
            waiting.append((position, lacking))
        held = sum(size for _, size in waiting)
        waiting = _take_in(waiting, held - capacity_bytes, position, fetches)
    return [fetch for fetch in reversed(fetches) if fetch.during != fetch.of]


def _take_in(
    waiting: list[tuple[int, int]], room_bytes: int, during: int, fetches: list[Fetch]
) -> list[tuple[int, int]]:
    """Fetch what waits, the soonest needed first, up to `room_bytes`; returns what still waits."""
    left = []
    for of, size in sorted(waiting):
        taken = min(size, max(0, room_bytes))
        if taken:
            fetches.append(Fetch(during, of, taken))
            room_bytes -= taken
        if size > taken:
            left.append((of, size - taken))
    return left
