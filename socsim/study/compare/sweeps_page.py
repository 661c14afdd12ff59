"""The page of two sweeps: what differs in their files, every figure, and the common points in both."""

from __future__ import annotations

from html import escape

from socsim.report.html.document import document
from socsim.report.html.table import table
from socsim.study.compare.page import changes_table
from socsim.study.compare.results import figure_unit
from socsim.study.compare.sweeps import SweepComparison
from socsim.study.execution.job import Scalar
from socsim.study.pages.points import (
    AXIS,
    FIGURE,
    OBJECTIVE,
    SCRIPTS,
    SECTIONS,
    PointColumn,
    PointTable,
    points_body,
    points_data,
)


def sweeps_page(comparison: SweepComparison) -> str:
    """The page of two sweeps as HTML."""
    names = [str(sweep.folder.name) for sweep in (comparison.before, comparison.after)]
    body = _head(comparison)
    has_points = bool(comparison.pairs)
    if has_points:
        body += points_body("Ringed points are on the Pareto front of B; on the dashed line nothing changed.")
    else:
        body += "<p>The sweeps have no point in common.</p>"
    return document(
        title=f"{names[0]} / {names[1]} – socsim compare",
        heading=f'<span class="muted">A</span> {escape(names[0])}<br><span class="muted">B</span> {escape(names[1])}',
        sections={"inputs": "Inputs", "figures": "Figures", **(SECTIONS if has_points else {})},
        body=body,
        scripts=(*SCRIPTS, "study.js") if has_points else (),
        data={"points": points_data(_points(comparison))},
    )


def _head(comparison: SweepComparison) -> str:
    verdict = ""
    if comparison.nothing_changed:
        verdict = '<p class="note">Nothing changed: same file, same points, same results.</p>'
    if comparison.status_changes:
        verdict = f'<p class="note">{len(comparison.status_changes)} points failed in one of them only.</p>'
    left, right = (set(numbers) for numbers in comparison.fronts)
    found = [
        ("points in both", len(comparison.pairs)), ("only in A", len(comparison.only_before)),
        ("only in B", len(comparison.only_after)), ("on both fronts", len(left & right)),
        ("on A's front only", len(left - right)), ("on B's front only", len(right - left)),
    ]  # fmt: skip
    tiles = "".join(f'<div class="tile"><dt>{escape(name)}</dt><dd>{count:,}</dd></div>' for name, count in found)
    rows = [
        [item.name, f"{item.differ} of {item.points}", *(f"{r:.4g}" for r in (item.least, item.median, item.most))]
        for item in comparison.figures
        if item.differ
    ]
    figures = table(["figure", "points that differ", "B / A least", "median", "most"], rows) if rows else "<p>None.</p>"
    if len(rows) > 12:
        figures = f"<details><summary>{len(rows)} figures</summary>{figures}</details>"
    return f"""<section id="summary" aria-label="Headline numbers"><dl class="tiles">{tiles}</dl>{verdict}</section>
<section id="inputs"><h2>What changed in the inputs</h2>{changes_table(comparison.inputs)}</section>
<section id="figures"><h2>Figures that differ</h2>{figures}</section>
"""


def _points(comparison: SweepComparison) -> PointTable:
    """The common points: axes, and each objective in A, in B, and as a ratio."""
    results = comparison.before.results
    columns = [
        PointColumn(name, [pair.axes[place] for pair in comparison.pairs], AXIS, results.columns[name].unit)
        for place, name in enumerate(comparison.axes)
    ]
    for objective in comparison.before.objectives:
        if objective.name not in comparison.objectives:
            continue
        left, right = comparison.values(objective.name)
        unit = results.columns[objective.name].unit or figure_unit(objective.name)
        columns += [
            PointColumn(f"{objective.name} B / A", _ratios(left, right), OBJECTIVE, "", objective.goal),
            PointColumn(f"{objective.name} A", left, FIGURE, unit),
            PointColumn(f"{objective.name} B", right, FIGURE, unit),
        ]
    names = comparison.objectives
    shown: dict[str, str | bool] = {}
    if names:
        shown = {"x": f"{names[0]} A", "y": f"{names[0]} B", "heat": f"{names[0]} B / A", "diagonal": True}
    return PointTable(tuple(columns), tuple(comparison.fronts[1]), shown)


def _ratios(left: list[Scalar], right: list[Scalar]) -> list[Scalar]:
    return [
        float(other) / float(one) if isinstance(one, int | float) and isinstance(other, int | float) and one else None
        for one, other in zip(left, right, strict=True)
    ]
