"""Quantities over time: bandwidth of links and DRAM, occupancy and hits of caches, how busy the units were."""

from __future__ import annotations

import numpy as np

from socsim.report.perfetto.builder import PS_PER_NS, TraceBuilder
from socsim.result.columns import Integers
from socsim.result.record import RunRecord, Series
from socsim.result.summary import DRAM
from socsim.result.utilization import busy_fractions, window_edges

_NUM_WINDOWS = 1000
_BYTES_PER_GB = 1e9


def is_memory(series: Series) -> bool:
    """Whether a quantity belongs to DRAM or a cache, rather than to the fabric."""
    return series.name == DRAM or series.kind != "link"


def write_busy_counters(builder: TraceBuilder, parent: int, record: RunRecord) -> None:
    """Per unit that ran something the fraction of its slots in use, averaged over windows."""
    edges = window_edges(record, _NUM_WINDOWS)
    width_ns = (int(edges[-1]) - int(edges[0])) / (len(edges) - 1) / PS_PER_NS
    timestamps = edges // PS_PER_NS
    for unit in record.units:
        if record.tasks.unit.code(unit) >= 0:
            track = builder.counter_track(parent, f"{unit} busy", "fraction", f"averaged over {width_ns:.6g} ns")
            builder.counter(track, timestamps, np.append(busy_fractions(record, unit, edges), 0.0))


def write_series(builder: TraceBuilder, parent: int, series: Series) -> None:
    """A quantity as the engine recorded it; bytes per second become GB/s."""
    if len(series.time_ps) == 0:
        return
    unit, value = series.unit, series.value
    if unit == "B/s":
        unit, value = "GB/s", value / _BYTES_PER_GB
    timestamps, kept = _last_of_each_instant(series.time_ps // PS_PER_NS)
    builder.counter(builder.counter_track(parent, series.name, unit), timestamps, value[kept])


def write_hits(builder: TraceBuilder, parent: int, record: RunRecord) -> None:
    """Bytes that tasks did not need from DRAM because a cache had them, summed up over the run."""
    tasks = record.tasks
    hits = np.maximum(tasks.read_bytes - tasks.dram_read_bytes, 0)
    if not record.caches or not hits.any():
        return
    timestamps, kept = _last_of_each_instant(tasks.end_ps // PS_PER_NS)
    track = builder.counter_track(parent, "cache hits", "B", "bytes read from caches instead of DRAM, cumulative")
    builder.counter(track, timestamps, np.cumsum(hits)[kept].astype(np.float64))


def _last_of_each_instant(timestamps: Integers) -> tuple[Integers, Integers]:
    """Samples that fall on one nanosecond: the last holds."""
    kept = np.flatnonzero(np.append(timestamps[1:] != timestamps[:-1], True))
    return timestamps[kept], kept
