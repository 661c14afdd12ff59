"""The page of a search: the front it found, the hypervolume as it grew, and all points it tried."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from socsim.errors import InputError
from socsim.report.html.document import document
from socsim.report.html.table import table
from socsim.study.compare.results import shown_figure
from socsim.study.execution.job import POINT
from socsim.study.execution.table import read_results
from socsim.study.pages.points import SCRIPTS, SECTIONS, points_body, points_data
from socsim.study.pages.sweep import failures, read_manifest, tiles
from socsim.study.pages.tables import point_table
from socsim.study.run_search import SEARCH
from socsim.study.run_sweep import RESULTS


def search_page(folder: Path) -> str:
    """The page of a finished search as HTML; `InputError` where the folder has none."""
    found = read_manifest(folder / SEARCH)
    results = read_results(folder / RESULTS)
    try:
        objectives = list(found["objectives"].items())
        row_of = {point: row for row, point in enumerate(results.columns[POINT].values)}
        front = [row_of[point] for point in found["front"]]
        growth = [[int(points), float(volume)] for points, volume in found["hypervolume"]]
        reference = dict(found["reference"])
        name = str(found["name"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{folder / SEARCH}: not the result of a search ({error})") from error
    axes: list[str] = json.loads(results.metadata.get("axes", "[]"))
    points = point_table(results, axes, objectives, front)
    return document(
        title=f"{name} – socsim search",
        heading=f'{escape(name)} <span class="muted">search, {len(results):,} points tried</span>',
        sections={"growth": "Hypervolume", **SECTIONS, "configuration": "Configuration"},
        body=f"""<section id="summary" aria-label="Headline numbers">
<dl class="tiles">{tiles(results, axes, objectives, front)}</dl>
{failures(results)}
</section>
<section id="growth"><h2>Hypervolume over time</h2>
<p class="muted">What the points so far dominate below the reference point ({escape(_reference(reference))}).
Where it no longer grows, more points would hardly help.</p>
<div class="chart" id="growth-chart"></div>
</section>
{points_body()}
<section id="configuration"><h2>Configuration</h2>
{_configuration(found)}
</section>""",
        scripts=(*SCRIPTS, "growth.js", "study.js"),
        data={"points": points_data(points), "growth": growth},
    )


def _reference(reference: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {shown_figure(name, value)}" for name, value in reference.items())


def _configuration(found: Mapping[str, Any]) -> str:
    rows = [[key, json.dumps(found[key], ensure_ascii=False)] for key in found if key not in ("hypervolume", "front")]
    return table(["", ""], rows)
