"""A Perfetto trace with the simulated run and the measured profile as parallel tracks, both from time zero."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from socsim.report.perfetto.builder import PS_PER_NS, TraceBuilder
from socsim.report.perfetto.lanes import assign_lanes
from socsim.study.compare.profile.compare import ProfileComparison
from socsim.study.compare.profile.measured import MeasuredOperation

SIMULATED, MEASURED = "simulated", "measured"
_Slice = tuple[int, int, str]
"""Begin and end in ps, and a name."""


def write_tracks(comparison: ProfileComparison, path: Path) -> None:
    """Write the trace: process `simulated` with a track per unit; process `measured` with the operators as the profile
    has them, and the simulated tasks' names at the times at which they were measured. Times of a profile without
    begins (a CSV) are laid one after the other."""
    run, profile = comparison.run, comparison.profile
    tasks = run.tasks
    measured = _measured(comparison)
    operators = [
        (item.begin_ps, item.begin_ps + item.duration_ps, item.name)
        for item in profile.operations
        if item.duration_ps is not None
    ]
    if profile.operations and not any(item.begin_ps for item in profile.operations):
        operators = []  # without begins the matched times stand for them
    last = max([run.latency_ps, *(end for _, end, _ in (*measured, *operators))])
    with path.open("wb") as file:
        builder = TraceBuilder(file, last // PS_PER_NS)
        builder.start(f"socsim compare: {', '.join(run.workloads)} on {run.hardware} and {profile.source}")
        simulated = builder.process(SIMULATED, [run.hardware])
        for unit in run.units:
            rows = np.flatnonzero(tasks.unit.codes == tasks.unit.code(unit)).tolist()
            slices = [
                (int(tasks.held_start_ps[row]) - run.begin_ps, int(tasks.end_ps[row]) - run.begin_ps, tasks.name[row])
                for row in rows
            ]
            _write(builder, simulated, unit, slices, "task")
        parent = builder.process(MEASURED, [Path(profile.source).name])
        _write(builder, parent, "as simulated tasks", measured, "matched")
        _write(builder, parent, "operators", operators, "operator")
        calls = [(call.begin_ps, call.begin_ps + call.duration_ps, f"call {n}") for n, call in enumerate(profile.calls)]
        _write(builder, parent, "calls of the model", calls, "call")


def _measured(comparison: ProfileComparison) -> list[_Slice]:
    """Matched tasks: each from its first operator's begin to its last one's end, where operators follow each other."""
    found: list[_Slice] = []
    cursor = 0
    operations = comparison.profile.operations
    place = {id(item): number for number, item in enumerate(operations)}
    has_begins = any(item.begin_ps for item in operations)
    for row in comparison.rows:
        executions = [item for item in row.executions if item.duration_ps is not None]
        if not executions or row.measured_ps is None:
            continue
        if has_begins:
            ordered = sorted(executions, key=lambda item: place[id(item)])
            for _, run in groupby(enumerate(ordered), lambda pair: place[id(pair[1])] - pair[0]):
                found.append(_span([item for _, item in run], row.name))
        else:
            found.append((cursor, cursor + row.measured_ps, row.name))
            cursor += row.measured_ps
    return found


def _span(items: Sequence[MeasuredOperation], name: str) -> _Slice:
    return (
        min(item.begin_ps for item in items),
        max(item.begin_ps + (item.duration_ps or 0) for item in items),
        name,
    )


def _write(builder: TraceBuilder, parent: int, title: str, slices: Sequence[_Slice], category: str) -> None:
    if not slices:
        return
    ordered = sorted(slices)
    begin = np.array([item[0] for item in ordered]) // PS_PER_NS
    end = np.array([item[1] for item in ordered]) // PS_PER_NS
    names = np.array([builder.intern("event_names", item[2]) for item in ordered])
    lanes = assign_lanes(begin, end)
    uuids = np.array(
        [builder.track(parent, title if lane == 0 else f"{title} ({lane + 1})") for lane in range(int(lanes.max()) + 1)]
    )
    order = np.argsort(lanes, kind="stable")
    builder.intervals(begin[order], end[order], uuids[lanes[order]], names[order], category)
