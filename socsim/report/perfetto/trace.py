"""The whole timeline of a run as a Perfetto trace.

One process per kind: what bound the run (critical path), units, fabric, memory, streams, workload structure by module.
Times are nanoseconds, rounded down from the simulator's picoseconds; exact ones are attributes of the task slices.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from socsim.report.perfetto.builder import PS_PER_NS, TraceBuilder
from socsim.report.perfetto.counter_tracks import is_memory, write_busy_counters, write_hits, write_series
from socsim.report.perfetto.stream_tracks import write_stream_tracks
from socsim.report.perfetto.tile_tracks import write_tile_tracks
from socsim.report.perfetto.unit_tracks import write_unit_tracks
from socsim.result.bottleneck import CAUSES, CriticalPath
from socsim.result.columns import Integers
from socsim.result.record import RunRecord

ROUNDING = "times in ns, rounded down from ps"
UNITS, FABRIC, MEMORY = "units", "fabric", "memory"
STREAMS, STRUCTURE, CRITICAL_PATH = "streams", "workload structure", "critical path"
"""Names of the processes."""


def write_trace(record: RunRecord, path: Path) -> None:
    """Write the trace of a run, to be opened at ui.perfetto.dev."""
    tasks = record.tasks
    last_ps = max(record.end_ps, int(tasks.done_ps.max()) if len(tasks) else 0)
    for series in record.series:
        if len(series.time_ps):
            last_ps = max(last_ps, int(series.time_ps[-1]))
    with path.open("wb") as file:
        builder = TraceBuilder(file, last_ps // PS_PER_NS)
        workloads = ", ".join(record.workloads)
        builder.start(f"socsim: {workloads} on {record.hardware} ({ROUNDING})")
        critical = builder.process(CRITICAL_PATH)
        _write_critical_path(builder, critical, record.critical_path)
        streams = builder.process(STREAMS)
        structure = builder.process(STRUCTURE)
        write_stream_tracks(builder, streams, structure, record)
        units = builder.process(UNITS, [record.hardware, ROUNDING])
        write_unit_tracks(builder, units, record, record.critical_path.time_by_row_ps(len(tasks)))
        write_tile_tracks(builder, units, record)
        if len(tasks):
            write_busy_counters(builder, units, record)
        fabric = builder.process(FABRIC)
        memory = builder.process(MEMORY)
        for series in record.series:
            write_series(builder, memory if is_memory(series) else fabric, series)
        write_hits(builder, memory, record)


def _write_critical_path(builder: TraceBuilder, parent: int, path: CriticalPath) -> None:
    begin, end, names = path_stretches(builder, path)
    if len(begin):
        track = builder.track(parent, "bound by", "what the run waited for, back from its last completion")
        builder.intervals(begin, end, np.full(len(begin), track), names, "critical path")


def path_stretches(builder: TraceBuilder, path: CriticalPath) -> tuple[Integers, Integers, Integers]:
    """(begin ns, end ns, name) of stretches of time with one cause; what is shorter than a nanosecond joins its
    neighbour."""
    begin, end = path.begin_ps[::-1] // PS_PER_NS, path.end_ps[::-1] // PS_PER_NS
    shown = np.flatnonzero(end > begin)
    begin, end, cause = begin[shown], end[shown], path.cause[::-1][shown]
    if len(shown) == 0:
        return begin, end, begin
    starts = np.flatnonzero(np.append(True, cause[1:] != cause[:-1]))
    ends = np.append(starts[1:], len(begin)) - 1
    names = np.array([builder.intern("event_names", name) for name in CAUSES])
    return begin[starts], end[ends], names[cause[starts]]
