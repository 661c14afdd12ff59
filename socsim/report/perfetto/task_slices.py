"""Slices of tasks: their attributes, fill, body and drain inside, and arrows along dependencies that crossed units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from socsim.report.perfetto.builder import PS_PER_NS, TraceBuilder
from socsim.report.perfetto.packets import Hole, PacketBlock, PacketShape, varint_width
from socsim.result.columns import Integers
from socsim.result.task_columns import TaskColumns

_ROWS_PER_BLOCK = 8192

_TEXTS = ("label", "stream", "phase", "operations", "bound_by", "gate_kind")
"""Columns of the tasks that a slice shows as text."""
_NUMBERS = (
    "row", "slots", "flop", "read_bytes", "write_bytes", "dram_read_bytes", "dram_write_bytes", "start_ps", "end_ps",
    "critical_ps",
)  # fmt: skip
"""And as numbers: columns, the row itself, and the task's part of the critical path."""


def short_name(name: str) -> str:
    """What fits a slice: the last module and the operator of `model.layers.0.self_attn.q_proj/linear`."""
    return name.rsplit(".", 1)[-1] or "task"


def task_names(builder: TraceBuilder, tasks: TaskColumns) -> Integers:
    """The number of each task's name in the trace."""
    numbers = [builder.intern("event_names", short_name(name)) for name in tasks.name.values]
    return np.array(numbers, dtype=np.int64)[tasks.name.codes]


