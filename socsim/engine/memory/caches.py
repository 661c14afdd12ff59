"""Caches at buffer grain: which bytes of an access are served on chip, and what is written back.

Reading a buffer again hits exactly when the buffer and all that was touched since fit the cache together: under LRU at
byte grain a sequential sweep gives every byte of a buffer that same reuse distance, so a buffer hits whole or not at
all, and a smaller cache never hits more (Mattson et al., Evaluation techniques for storage hierarchies, 1970).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from socsim.registry import Registry
from socsim.result import Counter

Lookup = tuple[int, int, int, int, int, tuple[bool, ...]]
"""(scope, key within the scope, buffer size, bytes read, bytes written, whether each cache on the way allocates)."""


class Replacement(ABC):
    """Which buffers stay. Keys are buffers; sizes are in bytes; `touch` and `drop` are the whole contract."""

    def __init__(self, capacity_bytes: int) -> None:
        self.capacity_bytes = capacity_bytes
        self.resident_bytes = 0

    @abstractmethod
    def touch(self, key: int, size_bytes: int, dirty: bool) -> tuple[bool, int]:
        """A buffer is used as a whole: (it was resident, bytes of dirty buffers that had to leave for it)."""

    @abstractmethod
    def drop(self, key: int) -> None:
        """A buffer is dead: forget it without writing it back."""


replacements: Registry[type[Replacement]] = Registry("replacement policy")


@replacements.register("lru")
class Lru(Replacement):
    """Least recently used leaves first. A buffer larger than the cache passes through and leaves nothing behind."""

    def __init__(self, capacity_bytes: int) -> None:
        super().__init__(capacity_bytes)
        self._buffers: OrderedDict[int, tuple[int, bool]] = OrderedDict()

    def touch(self, key: int, size_bytes: int, dirty: bool) -> tuple[bool, int]:
        buffers = self._buffers
        known = buffers.pop(key, None)
        if known is not None:
            self.resident_bytes -= known[0]
            dirty = dirty or known[1]
        buffers[key] = (size_bytes, dirty)
        self.resident_bytes += size_bytes
        written_back = 0
        while self.resident_bytes > self.capacity_bytes:
            _, (size, was_dirty) = buffers.popitem(last=False)
            self.resident_bytes -= size
            if was_dirty:
                written_back += size
        return known is not None, written_back

    def drop(self, key: int) -> None:
        known = self._buffers.pop(key, None)
        if known is not None:
            self.resident_bytes -= known[0]


class CacheState:
    """A cache while time runs: what it holds, what it has served."""

    __slots__ = (
        "_samples", "clients", "hit_bytes", "miss_bytes", "name", "replacement", "roles", "writeback_bytes",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        replacement: Replacement,
        clients: frozenset[str] | None,
        roles: frozenset[str] | None,
    ) -> None:
        self.name = name
        self.replacement = replacement
        self.clients = clients
        self.roles = roles
        self.hit_bytes = 0
        self.miss_bytes = 0
        self.writeback_bytes = 0
        self._samples = array("q")

    def allocates(self, client: str, role: str) -> bool:
        """Whether buffers of a role stay here when a client uses them; what does not allocate passes by."""
        return (self.clients is None or client in self.clients) and (self.roles is None or role in self.roles)

    def sweep(self, lookups: Sequence[Lookup], bases: Sequence[int], now_ps: int) -> tuple[int, int]:
        """Accesses of one task that allocate: (bytes to read from beyond, bytes to write there).

        `bases[scope] + key` is the buffer. Repeated passes over a resident buffer hit; what is written stays until it
        is pushed out. A buffer that is larger than the cache misses on every pass.
        """
        replacement = self.replacement
        touch, capacity = replacement.touch, replacement.capacity_bytes
        before = replacement.resident_bytes
        total_read = total_missed = total_written = 0
        for scope, key, size, read_bytes, write_bytes, _ in lookups:
            hit, written_back = touch(bases[scope] + key, size, write_bytes > 0)
            total_written += written_back
            total_read += read_bytes
            if not hit:
                total_missed += read_bytes if read_bytes < size or size > capacity else size
        self.writeback_bytes += total_written
        self.hit_bytes += total_read - total_missed
        self.miss_bytes += total_missed
        if replacement.resident_bytes != before:
            self._samples.extend((now_ps, replacement.resident_bytes))
        return total_missed, total_written

    def drop(self, keys: Sequence[int], now_ps: int) -> None:
        """Dead buffers leave without being written back."""
        replacement = self.replacement
        before = replacement.resident_bytes
        if not before:
            return
        for key in keys:
            replacement.drop(key)
        if replacement.resident_bytes != before:
            self._samples.extend((now_ps, replacement.resident_bytes))

    def occupancy(self) -> Counter:
        """Resident bytes over time."""
        rows = np.frombuffer(self._samples, dtype=np.int64).reshape(-1, 2)
        rows = rows[np.append(rows[1:, 0] != rows[:-1, 0], True)] if len(rows) else rows
        return Counter(f"{self.name} occupancy", "B", "cache", rows[:, 0], rows[:, 1].astype(np.float64))
