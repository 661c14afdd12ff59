"""The contract of a replacement policy at buffer grain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from socsim.registry import Registry

Lookup = tuple[int, int, int, int, int, tuple[bool, ...], int]
"""(scope, key within the scope, buffer size, bytes read, bytes written, whether each cache on the way allocates, whose
program it is)."""


class Replacement(ABC):
    """Which buffers stay, whole or in part. Keys are buffers; sizes are in bytes.

    `probation_bytes` is a parameter that a policy may use. `resident_bytes` never exceeds the capacity between calls.
    """

    def __init__(self, capacity_bytes: int, probation_bytes: int = 0) -> None:
        self.capacity_bytes = capacity_bytes
        self.probation_bytes = probation_bytes
        self.resident_bytes = 0

    @abstractmethod
    def touch(self, key: int, size_bytes: int, dirty: bool, owner: int = 0) -> tuple[int, int, int]:
        """A buffer is used as a whole: read, or written where `dirty`. `owner` is whose program uses it.

        Returns (bytes of it that were held before, bytes of it that are held now, bytes written back for it).
        """

    def sweep(self, lookups: Sequence[Lookup], bases: Sequence[int]) -> tuple[int, int, int]:
        """One task's accesses in turn: (bytes read, bytes of them that were missed, bytes written back).

        `bases[scope] + key` is the buffer. The first pass over a buffer misses what was not held of it, further passes
        what is not held afterwards.
        """
        total = missed = written = 0
        for scope, key, size, read_bytes, write_bytes, _, owner in lookups:
            held, kept, written_back = self.touch(bases[scope] + key, size, write_bytes > 0, owner)
            written += written_back
            total += read_bytes
            if read_bytes and (held < size or kept < size):
                first = min(read_bytes, size)
                beyond = first * (size - held) + (read_bytes - first) * (size - kept)
                missed += -(-beyond // size)
        return total, missed, written

    @abstractmethod
    def drop(self, key: int) -> None:
        """A buffer is dead: forget it without writing it back."""


replacements: Registry[type[Replacement]] = Registry("replacement policy")