class TaskSlices:
    """Slices of tasks with their attributes, their phases inside and arrows between units."""

    def __init__(self, builder: TraceBuilder, tasks: TaskColumns, critical_ps: Integers) -> None:
        self._builder = builder
        self._tasks = tasks
        self._names = task_names(builder, tasks)
        self._categories = builder.intern_column("event_categories", tasks.kind)
        self._plain_category = builder.intern("event_categories", "phase")
        self._phase_names = [builder.intern("event_names", name) for name in ("fill", "body", "drain")]
        self._annotations: dict[str, Integers] = {
            name: builder.intern_column("debug_annotation_string_values", getattr(tasks, name)) for name in _TEXTS
        }
        own = {"row": np.arange(len(tasks)), "critical_ps": critical_ps}
        for name in _NUMBERS:
            self._annotations[name] = own[name] if name in own else getattr(tasks, name)
        self._holes = {"timestamp": builder.timestamp_hole, "track": builder.uuid_hole, "name": builder.name_hole,
                       "category": builder.name_hole}  # fmt: skip
        for name, values in self._annotations.items():
            self._holes[name] = Hole("varint", varint_width(int(values.max()) if len(values) else 0))
        self._shapes: dict[tuple[int, int], PacketShape] = {}
        self._find_crossings()

    def _find_crossings(self) -> None:
        """Arrows: one for each dependency whose ends ran on different units, numbered from 1."""
        tasks = self._tasks
        sinks, sources = tasks.predecessors.owners(), tasks.predecessors.values.astype(np.int64)
        crossing = np.flatnonzero(tasks.unit.codes[sinks] != tasks.unit.codes[sources])
        numbers = np.arange(1, len(crossing) + 1)
        self._leaving = _group(sources[crossing], numbers, len(tasks))
        self._entering = _group(sinks[crossing], numbers, len(tasks))

    def write(self, rows: Integers, tracks: Integers, outer_end_ns: Integers) -> None:
        """Slices of tasks sorted by track and time. Those that end with their body have no drain inside."""
        for first in range(0, len(rows), _ROWS_PER_BLOCK):
            part = slice(first, first + _ROWS_PER_BLOCK)
            self._write_block(rows[part], tracks[part], outer_end_ns[part])

    def _write_block(self, rows: Integers, tracks: Integers, outer_end: Integers) -> None:
        tasks, builder = self._tasks, self._builder
        held, start, end = (column[rows] // PS_PER_NS for column in (tasks.held_start_ps, tasks.start_ps, tasks.end_ps))
        has_fill, has_drain = start > held, outer_end > end
        has_body = has_fill | has_drain
        always = np.ones(len(rows), dtype=bool)
        # begin; fill begin, end; body begin, end; drain begin, end; end
        present = np.column_stack([always, has_fill, has_fill, has_body, has_body, has_drain, has_drain, always])
        positions = np.cumsum(present.ravel()).reshape(present.shape) - 1
        block = PacketBlock(int(present.sum()))
        self._put_begins(block, rows, positions[:, 0], held, tracks)
        for phase, (name, begins, ends) in enumerate(
            zip(self._phase_names, (held, start, end), (start, end, outer_end), strict=True)
        ):
            here = np.flatnonzero(present[:, 1 + 2 * phase])
            builder.put_begins(
                block,
                positions[here, 1 + 2 * phase],
                timestamp=begins[here],
                track=tracks[here],
                name=np.full(len(here), name),
                category=np.full(len(here), self._plain_category),
            )
            builder.put_ends(block, positions[here, 2 + 2 * phase], ends[here], tracks[here])
        builder.put_ends(block, positions[:, 7], outer_end, tracks)
        builder.write(block)

    def _put_begins(
        self, block: PacketBlock, rows: Integers, positions: Integers, timestamps: Integers, tracks: Integers
    ) -> None:
        """Begins of tasks; those with the same number of arrows share a shape."""
        leaving, entering = self._leaving, self._entering
        num_leaving = leaving.offsets[rows + 1] - leaving.offsets[rows]
        num_entering = entering.offsets[rows + 1] - entering.offsets[rows]
        kinds, group_of = np.unique(np.column_stack([num_leaving, num_entering]), axis=0, return_inverse=True)
        for number, (out, into) in enumerate(kinds.tolist()):
            here = np.flatnonzero(group_of.ravel() == number)
            chosen = rows[here]
            values: dict[str, Any] = {name: column[chosen] for name, column in self._annotations.items()}
            values |= {
                "timestamp": timestamps[here], "track": tracks[here], "name": self._names[chosen],
                "category": self._categories[chosen],
            }  # fmt: skip
            values |= {f"out {k}": leaving.numbers[leaving.offsets[chosen] + k] for k in range(out)}
            values |= {f"in {k}": entering.numbers[entering.offsets[chosen] + k] for k in range(into)}
            block.put(self._shape(out, into), positions[here], **values)

    def _shape(self, num_leaving: int, num_entering: int) -> PacketShape:
        key = (num_leaving, num_entering)
        if key not in self._shapes:
            arrows = [f"out {k}" for k in range(num_leaving)] + [f"in {k}" for k in range(num_entering)]
            holes = self._holes | {name: Hole("fixed64") for name in arrows}
            self._shapes[key] = PacketShape(holes, self._begin_packet(num_leaving, num_entering))
        return self._shapes[key]

    def _begin_packet(self, num_leaving: int, num_entering: int) -> Callable[[Mapping[str, Any]], Any]:
        def make(values: Mapping[str, Any]) -> Any:
            packet = self._builder.event_packet(values)
            event = packet.track_event
            event.type = self._builder.protos.TrackEvent.TYPE_SLICE_BEGIN
            event.name_iid = values["name"]
            event.category_iids.append(values["category"])
            event.flow_ids.extend(values[f"out {k}"] for k in range(num_leaving))
            event.terminating_flow_ids.extend(values[f"in {k}"] for k in range(num_entering))
            for name in self._annotations:
                annotation = event.debug_annotations.add()
                annotation.name_iid = self._builder.intern("debug_annotation_names", name)
                if name in _TEXTS:
                    annotation.string_value_iid = values[name]
                else:
                    annotation.uint_value = values[name]
            return packet

        return make


@dataclass(frozen=True, slots=True)
class _Arrows:
    """Numbers of arrows grouped by task."""

    offsets: Integers
    numbers: Integers


def _group(rows: Integers, numbers: Integers, num_rows: int) -> _Arrows:
    offsets = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=num_rows))])
    return _Arrows(offsets, numbers[np.argsort(rows, kind="stable")])
