"""Tracks of the compute units: what ran on each lane, what the front end launched, what drained."""

from __future__ import annotations

import numpy as np

from socsim.report.perfetto.builder import PS_PER_NS, TraceBuilder
from socsim.report.perfetto.lanes import assign_lanes
from socsim.report.perfetto.task_slices import TaskSlices, task_names
from socsim.result.columns import Integers
from socsim.result.record import RunRecord
from socsim.result.task_columns import TaskColumns


def write_unit_tracks(builder: TraceBuilder, parent: int, record: RunRecord, critical_ps: Integers) -> None:
    """Per unit a track for each lane with the tasks it ran, one for the front end, and one for drains that overlap the
    next task. A task's slice holds `fill`, `body` and `drain`; arrows run along dependencies that crossed units.

    `critical_ps` is the time of the critical path that belongs to each task.
    """
    slices = TaskSlices(builder, record.tasks, critical_ps)
    for unit in record.units:
        rows = np.flatnonzero(record.tasks.unit.codes == record.tasks.unit.code(unit))
        if len(rows):
            _write_front_end(builder, parent, record.tasks, unit, rows)
            _write_lanes(builder, parent, record, unit, rows, slices)


def _write_front_end(builder: TraceBuilder, parent: int, tasks: TaskColumns, unit: str, rows: Integers) -> None:
    begin, end = tasks.launch_start_ps[rows] // PS_PER_NS, tasks.launch_end_ps[rows] // PS_PER_NS
    shown = np.flatnonzero(end > begin)
    _write_intervals(builder, parent, f"{unit} front end", tasks, rows[shown], begin[shown], end[shown], "launch")


def _write_intervals(
    builder: TraceBuilder, parent: int, title: str, tasks: TaskColumns, rows: Integers, begin: Integers, end: Integers,
    category: str,
) -> None:  # fmt: skip
    """Slices named like their tasks, on as many tracks as overlap needs."""
    if len(rows) == 0:
        return
    order = np.lexsort((rows, begin))
    lanes = assign_lanes(begin[order], end[order])
    uuids = np.array(
        [builder.track(parent, title if lane == 0 else f"{title} {lane + 1}") for lane in range(int(lanes.max()) + 1)]
    )
    by_lane = np.argsort(lanes, kind="stable")
    order, tracks = order[by_lane], uuids[lanes[by_lane]]
    names = task_names(builder, tasks)[rows[order]]
    builder.intervals(begin[order], end[order], tracks, names, category)


def _write_lanes(
    builder: TraceBuilder, parent: int, record: RunRecord, unit: str, rows: Integers, slices: TaskSlices
) -> None:
    tasks = record.tasks
    held, end, done = (column[rows] // PS_PER_NS for column in (tasks.held_start_ps, tasks.end_ps, tasks.done_ps))
    order = np.lexsort((rows, held, tasks.lane[rows]))
    rows, held, end, done = rows[order], held[order], end[order], done[order]
    lane = tasks.lane[rows].astype(np.int64)
    # Lanes never overlap where the engine is right; a trace of one that is not must still nest to be read.
    extra = np.zeros(len(rows), dtype=np.int64)
    for number in np.unique(lane).tolist():
        here = lane == number
        extra[here] = assign_lanes(held[here], end[here])
    order = np.lexsort((extra, lane))
    rows, held, end, done, lane, extra = (column[order] for column in (rows, held, end, done, lane, extra))
    lane_ids = lane * (int(extra.max()) + 1) + extra
    uuids = {}
    for key in np.unique(lane_ids).tolist():
        number, copy = divmod(key, int(extra.max()) + 1)
        title = unit if record.unit_slots[unit] == 1 else f"{unit} lane {number}"
        uuids[key] = builder.track(parent, title if copy == 0 else f"{title} ({copy + 1})")
    tracks = np.array([uuids[key] for key in lane_ids.tolist()], dtype=np.int64)
    last_on_lane = np.append(lane_ids[1:] != lane_ids[:-1], True)
    drain_fits = last_on_lane | (np.append(held[1:], 0) >= done)
    slices.write(rows, tracks, np.where(drain_fits, done, end))
    apart = np.flatnonzero(~drain_fits & (done > end))
    _write_intervals(builder, parent, f"{unit} drains", tasks, rows[apart], end[apart], done[apart], "drain")
