"""The page of a sweep: parallel coordinates, trade-off with its Pareto front, heat map, table, the sweep's file."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from socsim.errors import InputError
from socsim.quantity import format_si
from socsim.report.html.document import document
from socsim.study.compare.results import shown_figure
from socsim.study.execution.job import ERROR
from socsim.study.execution.table import Results
from socsim.study.pages.points import SCRIPTS, SECTIONS, points_body, points_data
from socsim.study.pages.tables import point_table
from socsim.study.run_sweep import MANIFEST, SweepResult


def sweep_page(sweep: SweepResult) -> str:
    """The page of a finished sweep as HTML."""
    manifest = read_manifest(sweep.folder / MANIFEST)
    results = sweep.results
    axes: list[str] = json.loads(results.metadata.get("axes", "[]"))
    front = sweep.front()
    objectives = [(item.name, item.goal) for item in sweep.objectives]
    table = point_table(results, axes, objectives, front)
    name = str(manifest.get("name", sweep.folder.name))
    return document(
        title=f"{name} – socsim sweep",
        heading=f'{escape(name)} <span class="muted">sweep of {len(results):,} points</span>',
        sections={**SECTIONS, "configuration": "Configuration"},
        body=f"""<section id="summary" aria-label="Headline numbers">
<dl class="tiles">{tiles(results, axes, objectives, front)}</dl>
{failures(results)}
</section>
{points_body()}
<section id="configuration"><h2>Configuration</h2>
<p class="muted">The sweep's file. <code>results.parquet</code> beside this page has every figure of every point.</p>
<pre>{escape(str(manifest.get("sweep", "")))}</pre>
</section>""",
        scripts=(*SCRIPTS, "study.js"),
        data={"points": points_data(table)},
    )


def tiles(results: Results, axes: list[str], objectives: list[tuple[str, str]], front: list[int]) -> str:
    """Points, failures, and the best value of each objective with the point that has it."""
    errors = sum(text is not None for text in results.columns[ERROR].values)
    found = [("points", f"{len(results):,}", f"{errors} without a result" if errors else "all computed")]
    found.append(("Pareto front", f"{len(front):,}", "points" if len(objectives) > 1 else "best point"))
    for name, goal in objectives:
        rows = [row for row in front if results.columns[name].values[row] is not None] if front else []
        if rows:
            values = results.numbers(name)
            best = (min if goal == "min" else max)(rows, key=lambda row: float(values[row]))
            where = ", ".join(f"{axis.rpartition('.')[2]} {_value(results, axis, best)}" for axis in axes[:4])
            found.append((f"best {name}", shown_figure(name, float(values[best])), where))
    return "".join(
        f'<div class="tile"><dt>{escape(name)}</dt><dd>{escape(text)}<small>{escape(note)}</small></dd></div>'
        for name, text, note in found
    )


def failures(results: Results) -> str:
    """Why points have no result, the commonest reasons."""
    errors = [str(text) for text in results.columns[ERROR].values if text is not None]
    reasons = sorted(set(errors), key=lambda text: -errors.count(text))[:5]
    return "".join(f'<p class="note" role="note">{errors.count(text)} points: {escape(text)}</p>' for text in reasons)


def read_manifest(path: Path) -> dict[str, Any]:
    """A study's manifest; `InputError` where it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise InputError(f"{path}: expected an object")
    return data


def _value(results: Results, name: str, row: int) -> str:
    value, unit = results.columns[name].values[row], results.columns[name].unit
    return format_si(float(value), unit, 4) if unit and isinstance(value, int | float) else str(value)
