"""Caches at buffer grain: which bytes of an access are served on chip, and what is written back.

Reading a buffer again hits exactly when the buffer and all that was touched since fit the cache together: under LRU at
byte grain a sequential sweep gives every byte of a buffer that same reuse distance, so a buffer hits whole or not at
all, and a smaller cache never hits more (Mattson et al., Evaluation techniques for storage hierarchies, 1970).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict

from socsim.registry import Registry
from socsim.result import Counter


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
        "clients", "hit_bytes", "miss_bytes", "name", "node", "occupancy", "replacement", "roles", "writeback_bytes",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        node: str,
        replacement: Replacement,
        clients: frozenset[str] | None,
        roles: frozenset[str] | None,
    ) -> None:
        self.name = name
        self.node = node
        self.replacement = replacement
        self.clients = clients
        self.roles = roles
        self.hit_bytes = 0
        self.miss_bytes = 0
        self.writeback_bytes = 0
        self.occupancy = Counter(f"{name} occupancy", "B", "cache")

    def access(
        self, key: int, size_bytes: int, read_bytes: int, write_bytes: int, role: str, client: str, now_ps: int
    ) -> tuple[int, int, int]:
        """An access to a buffer: (bytes to read from beyond, bytes to write through, bytes written back of others).

        Repeated passes over a resident buffer hit. Part of a buffer (rows of a table, new rows of a cache) passes by:
        what will be reused of it is not known at this grain. Clients and roles without allocation pass by, too.
        """
        allocates = (self.clients is None or client in self.clients) and (self.roles is None or role in self.roles)
        if not allocates or max(read_bytes, write_bytes) < size_bytes or size_bytes == 0:
            self.miss_bytes += read_bytes
            return read_bytes, write_bytes, 0
        replacement = self.replacement
        before = replacement.resident_bytes
        hit, written_back = replacement.touch(key, size_bytes, write_bytes > 0)
        if replacement.resident_bytes != before:
            self.occupancy.sample(now_ps, replacement.resident_bytes)
        self.writeback_bytes += written_back
        if hit:
            missed = 0
        elif size_bytes <= replacement.capacity_bytes:
            missed = min(read_bytes, size_bytes)
        else:
            missed = read_bytes
        self.hit_bytes += read_bytes - missed
        self.miss_bytes += missed
        return missed, 0, written_back

    def drop(self, key: int, now_ps: int) -> None:
        """A dead buffer leaves without being written back."""
        replacement = self.replacement
        before = replacement.resident_bytes
        replacement.drop(key)
        if replacement.resident_bytes != before:
            self.occupancy.sample(now_ps, replacement.resident_bytes)
