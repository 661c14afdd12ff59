"""Caches and on-chip memories at buffer grain: what of an access is served on chip, what is written back."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from socsim.engine.memory.replacement import Lookup, Replacement
from socsim.result import Counter

_WIDTH = 4


class CacheState:
    """A cache while time runs: what it holds, what it has served."""

    __slots__ = (
        "_samples", "clients", "hit_bytes", "miss_bytes", "name", "replacement", "roles", "writeback_bytes",
    )  # fmt: skip

    def __init__(
        self, name: str, replacement: Replacement, clients: frozenset[str] | None, roles: frozenset[str] | None
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
        """Accesses of one task that allocate: (bytes to read from beyond, bytes to write there). What is written stays
        until it is pushed out."""
        replacement = self.replacement
        read, missed, written = replacement.sweep(lookups, bases)
        self.writeback_bytes += written
        self.hit_bytes = hit_bytes = self.hit_bytes + read - missed
        self.miss_bytes = miss_bytes = self.miss_bytes + missed
        self._samples.fromlist([now_ps, replacement.resident_bytes, hit_bytes, miss_bytes])
        return missed, written

    def drop(self, keys: Sequence[int], now_ps: int) -> None:
        """Dead buffers leave without being written back."""
        replacement = self.replacement
        before = replacement.resident_bytes
        for key in keys:
            replacement.drop(key)
        if replacement.resident_bytes != before:
            self._samples.fromlist([now_ps, replacement.resident_bytes, self.hit_bytes, self.miss_bytes])

    def counters(self, until_ps: int | None = None) -> tuple[Counter, ...]:
        """Resident bytes over time, and bytes hit and missed so far. With a time, only what was sampled before it,
        which is forgotten."""
        rows = np.frombuffer(self._samples, dtype=np.int64).reshape(-1, _WIDTH)
        if until_ps is not None:
            rows = rows[: int(np.searchsorted(rows[:, 0], until_ps))].copy()
            del self._samples[: rows.size]
        rows = rows[np.append(rows[1:, 0] != rows[:-1, 0], True)] if len(rows) else rows
        found = []
        for column, what in ((1, "occupancy"), (2, "hit bytes"), (3, "miss bytes")):
            values = rows[:, column]
            changed = np.append(True, values[1:] != values[:-1]) if len(rows) else np.empty(0, dtype=bool)
            times, values = rows[changed, 0], values[changed].astype(np.float64)
            found.append(Counter(f"{self.name} {what}", "B", "cache", times, values))
        return tuple(found)
