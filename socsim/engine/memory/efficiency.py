"""DRAM bandwidth as a table: the fraction of peak by pattern, number of streams and share of reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from socsim.engine.memory.traffic import TrafficClass


class EfficiencyTable:
    """`efficiency(streams) = stream term x read-share term`; random streams weigh in with their own fraction."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._streams = sorted((int(k), float(v)) for k, v in data["streams"].items())
        self._read_share = sorted((float(k), float(v)) for k, v in data["read_share"].items())
        self._random = float(data["random"])

    def fraction(self, streams: Sequence[TrafficClass]) -> float:
        """Fraction of peak that a set of (pattern, read share) streams gets in all."""
        num, term = zip(*self._streams, strict=True)
        sequential = float(np.interp(len(streams), num, term))
        random_part = sum(pattern == "random" for pattern, _ in streams) / len(streams)
        base = sequential * (1 - random_part) + min(self._random, sequential) * random_part
        reads = sum(share for _, share in streams) / len(streams)
        share, factor = zip(*self._read_share, strict=True)
        return base * float(np.interp(reads, share, factor))


@lru_cache(maxsize=8)
def _read_table(path: Path, modified_ns: int) -> EfficiencyTable:
    """The table of a file as it was last modified: a study makes thousands of runs with one table."""
    return EfficiencyTable(yaml.safe_load(path.read_text(encoding="utf-8")))


def table_capacity(path: Path, peak_bytes_per_s: float) -> Callable[[tuple[TrafficClass, ...]], float]:
    """Bytes per second for a set of streams, from a table file."""
    table = _read_table(path, path.stat().st_mtime_ns)
    return lambda streams: peak_bytes_per_s * table.fraction(streams)
