"""DRAM as tables: what share of its peak a set of streams gets, and how latency grows with load.

A table comes from the detailed model (`socsim.engine.memory.dram.characterize`), one file per DRAM part. Between its
points it is linear, outside it keeps its last value.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from socsim.engine.memory.traffic import TrafficClass
from socsim.errors import ConfigError
from socsim.hardware import hardware_folder
from socsim.registry import did_you_mean

_STRIDED = "strided:"
Arrivals = Literal["paced", "poisson", "closed"]
"""How requests come: at a pace, by chance, or each when data of an earlier one is back."""


class FluidTable:
    """Bandwidth and latency of one DRAM part by number of streams, share of random ones and mean share of reads."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        axes = data["efficiency"]
        self._axes = (axes["streams"], axes["random_fraction"], axes["read_fraction"])
        self._fractions = axes["peak_fraction"]
        self._full_ns = axes["latency_ns"]
        latency = data["latency"]
        where = (latency["streams"], latency["random_fraction"], latency["read_fraction"])
        loads = latency["load_fraction"]
        opened, closed = (*where, loads), (*where, latency.get("closed_load_fraction", loads))
        self._latency_axes = {"paced": opened, "poisson": opened, "closed": closed}
        # a table without curves of its own for closed loops takes those of a pace
        self._latency_ns = {
            "paced": latency["paced_ns"],
            "poisson": latency["poisson_ns"],
            "closed": latency.get("closed_ns", latency["paced_ns"]),
        }
        self._strides = (data["strides"]["stride_bytes"], data["strides"]["peak_fraction"])
        self._chase = _chase_table(data["pointer_chase"])
        self._idle_ns: dict[str, float] = data["idle_latency_ns"]

    def fraction(self, streams: Sequence[TrafficClass], weights: Sequence[float] | None = None) -> float:
        """Fraction of peak that a set of (pattern, read share) streams gets in all.

        `weights`: how much each could ask for where some ask for little, in any unit; default: alike.
        """
        found = _interpolated(self._fractions, self._axes, _coordinates(streams, weights))
        strided = [pattern for pattern, _ in streams if pattern.startswith(_STRIDED)]
        if strided:
            stream = _interpolated(self._fractions, self._axes, (1.0, 0.0, 1.0))
            lost = sum(1 - min(1.0, self._of_stride(pattern) / stream) for pattern in strided)
            found *= 1 - lost / len(streams)
        return found

    def idle_ps(self, pattern: str) -> float:
        """Latency of controller and device for requests that come one by one."""
        return 1000 * self._idle_ns["random" if pattern == "random" else "sequential"]

    def latency_ps(
        self,
        streams: Sequence[TrafficClass],
        load: float,
        arrivals: Arrivals = "paced",
        weights: Sequence[float] | None = None,
    ) -> float:
        """Mean latency of controller and device at a load, 0 to 1 of what memory carries for these streams.

        `arrivals`: evenly paced, Poisson, or in closed loops of a few requests in flight.
        At load 1 the queues are full and latency follows by Little's law.
        """
        where = _coordinates(streams, weights)
        table, axes = self._latency_ns[arrivals], self._latency_axes[arrivals]
        highest = axes[3][-1]
        found = _interpolated(table, axes, (*where, min(load, highest)))
        if load > highest:
            full = max(found, _interpolated(self._full_ns, self._axes, where))
            found += (full - found) * (min(load, 1.0) - highest) / (1 - highest)
        return found * 1000

    def added_ps(self, streams: Sequence[TrafficClass], load: float, arrivals: Arrivals = "paced") -> float:
        """Latency beyond that of random reads that come one by one, which is an idle memory's."""
        return max(0.0, self.latency_ps(streams, load, arrivals) - self.idle_ps("random"))

    def chase_ps(self, others: Sequence[TrafficClass], load: float, weights: Sequence[float] | None = None) -> float:
        """Mean latency of random reads that come one by one, each after the data of the one before, beside others that
        load memory to 0 to 1 of what it carries for them."""
        table, axes = self._chase
        return 1000 * _interpolated(table, axes, (*_coordinates(others, weights), load))

    def _of_stride(self, pattern: str) -> float:
        """Fraction of peak of one stream with a stride in bytes: as of the largest one in the table that is not larger,
        for what is between powers of two falls on more banks, not fewer."""
        strides, fractions = self._strides
        index = bisect_right(strides, int(pattern.removeprefix(_STRIDED)))
        return float(fractions[max(0, index - 1)])


