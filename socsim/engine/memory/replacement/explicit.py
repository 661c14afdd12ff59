"""Explicit residency: on-chip memory that a program fills once and keeps."""

from __future__ import annotations

from socsim.engine.memory.replacement.policy import replacements
from socsim.engine.memory.replacement.ranked import Ranked


@replacements.register("explicit")
class Explicit(Ranked):
    """What a program uses first stays, as far as it fits, until another program needs the room.

    Software decides what lies in such a memory, so no buffer of a program pushes out an earlier one of the same
    program: the rest streams past. Another program takes the room it needs from those that ran least recently.
    """

    def __init__(self, capacity_bytes: int, probation_bytes: int = 0) -> None:
        super().__init__(capacity_bytes, probation_bytes)
        self._num_touches = 0
        self._owner: dict[int, int] = {}
        self._first: dict[int, int] = {}
        self._owner_last: dict[int, int] = {}

    def note(self, key: int, size_bytes: int, owner: int) -> None:
        self._num_touches += 1
        if self._owner.setdefault(key, owner) != owner:
            self._owner[key] = owner
        self._first.setdefault(key, self._num_touches)
        self._owner_last[owner] = self._num_touches

    def rank(self, key: int) -> tuple[int, int]:
        return -self._owner_last[self._owner[key]], self._first[key]

    def forget(self, key: int) -> None:
        self._owner.pop(key, None)
        self._first.pop(key, None)
