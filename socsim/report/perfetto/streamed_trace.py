"""The timeline of a streamed run, written window by window: instances with their deadlines, what ran on each lane, what
bound the run, counters. Slices of tasks bear their name only; their attributes are in `tasks.parquet`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from socsim.report.perfetto.builder import PS_PER_NS, TraceBuilder
from socsim.report.perfetto.counter_tracks import is_memory
from socsim.report.perfetto.stream_tracks import PAST_DEADLINE, instance_name
from socsim.report.perfetto.task_slices import task_names
from socsim.report.perfetto.trace import CRITICAL_PATH, FABRIC, MEMORY, ROUNDING, STREAMS, UNITS, path_stretches
from socsim.result.columns import Integers
from socsim.result.record import Series
from socsim.result.run_result import InstanceRecord
from socsim.result.running import WindowDetail
from socsim.result.utilization import window_means

_LAST_NS = 2**62 // PS_PER_NS
_SAMPLES = 1000
"""Counters that change more often than so in a window are averaged over as many stretches of it."""
_BYTES_PER_GB = 1e9


class StreamedTrace:
    """A trace file in the making; the run's title is not known before it is over."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._builder = TraceBuilder(self._file, _LAST_NS)
        self._builder.start(f"socsim: a streamed run ({ROUNDING})")
        names = (CRITICAL_PATH, STREAMS, UNITS, FABRIC, MEMORY)
        self._processes = {name: self._builder.process(name) for name in names}
        self._tracks: dict[tuple[str, str], int] = {}
        self._free_ns: dict[str, list[int]] = {}

    def close(self) -> None:
        """The file is whole."""
        self._file.close()

    def add(self, detail: WindowDetail, done: Sequence[tuple[int, InstanceRecord]], series: Sequence[Series]) -> None:
        """The next window."""
        self._write_path(detail)
        for _, record in sorted(done, key=lambda item: (item[1].done_ps, item[0])):
            self._write_instance(record)
        self._write_tasks(detail)
        for item in series:
            if len(item.time_ps):
                self._write_series(item, detail.window.end_ps)

    def _track(self, process: str, name: str, unit: str | None = None) -> int:
        key = (process, name)
        if key not in self._tracks:
            parent, builder = self._processes[process], self._builder
            made = builder.track(parent, name) if unit is None else builder.counter_track(parent, name, unit)
            self._tracks[key] = made
        return self._tracks[key]

    def _write_path(self, detail: WindowDetail) -> None:
        begin, end, names = path_stretches(self._builder, detail.path)
        if len(begin):
            track = self._track(CRITICAL_PATH, "bound by")
            self._builder.intervals(begin, end, np.full(len(begin), track), names, "critical path")

    def _write_instance(self, record: InstanceRecord) -> None:
        """A slice on the first track of its stream that is free, and in it the time beyond its deadline."""
        begin, end = record.arrival_ps // PS_PER_NS, max(record.done_ps, record.arrival_ps) // PS_PER_NS
        free = self._free_ns.setdefault(record.stream, [])
        lane = next((number for number, since in enumerate(free) if since <= begin), len(free))
        free[lane:] = [end, *free[lane + 1 :]]
        track = self._track(STREAMS, record.stream if lane == 0 else f"{record.stream} ({lane + 1})")
        builder = self._builder
        deadline = end if record.deadline_ps is None else max(begin, record.deadline_ps // PS_PER_NS)
        late = builder.intern("event_names", PAST_DEADLINE) if deadline < end else 0
        # names of instances are not interned: there is one for each
        name = builder.intern("event_names", instance_name(record) if late else record.phase)
        times, events = ([begin, deadline, end, end], [name, late, 0, 0]) if late else ([begin, end], [name, 0])
        builder.slices(np.array(times), np.full(len(times), track), np.array(events), "instance")

    def _write_tasks(self, detail: WindowDetail) -> None:
        tasks = detail.tasks.part(detail.window.own)
        if not len(tasks):
            return
        names = task_names(self._builder, tasks)
        keys = tasks.unit.codes.astype(np.int64) * 2**20 + tasks.lane
        for key in np.unique(keys).tolist():
            rows: Integers = np.flatnonzero(keys == key)
            unit, lane = tasks.unit.values[key >> 20], key & (2**20 - 1)
            track = self._track(UNITS, unit if lane == 0 else f"{unit} lane {lane}")
            begin, end = tasks.held_start_ps[rows] // PS_PER_NS, tasks.end_ps[rows] // PS_PER_NS
            self._builder.intervals(begin, end, np.full(len(rows), track), names[rows], "task")

    def _write_series(self, series: Series, end_ps: int) -> None:
        unit, times, values = series.unit, series.time_ps, series.value
        if len(times) > _SAMPLES and series.unit in ("B/s", "W"):
            edges = np.unique(np.linspace(int(times[0]), max(end_ps, int(times[-1])), _SAMPLES + 1).astype(np.int64))
            times, values = edges[:-1], window_means(times, values, edges)
        elif len(times) > _SAMPLES:
            chosen = np.unique(np.linspace(0, len(times) - 1, _SAMPLES).astype(np.int64))
            times, values = times[chosen], values[chosen]
        if unit == "B/s":
            unit, values = "GB/s", values / _BYTES_PER_GB
        process = UNITS if series.unit in ("W", "Hz", "degC", "J") else MEMORY if is_memory(series) else FABRIC
        self._builder.counter(self._track(process, series.name, unit), times // PS_PER_NS, values)
