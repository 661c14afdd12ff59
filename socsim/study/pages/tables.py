"""The table of a sweep or a search as the columns of a page."""

from __future__ import annotations

from collections.abc import Sequence

from socsim.study.compare.results import figure_unit
from socsim.study.execution.job import ERROR, POINT, STATUS
from socsim.study.execution.table import Results
from socsim.study.pages.points import AXIS, FIGURE, OBJECTIVE, PointColumn, PointTable

_FIGURES = ("latency_s", "energy_j", "average_power_w", "achieved_flop_per_s", "dram_peak_fraction")
"""Shown besides axes and objectives, where they have values and differ."""
_MOST_FIGURES = 8


def point_table(
    results: Results, axes: Sequence[str], objectives: Sequence[tuple[str, str]], front: Sequence[int]
) -> PointTable:
    """Axes, objectives (name, goal), the figures that say most, and what bounded each point."""
    columns = [
        PointColumn(name, results.columns[name].values, AXIS, results.columns[name].unit)
        for name in axes
        if name in results.columns
    ]
    for name, goal in objectives:
        if name in results.columns:
            unit = results.columns[name].unit or figure_unit(name)
            columns.append(PointColumn(name, results.columns[name].values, OBJECTIVE, unit, goal))
    taken = {column.name for column in columns}
    own = [name for name in results.columns if name not in taken and _is_own(name)]
    for name in [*(name for name in _FIGURES if name not in taken), *own][:_MOST_FIGURES]:
        values = results.columns[name].values if name in results.columns else []
        if len({value for value in values if value is not None}) > 1:
            columns.append(PointColumn(name, values, FIGURE, figure_unit(name)))
    columns.append(PointColumn("mostly bound by", _bounds(results), FIGURE))
    names = [name for name, _ in objectives if name in results.columns]
    shown = {"x": names[0], "y": names[1] if len(names) > 1 else columns[0].name} if names else {}
    return PointTable(tuple(columns), tuple(front), shown)


def _is_own(name: str) -> bool:
    """A figure of the study file's own: no dots, and none of a run's summary."""
    known = (POINT, STATUS, ERROR, "hardware", "workload", "seed", "schema_version", "socsim_version", "tasks", "flop",
             "matmul_flop", "peak_power_w", "feasible", "energy_range_j")  # fmt: skip
    return "." not in name and name not in known and not name.startswith("dram_") and name not in _FIGURES


def _bounds(results: Results) -> list[str | None]:
    """What took most of each point's time."""
    names = [name for name in results.columns if name.startswith("bound_by.")]
    found: list[str | None] = []
    for row in range(len(results)):
        shares = [(results.columns[name].values[row], name) for name in names]
        known = [(float(value), name) for value, name in shares if isinstance(value, int | float)]
        found.append(max(known)[1].removeprefix("bound_by.") if known else None)
    return found
