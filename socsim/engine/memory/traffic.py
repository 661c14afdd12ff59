"""What memory sees of a stream, and how a set of streams becomes a cheap key."""

from __future__ import annotations

from collections.abc import Callable

TrafficClass = tuple[str, float]
"""What DRAM sees of a stream: its pattern ("sequential", "random", "strided" or "strided:4096" where the stride is
known) and its share of reads, 0 to 1 in steps of 1/32."""

DramCapacity = Callable[[tuple[TrafficClass, ...]], float]
"""Bytes per second that DRAM serves in all to a set of streams."""

_READ_SHARE_STEPS = 32
_BITS = 16
"""A mix counts up to 2**16 - 1 streams of a class."""


class TrafficClasses:
    """Marks for the traffic classes of a run. The sum of the marks of a set of streams is a key for the set (its mix):
    each class counts in digits of its own."""

    def __init__(self) -> None:
        self._marks: dict[TrafficClass, int] = {}

    def mark(self, pattern: str, read_bytes: int, write_bytes: int) -> int:
        """The mark of the class that a stream of these bytes belongs to."""
        moved = read_bytes + write_bytes
        steps = round(read_bytes / moved * _READ_SHARE_STEPS) if moved else _READ_SHARE_STEPS
        traffic_class = (pattern, steps / _READ_SHARE_STEPS)
        known = self._marks.get(traffic_class)
        if known is None:
            known = self._marks[traffic_class] = 1 << _BITS * len(self._marks)
        return known

    def streams(self, mix: int) -> tuple[TrafficClass, ...]:
        """The streams of a mix, sorted."""
        found: list[TrafficClass] = []
        for traffic_class in self._marks:
            found += [traffic_class] * (mix & (1 << _BITS) - 1)
            mix >>= _BITS
        return tuple(sorted(found))


def capacity_rule(serve: DramCapacity, classes: TrafficClasses) -> Callable[[int], float]:
    """A memoised link rule in bytes per ps of a DRAM model: it depends on the set of streams, not on their rates."""
    known: dict[int, float] = {}

    def rule(mix: int) -> float:
        value = known.get(mix)
        if value is None:
            value = known[mix] = serve(classes.streams(mix)) * 1e-12
        return value

    return rule
