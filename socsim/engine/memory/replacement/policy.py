"""The contract of a replacement policy at buffer grain."""

from __future__ import annotations

from abc import ABC, abstractmethod

from socsim.registry import Registry


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

    @abstractmethod
    def drop(self, key: int) -> None:
        """A buffer is dead: forget it without writing it back."""


replacements: Registry[type[Replacement]] = Registry("replacement policy")
