"""Scan-resistant replacement by reuse interval."""

from __future__ import annotations

from socsim.engine.memory.replacement.policy import replacements
from socsim.engine.memory.replacement.ranked import Ranked


@replacements.register("lirs")
class Lirs(Ranked):
    """Buffers that come back soon stay; a stream that is used once, or a loop that does not fit, cannot push them out.

    After LIRS (Jiang and Zhang, 2002), at buffer grain. Distances are counted in bytes touched. First stay those
    touched within the last `probation_bytes`, so that data just produced finds its reader; then those that have been
    reused, in the order of the larger of their last interval between uses and the time since the last one; then the
    rest, the most recent first. Of a loop larger than the cache a fixed part stays.
    """

    def __init__(self, capacity_bytes: int, probation_bytes: int = 0) -> None:
        super().__init__(capacity_bytes, probation_bytes)
        self._now_bytes = 0
        self._last: dict[int, int] = {}
        self._interval: dict[int, int] = {}

    def note(self, key: int, size_bytes: int, owner: int) -> None:
        last = self._last.get(key)
        if last is not None:
            self._interval[key] = self._now_bytes - last
        self._now_bytes += size_bytes
        self._last[key] = self._now_bytes

    def rank(self, key: int) -> tuple[int, int, int]:
        since = self._now_bytes - self._last[key]
        if since < self.probation_bytes:
            return 0, since, key
        interval = self._interval.get(key)
        if interval is None:
            return 2, since, key
        return 1, max(interval, since), key

    def forget(self, key: int) -> None:
        self._last.pop(key, None)
        self._interval.pop(key, None)