def _chase_table(chase: Mapping[str, Any]) -> tuple[Any, tuple[Sequence[float], ...]]:
    """Latency of a pointer chase beside streams, and its axes: number, random share, share of reads, load. A table may
    have it beside sequential reads alone, which then stand for all."""
    beside, loads, found = chase["beside_streams"], chase["load_fraction"], chase["latency_ns"]
    if "random_fraction" in chase:
        return found, (beside, chase["random_fraction"], chase["read_fraction"], loads)
    return [[[row, row], [row, row]] for row in found], (beside, (0.0, 1.0), (0.0, 1.0), loads)


def table_path(part: str) -> Path:
    """The table of a DRAM part. Raises `ConfigError` where there is none."""
    folder = hardware_folder() / "parts" / "dram" / "fluid"
    path = folder / f"{part}.yaml"
    if not path.is_file():
        known = sorted(found.stem for found in folder.glob("*.yaml"))
        what = f"no table of DRAM part '{part}': {did_you_mean(part, known)}"
        raise ConfigError("dram.part", f"{what}. Another speed of one of them is 'transfer_rate' beside it")
    return path


def fluid_table(part: str) -> FluidTable:
    """The table of a shipped DRAM part."""
    path = table_path(part)
    return _read_table(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _read_table(path: Path, modified_ns: int) -> FluidTable:
    """The table of a file as it was last modified: a study makes thousands of runs with one table."""
    return FluidTable(yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def table_capacity(
    table: FluidTable, peak_bytes_per_s: float, turnaround_fraction: float = 1.0
) -> Callable[[tuple[TrafficClass, ...]], float]:
    """Bytes per second for a set of streams, by a table. Reads and writes together lose time to turning the bus
    around, against the same streams one kind at a time: of that loss only `turnaround_fraction` is taken."""
    if turnaround_fraction == 1.0:
        return lambda streams: peak_bytes_per_s * table.fraction(streams)

    def capacity(streams: tuple[TrafficClass, ...]) -> float:
        mixed = table.fraction(streams)
        reads = sum(share for _, share in streams) / len(streams)
        apart = reads * table.fraction([(pattern, 1.0) for pattern, _ in streams])
        apart += (1 - reads) * table.fraction([(pattern, 0.0) for pattern, _ in streams])
        return peak_bytes_per_s * (mixed + (1 - turnaround_fraction) * max(0.0, apart - mixed))

    return capacity


def table_latency(table: FluidTable, arrivals: Arrivals) -> Callable[[tuple[TrafficClass, ...], float], float]:
    """Latency (ps) that memory adds to its idle latency for a set of streams at a load, by a table."""
    return lambda streams, load: table.added_ps(streams, load, arrivals)


def _coordinates(streams: Sequence[TrafficClass], weights: Sequence[float] | None = None) -> tuple[float, float, float]:
    """(number of streams, share of random ones, mean share of reads), by weight.

    Streams of unlike weight count as so many alike ones as would take turns with as little repetition (the inverse of
    the chance that two requests in a row are of one stream).
    """
    shares = [1.0] * len(streams) if weights is None else list(weights)
    total = sum(shares)
    return (
        total * total / sum(share * share for share in shares),
        sum(share for share, (pattern, _) in zip(shares, streams, strict=True) if pattern == "random") / total,
        sum(share * reads for share, (_, reads) in zip(shares, streams, strict=True)) / total,
    )


def _interpolated(table: Any, axes: Sequence[Sequence[float]], at: Sequence[float]) -> float:
    """Linear along each axis in turn."""
    axis, value = axes[0], at[0]
    upper = min(max(bisect_right(axis, value), 1), len(axis) - 1)
    low, high = axis[upper - 1], axis[upper]
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    ends = [
        float(table[i]) if len(axes) == 1 else _interpolated(table[i], axes[1:], at[1:])
        for i, weight in ((upper - 1, 1 - share), (upper, share))
        if weight
    ]
    return ends[0] if len(ends) == 1 else ends[0] * (1 - share) + ends[1] * share
