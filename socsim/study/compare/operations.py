"""Two runs operation by operation, matched by stream, phase and the operation's name (its module path and operator)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from socsim.result.bottleneck import CAUSES
from socsim.result.operations import OperationFigures, layer_pattern
from socsim.result.record import RunRecord

Key = tuple[str, str, str]
"""Stream, phase, operation."""
NOTHING: Key = ("", "", "")
"""Who owns the time of the critical path in which no task ran."""


@dataclass(frozen=True, slots=True)
class Side:
    """One operation in one run. `critical_ps` is its part of the critical path by cause (in the order of `CAUSES`),
    the other figures are sums over all its executions."""

    units: tuple[str, ...]
    count: int
    busy_ps: int
    flop: int
    dram_bytes: int
    bound_by: str
    critical_ps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OperationPair:
    """An operation in both runs, or in one of them: the other side is None then, and `note` says, where it can be
    told, in which fused task of the other run its work is."""

    stream: str
    phase: str
    name: str
    label: str
    kind: str
    before: Side | None
    after: Side | None
    note: str = ""

    def change_ps(self, cause: int) -> int:
        """How much more of the critical path, for one cause."""
        before = self.before.critical_ps[cause] if self.before else 0
        after = self.after.critical_ps[cause] if self.after else 0
        return after - before

    @property
    def critical_change_ps(self) -> int:
        """How much more of the critical path; over all pairs of a comparison the sum is the change of latency."""
        return sum(self.change_ps(cause) for cause in range(len(CAUSES)))


@dataclass(frozen=True, slots=True)
class MergedPair:
    """Operations of repeated layers as one, with a star where their names differ. Units and bounds are of A and B,
    empty where that run has no such operation."""

    stream: str
    phase: str
    name: str
    number: int
    before_ps: int
    after_ps: int
    units: tuple[str, str]
    bounds: tuple[str, str]

    @property
    def change_ps(self) -> int:
        """How much more of the critical path."""
        return self.after_ps - self.before_ps

    @property
    def one_sided(self) -> bool:
        """Whether one of the runs has none of them."""
        return not all(self.units)


def merged(pairs: Sequence[OperationPair]) -> list[MergedPair]:
    """Pairs of repeated layers that ran on the same units and were bound alike, together; most changed first."""
    groups: dict[tuple[object, ...], list[OperationPair]] = {}
    for pair in pairs:
        if pair.name:
            sides = [(", ".join(side.units), side.bound_by) if side else ("", "") for side in (pair.before, pair.after)]
            groups.setdefault((pair.stream, pair.phase, layer_pattern(pair.name), *sides), []).append(pair)
    found = [_merged(group) for group in groups.values()]
    return sorted(found, key=lambda item: -abs(item.change_ps))


def _merged(group: Sequence[OperationPair]) -> MergedPair:
    first = group[0]
    before = sum(sum(pair.before.critical_ps) for pair in group if pair.before)
    after = sum(sum(pair.after.critical_ps) for pair in group if pair.after)
    sides = (first.before, first.after)
    units = [", ".join(side.units) if side else "" for side in sides]
    bounds = [side.bound_by if side else "" for side in sides]
    return MergedPair(
        first.stream, first.phase, first.name if len(group) == 1 else layer_pattern(first.name), len(group),
        before, after, (units[0], units[1]), (bounds[0], bounds[1]),
    )  # fmt: skip


def pair_streams(before: Sequence[str], after: Sequence[str]) -> dict[str, str]:
    """Stream of the second run -> stream of the first: by name; one that is left over on each side is the same."""
    left = [name for name in before if name not in after]
    right = [name for name in after if name not in before]
    pairs = {name: name for name in after}
    if len(left) == len(right) == 1:
        pairs[right[0]] = left[0]
    return pairs


def pair_operations(before: RunRecord, after: RunRecord, streams: Mapping[str, str]) -> list[OperationPair]:
    """Every operation of either run, those of the first in their order, then those that only the second has.

    Time of the critical path in which nothing ran is the last pair, without a name.
    """
    same = {name: name for name in streams.values()}
    left, right = _sides(before, same), _sides(after, streams)
    where_left, where_right = _owners(before, same), _owners(after, streams)
    pairs = []
    for key in [*left, *[key for key in right if key not in left]]:
        one, other = left.get(key), right.get(key)
        first = (one or other or right[key])[0]
        if key == NOTHING:
            continue
        note = ""
        if one is None:
            note = _absorbed(key, where_right, where_left)
        elif other is None:
            note = _absorbed(key, where_left, where_right)
        pairs.append(
            OperationPair(*key, first.label, first.kind, one[1] if one else None, other[1] if other else None, note)
        )
    nothing = [found.get(NOTHING) for found in (left, right)]
    if any(nothing):
        one, other = nothing
        pairs.append(OperationPair(*NOTHING, "", "", one[1] if one else None, other[1] if other else None))
    return pairs


def _sides(record: RunRecord, streams: Mapping[str, str]) -> dict[Key, tuple[OperationFigures, Side]]:
    together: dict[Key, list[OperationFigures]] = {}
    for item in record.operations:
        together.setdefault((streams.get(item.stream, item.stream), item.phase, item.name), []).append(item)
    critical = _critical(record, streams)
    order = {key: place for place, key in enumerate(_in_order(record, streams))}
    found = {}
    for key in sorted(together, key=lambda key: order[key]):
        items = together[key]
        longest = max(items, key=lambda item: item.busy_ps)
        found[key] = (
            longest,
            Side(
                units=tuple(dict.fromkeys(item.unit for item in items)),
                count=sum(item.count for item in items),
                busy_ps=sum(item.busy_ps for item in items),
                flop=sum(item.flop for item in items),
                dram_bytes=sum(item.dram_bytes for item in items),
                bound_by=longest.bound_by,
                critical_ps=critical.get(key, (0,) * len(CAUSES)),
            ),
        )
    if NOTHING in critical:
        nobody = OperationFigures("", "", "", "", "", "", 0, 0, 0, 0, 0, 0, 0, 0, "")
        found[NOTHING] = (nobody, Side((), 0, 0, 0, 0, "", critical[NOTHING]))
    return found


def _in_order(record: RunRecord, streams: Mapping[str, str]) -> dict[Key, None]:
    """Operations in the order of their tasks in the graphs, streams in the order of their arrival."""
    tasks = record.tasks
    if len(tasks) == 0:
        return {}
    order = np.lexsort((tasks.task, tasks.instance))
    return dict.fromkeys(_keys(record, streams, order.tolist()))


def _keys(record: RunRecord, streams: Mapping[str, str], rows: Iterable[int]) -> list[Key]:
    tasks = record.tasks
    names = [streams.get(name, name) for name in tasks.stream.values]
    stream, phase, name = tasks.stream.codes.tolist(), tasks.phase.codes.tolist(), tasks.name.codes.tolist()
    return [(names[stream[row]], tasks.phase.values[phase[row]], tasks.name.values[name[row]]) for row in rows]


def _critical(record: RunRecord, streams: Mapping[str, str]) -> dict[Key, tuple[int, ...]]:
    """The critical path by operation and cause; whole picoseconds that add up to the latency."""
    path = record.critical_path
    rows = np.append(np.unique(path.row[path.row >= 0]), -1)
    place = np.searchsorted(rows[:-1], path.row)
    place[path.row < 0] = len(rows) - 1
    times = np.zeros((len(rows), len(CAUSES)), dtype=np.int64)
    np.add.at(times, (place, path.cause), path.end_ps - path.begin_ps)
    found: dict[Key, list[int]] = {}
    for key, row in zip(_keys(record, streams, rows[:-1].tolist()), times.tolist(), strict=False):
        known = found.setdefault(key, [0] * len(CAUSES))
        for cause, time_ps in enumerate(row):
            known[cause] += time_ps
    if times[-1].any():
        found[NOTHING] = times[-1].tolist()
    return {key: tuple(values) for key, values in found.items()}


@dataclass(frozen=True, slots=True)
class _Owners:
    """Which task holds each operation of the workload, and the other way round."""

    task_of: Mapping[Key, str]
    operations_of: Mapping[Key, tuple[str, ...]]


def _owners(record: RunRecord, streams: Mapping[str, str]) -> _Owners:
    tasks = record.tasks
    task_of: dict[Key, str] = {}
    operations_of: dict[Key, tuple[str, ...]] = {}
    combined = tasks.stream.codes.astype(np.int64) * len(tasks.phase.values) + tasks.phase.codes
    combined = combined * max(1, len(tasks.name.values)) + tasks.name.codes
    _, first = np.unique(combined, return_index=True)
    for key, row in zip(_keys(record, streams, first.tolist()), first.tolist(), strict=True):
        operations_of[key] = tuple(tasks.operations[row].split())
        for operation in operations_of[key]:
            task_of[(key[0], key[1], operation)] = key[2]
    return _Owners(task_of, operations_of)


def _absorbed(key: Key, own: _Owners, other: _Owners) -> str:
    """In which tasks of the other run the work of an operation is that has no task of its own there."""
    holders = [other.task_of.get((key[0], key[1], name)) for name in own.operations_of.get(key, ())]
    known = dict.fromkeys(holder for holder in holders if holder is not None)
    return f"there in {', '.join(known)}" if known else ""
