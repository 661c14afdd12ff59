"""What pages of many runs share: points as columns, drawn as parallel coordinates, scatter plot, heat map, table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from socsim.report.html.chart_data import rounded
from socsim.report.html.document import asset, filled
from socsim.study.execution.job import Scalar

AXIS, OBJECTIVE, FIGURE = "axis", "objective", "figure"
SCRIPTS = ("grid.js", "points.js", "parallel.js", "scatter.js", "heat_map.js")
SECTIONS = {"parallel": "Parallel coordinates", "scatter": "Trade-off", "heat": "Heat map", "points": "Points"}
MOST_POINTS = 20_000
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class PointColumn:
    """A quantity of every point. `role` is `axis`, `objective` or `figure`; `goal` min or max where it has one."""

    name: str
    values: Sequence[Scalar]
    role: str
    unit: str = ""
    goal: str = ""


@dataclass(frozen=True, slots=True)
class PointTable:
    """Points by columns, and the rows on the Pareto front. `shown` names what the charts begin with: across and up in
    the trade-off (`x`, `y`; `diagonal` where both are the same quantity), and the value of the heat map (`heat`)."""

    columns: tuple[PointColumn, ...]
    front: tuple[int, ...]
    shown: Mapping[str, str | bool]


def points_body(ringed: str = "Ringed points are on the Pareto front.") -> str:
    """The sections, as HTML; `ringed` says what a ring means."""
    return filled(asset("points.html"), {"ringed": escape(ringed)})


def points_data(table: PointTable) -> dict[str, Any]:
    """What the script draws. Of more than `MOST_POINTS` points it has every n-th and the front."""
    total = len(table.columns[0].values) if table.columns else 0
    step = -(-total // MOST_POINTS)
    rows = sorted({*range(0, total, max(1, step)), *table.front})
    place = {row: number for number, row in enumerate(rows)}
    return {
        "total": total,
        "rows": len(rows),
        "columns": [_column_data(column, rows) for column in table.columns],
        "front": [place[row] for row in table.front],
        "shown": dict(table.shown),
    }


def _column_data(column: PointColumn, rows: Sequence[int]) -> dict[str, Any]:
    data: dict[str, Any] = {"name": column.name, "role": column.role, "unit": column.unit, "goal": column.goal}
    values = [column.values[row] for row in rows]
    present = [value for value in values if value is not None]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in present):
        data["values"] = [_number(value) for value in values]
        return data
    names = list(dict.fromkeys(str(value) for value in present))
    index = {name: number for number, name in enumerate(names)}
    data["categories"] = names
    data["values"] = [None if value is None else index[str(value)] for value in values]
    return data


def _number(value: Scalar) -> float | int | None:
    if value is None or isinstance(value, int):
        return value
    assert isinstance(value, float)
    return rounded(value, _DIGITS)
