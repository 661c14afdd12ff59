"""Tracks of the streams: instances from arrival to completion with their deadlines, and inside the model's structure by
module path, so that the timeline reads like the network."""

from __future__ import annotations

import numpy as np

from socsim.report.perfetto.builder import PS_PER_NS, TraceBuilder
from socsim.report.perfetto.lanes import assign_lanes
from socsim.result.columns import Integers, ListColumn, TextColumn
from socsim.result.record import RunRecord
from socsim.result.run_result import InstanceRecord

PAST_DEADLINE = "past its deadline"


def write_stream_tracks(builder: TraceBuilder, streams_parent: int, structure_parent: int, record: RunRecord) -> None:
    """Per stream a track of its instances and a track of the modules they run; more where instances overlap."""
    tasks = record.tasks
    last_ps = max(record.end_ps, int(tasks.done_ps.max()) if len(tasks) else 0)
    names = TextColumn.encode(instance.stream for instance in record.instances)
    for code, stream in enumerate(names.values):
        chosen = np.flatnonzero(names.codes == code)
        instances = [record.instances[number] for number in chosen.tolist()]
        begin = np.array([instance.arrival_ps for instance in instances]) // PS_PER_NS
        end = np.array([i.done_ps if i.done_ps >= 0 else max(last_ps, i.arrival_ps) for i in instances]) // PS_PER_NS
        order = np.lexsort((chosen, begin))
        lanes = np.empty(len(chosen), dtype=np.int64)
        lanes[order] = assign_lanes(begin[order], end[order])
        lane_of_instance = np.full(len(record.instances), -1, dtype=np.int64)
        lane_of_instance[chosen] = lanes
        lane_of_row = lane_of_instance[tasks.instance]
        for lane in range(int(lanes.max()) + 1):
            title = stream if lane == 0 else f"{stream} ({lane + 1})"
            here = order[lanes[order] == lane]
            _write_instances(
                builder,
                builder.track(streams_parent, title),
                [instance_name(instances[number]) for number in here.tolist()],
                begin[here],
                end[here],
                [instances[number].deadline_ps for number in here.tolist()],
            )
            rows = np.flatnonzero(lane_of_row == lane)
            if len(rows):
                rows = rows[np.lexsort((rows, tasks.held_start_ps[rows], tasks.instance[rows]))]
                _write_structure(builder, builder.track(structure_parent, title), record, rows)


def instance_name(instance: InstanceRecord) -> str:
    """Its phase and number, and whether it counts."""
    text = f"{instance.phase} {instance.index}"
    if instance.warm_up:
        text += " (warm-up)"
    return text if instance.done_ps >= 0 else f"{text} (not done)"


def _write_instances(
    builder: TraceBuilder, track: int, names: list[str], begin: Integers, end: Integers, deadlines_ps: list[int | None]
) -> None:
    """An instance is a slice; the time it takes beyond its deadline is a slice in it."""
    late_name = builder.intern("event_names", PAST_DEADLINE)
    timestamps: list[int] = []
    events: list[int] = []
    for name, first, last, deadline_ps in zip(names, begin.tolist(), end.tolist(), deadlines_ps, strict=True):
        timestamps.append(first)
        events.append(builder.intern("event_names", name))
        deadline = last if deadline_ps is None else max(first, deadline_ps // PS_PER_NS)
        if deadline < last:
            timestamps += [deadline, last]
            events += [late_name, 0]
        timestamps.append(last)
        events.append(0)
    builder.slices(np.array(timestamps), np.full(len(events), track), np.array(events), "instance")


def _write_structure(builder: TraceBuilder, track: int, record: RunRecord, rows: Integers) -> None:
    """Modules as nested slices over tasks in the order in which they took their units.

    A module ends when the next task of another one begins, or when all before are done, whichever is earlier: branches
    that run at the same time take turns here, and overlap on the tracks of their units.
    """
    tasks = record.tasks
    paths = [module_path(label) for label in tasks.label.values]
    label, instance = tasks.label.codes[rows].astype(np.int64), tasks.instance[rows]
    begin = tasks.held_start_ps[rows] // PS_PER_NS
    done = np.maximum.accumulate(tasks.done_ps[rows] // PS_PER_NS)
    close_at = np.append(np.minimum(done[:-1], begin[1:]), done[-1])

    # A transition leads from one label to the next; the last entry of `paths` is the outside.
    outside = len(paths)
    paths.append(())
    before = np.concatenate([[outside], label])
    after = np.concatenate([label, [outside]])
    new_instance = np.concatenate([[False], instance[1:] != instance[:-1], [False]])
    kinds, kind = np.unique(
        (before * (outside + 1) + after) * 2 + new_instance, return_inverse=True
    )  # one number per kind of transition
    closes: list[int] = []
    opens: list[list[int]] = []
    for code in kinds.tolist():
        pair, apart = divmod(code, 2)
        left, right = paths[pair // (outside + 1)], paths[pair % (outside + 1)]
        shared = 0 if apart else _common_length(left, right)
        closes.append(len(left) - shared)
        opens.append([builder.intern("event_names", part) for part in right[shared:]])
    num_closes = np.array(closes)[kind]
    opened = ListColumn.of(opens).take(kind)
    num_opens = np.diff(opened.offsets)

    transitions = np.repeat(np.arange(len(kind)), num_closes + num_opens)
    first = np.cumsum(num_closes + num_opens) - (num_closes + num_opens)
    within = np.arange(len(transitions)) - first[transitions]
    is_open = within >= num_closes[transitions]
    names = np.zeros(len(transitions), dtype=np.int64)
    names[is_open] = opened.values
    close_times, open_times = np.concatenate([[0], close_at]), np.append(begin, 0)
    timestamps = np.where(is_open, open_times[transitions], close_times[transitions])
    builder.slices(timestamps, np.full(len(names), track), names, "module")


def module_path(label: str) -> tuple[str, ...]:
    """The slices that a label opens: a number carries the name of its list, so that `layers.0` reads as such."""
    parts = label.split(".") if label else ["(none)"]
    return tuple(f"{parts[place - 1]}.{part}" if part.isdigit() and place else part for place, part in enumerate(parts))


def _common_length(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    length = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        length += 1
    return length
