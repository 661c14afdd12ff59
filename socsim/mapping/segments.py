"""Segments: consecutive tasks that a unit runs as one program, without data from other units in between."""

from __future__ import annotations

from collections.abc import Sequence


def new_programs(unit_of: Sequence[object], producers: Sequence[Sequence[int]]) -> list[bool]:
    """Which tasks start a new program on their unit: the first there, and one that needs what another unit computed
    after the unit's present program began (for a program has to have its inputs when it starts)."""
    first: dict[object, int] = {}
    starts = []
    for position, unit in enumerate(unit_of):
        begun = first.get(unit)
        new = begun is None or any(unit_of[before] != unit and before >= begun for before in producers[position])
        if new:
            first[unit] = position
        starts.append(new)
    return starts
