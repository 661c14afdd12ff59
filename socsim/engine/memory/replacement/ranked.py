"""Policies that rank buffers and hold the best of them, the last one in part.

The rank must not depend on the capacity. Then, whatever the order is and however it changes, a larger cache holds all
that a smaller one holds: after each touch both are cut down to the best bytes of what they hold, and the larger one
never has more bytes to cut than the smaller. So a smaller cache never lowers traffic, as under LRU.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from socsim.engine.memory.replacement.policy import Replacement


class Held:
    """A buffer that is held, from its first byte on: `held` bytes, of which the first `dirty` await writing back."""

    __slots__ = ("dirty", "held")

    def __init__(self) -> None:
        self.held = 0
        self.dirty = 0


class Ranked(Replacement):
    """Holds the buffers of the best rank; the worst of them gives up its end when room is needed, perhaps the one that
    was just touched."""

    def __init__(self, capacity_bytes: int, probation_bytes: int = 0) -> None:
        super().__init__(capacity_bytes, probation_bytes)
        self._held: dict[int, Held] = {}

    @abstractmethod
    def note(self, key: int, size_bytes: int, owner: int) -> None:
        """A buffer is touched: remember what its rank needs."""

    @abstractmethod
    def rank(self, key: int) -> Any:
        """The larger, the sooner it leaves. Comparable, different for different buffers."""

    @abstractmethod
    def forget(self, key: int) -> None:
        """A buffer is dead: its history is no longer needed."""

    def touch(self, key: int, size_bytes: int, dirty: bool, owner: int = 0) -> tuple[int, int, int]:
        self.note(key, size_bytes, owner)
        entry = self._held.get(key)
        if entry is None:
            entry = self._held[key] = Held()
        before = min(entry.held, size_bytes)
        self.resident_bytes += size_bytes - entry.held
        entry.held = size_bytes
        entry.dirty = size_bytes if dirty else min(entry.dirty, size_bytes)
        written_back = self._make_room() if self.resident_bytes > self.capacity_bytes else 0
        return before, entry.held, written_back

    def drop(self, key: int) -> None:
        entry = self._held.pop(key, None)
        if entry is not None:
            self.resident_bytes -= entry.held
        self.forget(key)

    def _make_room(self) -> int:
        written_back = 0
        excess = self.resident_bytes - self.capacity_bytes
        for key in sorted(self._held, key=self.rank, reverse=True):
            entry = self._held[key]
            leaving = min(entry.held, excess)
            entry.held -= leaving
            if entry.dirty > entry.held:
                written_back += entry.dirty - entry.held
                entry.dirty = entry.held
            if not entry.held:
                del self._held[key]
            excess -= leaving
            if not excess:
                break
        self.resident_bytes = self.capacity_bytes
        return written_back
