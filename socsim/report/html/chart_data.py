"""The numbers behind the page's charts and its table, as plain JSON types, thinned out so that the page stays quick."""

from __future__ import annotations

from typing import Any

import numpy as np

from socsim.quantity import PS_PER_S, format_si
from socsim.report.html.shown import Shown
from socsim.result.bottleneck import CAUSES
from socsim.result.columns import Integers
from socsim.result.operations import OperationFigures, merge_layers
from socsim.result.record import RunRecord
from socsim.result.summary import DRAM
from socsim.result.utilization import Floats, busy_fractions, series_means, window_edges, window_means

_NUM_WINDOWS = 240
_NUM_TIMELINE_WINDOWS = 800
_MAX_EXACT_TASKS = 1500
"""Up to so many tasks the timeline shows each; beyond, what most of each window went to."""
_MAX_LANES = 24
_MAX_OPERATIONS = 1500
_MIN_SHOWN_FRACTION = 0.02


def chart_data(record: Shown) -> dict[str, Any]:
    """Everything that the page's script draws."""
    operations = record.operations
    return {
        "latency_s": record.latency_ps / PS_PER_S,
        "operations": [_operation(item, record) for item in operations[:_MAX_OPERATIONS]],
        "operations_left_out": max(0, len(operations) - _MAX_OPERATIONS),
        "merged": [_operation(item, record) for item in merge_layers(operations)[:_MAX_OPERATIONS]],
        "roofs": _roofs(record),
        "dram_peak_bytes_per_s": record.dram_peak_bytes_per_s,
        **(_over_time(record) if isinstance(record, RunRecord) else _no_time(record)),
    }


def _over_time(record: RunRecord) -> dict[str, Any]:
    return {"windows": _windows(record), "timeline": _timeline(record)}


def _no_time(record: Shown) -> dict[str, Any]:
    """A streamed run has its figures only; what happened when is in its tables and its trace."""
    end_s = record.latency_ps / PS_PER_S
    return {
        "windows": {"begin_s": 0.0, "end_s": end_s, "charts": [], "flat": []},
        "timeline": {"exact": False, "kinds": [], "end_s": end_s, "path": [], "lanes": [], "lanes_left_out": 0},
    }


def rounded(value: float, digits: int = 4) -> float:
    """Enough digits for a picture."""
    return float(f"{value:.{digits}g}")


def _operation(item: OperationFigures, record: Shown) -> dict[str, Any]:
    run_ps = record.latency_ps
    return {
        "name": item.name,
        "stream": item.stream,
        "phase": item.phase,
        "kind": item.kind,
        "unit": item.unit,
        "bound_by": item.bound_by,
        "count": item.count,
        "time_s": rounded(item.busy_ps / PS_PER_S, 6),
        "critical": rounded(item.critical_ps / run_ps) if run_ps else 0.0,
        "flop": item.flop,
        "bytes": item.read_bytes + item.write_bytes,
        "dram_bytes": item.dram_bytes,
        "flop_per_s": rounded(item.flop_per_s),
        "dram_bytes_per_s": rounded(item.dram_bytes_per_s),
        "energy_j": rounded(item.energy_j),
    }


def _roofs(record: Shown) -> list[dict[str, Any]]:
    """Peaks of the units that ran something, from the manifest; precisions with one peak share a roof."""
    used = {name for name, figures in record.summary["units"].items() if figures["tasks"]}
    peaks: dict[tuple[str, float], list[str]] = {}
    for roof in record.manifest.get("roofs", ()):
        if roof["unit"] in used:
            peaks.setdefault((roof["unit"], roof["flop_per_s"]), []).append(roof["precision"])
    return [
        {"unit": unit, "precision": ", ".join(precisions), "flop_per_s": peak}
        for (unit, peak), precisions in peaks.items()
    ]


_GROUPS = {
    "fraction": "Units", "B/s": "Links and memory", "B": "Caches and buffers", "W": "Power", "degC": "Temperature",
    "Hz": "Clocks",
}  # fmt: skip
_CUMULATIVE = (" hit bytes", " miss bytes", "energy")
"""Quantities that only grow: their place is the timeline."""
_FLAT_FRACTION = 1e-3
"""What moves less than this part of its largest value is said rather than drawn."""


def _windows(record: RunRecord) -> dict[str, Any]:
    """Busy fractions, bandwidths and so on averaged over equal windows of the run, by kind of quantity; what did not
    move is in `flat` as text."""
    edges = window_edges(record, _NUM_WINDOWS)
    charts, flat = [], []
    for unit in record.units:
        if record.tasks.unit.code(unit) >= 0:
            charts.append(_chart(f"{unit} busy", "fraction", 1.0, busy_fractions(record, unit, edges)))
    peaks = {link.name: link.bandwidth_bytes_per_s for link in record.links}
    peaks[DRAM] = record.dram_peak_bytes_per_s
    for series in record.series:
        if len(series.time_ps) == 0 or series.name.endswith(_CUMULATIVE):
            continue
        means = series_means(series, edges)
        capacity = peaks.get(series.name)
        if series.unit == "B":
            capacity = next((c.capacity_bytes for c in record.caches if series.name.startswith(c.name)), None)
        if np.ptp(means) <= _FLAT_FRACTION * np.abs(means).max():
            if means.any():
                flat.append(f"{series.name} {_amount(float(means[0]), series.unit)}")
        else:
            charts.append(_chart(series.name, series.unit, capacity, means))
    return {"begin_s": _seconds(record, edges[0]), "end_s": _seconds(record, edges[-1]), "charts": charts, "flat": flat}


def _amount(value: float, unit: str) -> str:
    return f"{value:.4g} °C" if unit == "degC" else format_si(value, unit)


def _chart(name: str, unit: str, peak: float | None, values: Floats) -> dict[str, Any]:
    return {
        "group": _GROUPS.get(unit, "Others"),
        "name": name,
        "unit": unit,
        "peak": peak,
        "values": [rounded(value, 3) for value in values.tolist()],
    }


def _seconds(record: RunRecord, instant_ps: int) -> float:
    return (int(instant_ps) - record.begin_ps) / PS_PER_S


def _timeline(record: RunRecord) -> dict[str, Any]:
    """What each lane did: tasks where they are few, else the kind that took most of each window."""
    tasks = record.tasks
    exact = len(tasks) <= _MAX_EXACT_TASKS
    edges = window_edges(record, _NUM_TIMELINE_WINDOWS)
    lanes = []
    kinds = np.argsort(-_time_by_kind(record), kind="stable").tolist() if len(tasks) else []
    order = {kind: place for place, kind in enumerate(kinds)}
    for unit in record.units:
        of_unit = tasks.unit.codes == tasks.unit.code(unit)
        numbers = np.unique(tasks.lane[of_unit]).tolist()
        for lane in numbers:
            rows = np.flatnonzero(of_unit & (tasks.lane == lane))
            rows = rows[np.argsort(tasks.start_ps[rows], kind="stable")]
            name = unit if len(numbers) == 1 and record.unit_slots[unit] == 1 else f"{unit} lane {lane}"
            pieces = _exact_pieces(record, rows, order) if exact else _window_pieces(record, rows, edges, order)
            lanes.append({"name": name, "pieces": pieces})
    return {
        "exact": exact,
        "kinds": [tasks.kind.values[kind] for kind in kinds],
        "end_s": _seconds(record, edges[-1]),
        "path": _path_pieces(record, edges),
        "lanes": lanes[:_MAX_LANES],
        "lanes_left_out": max(0, len(lanes) - _MAX_LANES),
    }


def _time_by_kind(record: RunRecord) -> Floats:
    tasks = record.tasks
    held = (tasks.end_ps - tasks.held_start_ps).astype(np.float64)
    total: Floats = np.bincount(tasks.kind.codes, weights=held, minlength=len(tasks.kind.values)).astype(np.float64)
    return total


def _exact_pieces(record: RunRecord, rows: Integers, order: dict[int, int]) -> list[list[Any]]:
    """[begin s, end s, kind, busy fraction, name] of each task."""
    tasks = record.tasks
    return [
        [
            rounded(_seconds(record, begin), 8),
            rounded(_seconds(record, end), 8),
            order[kind],
            1.0,
            tasks.name[row],
        ]
        for row, begin, end, kind in zip(
            rows.tolist(),
            tasks.held_start_ps[rows].tolist(),
            tasks.end_ps[rows].tolist(),
            tasks.kind.codes[rows].tolist(),
            strict=True,
        )
    ]


def _window_pieces(record: RunRecord, rows: Integers, edges: Integers, order: dict[int, int]) -> list[list[Any]]:
    """[begin s, end s, kind, busy fraction, ""] of stretches of windows with the same main kind and load."""
    tasks = record.tasks
    present = np.unique(tasks.kind.codes[rows]).tolist()
    held = np.zeros((len(present), len(edges) - 1))
    for place, kind in enumerate(present):
        of_kind = rows[tasks.kind.codes[rows] == kind]
        instants = np.column_stack([tasks.held_start_ps[of_kind], tasks.end_ps[of_kind]]).ravel()
        held[place] = window_means(instants, np.tile([1.0, 0.0], len(of_kind)), edges)
    main, busy = held.argmax(axis=0), np.minimum(held.sum(axis=0), 1.0)
    level = np.where(busy < _MIN_SHOWN_FRACTION, 0, np.ceil(busy * 5)).astype(np.int64)
    changes = np.flatnonzero(np.append(True, (main[1:] != main[:-1]) | (level[1:] != level[:-1])))
    ends = np.append(changes[1:], len(main))
    return [
        [
            rounded(_seconds(record, edges[first]), 6),
            rounded(_seconds(record, edges[last]), 6),
            order[present[int(main[first])]],
            int(level[first]) / 5,
            "",
        ]
        for first, last in zip(changes.tolist(), ends.tolist(), strict=True)
        if level[first]
    ]


def _path_pieces(record: RunRecord, edges: Integers) -> list[list[Any]]:
    """[begin s, end s, cause] of stretches of windows with the same main cause on the critical path."""
    path = record.critical_path
    if len(path.row) == 0:
        return []
    begin, cause = path.begin_ps[::-1], path.cause[::-1]
    time = np.array([window_means(begin, (cause == number).astype(np.float64), edges) for number in range(len(CAUSES))])
    main = time.argmax(axis=0)
    changes = np.flatnonzero(np.append(True, main[1:] != main[:-1]))
    ends = np.append(changes[1:], len(main))
    return [
        [rounded(_seconds(record, edges[first]), 6), rounded(_seconds(record, edges[last]), 6), CAUSES[main[first]]]
        for first, last in zip(changes.tolist(), ends.tolist(), strict=True)
        if time[:, first].any()
    ]
