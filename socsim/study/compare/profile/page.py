"""A run beside a profile as a page: one HTML file that needs no network."""

from __future__ import annotations

from html import escape
from pathlib import Path

from socsim.quantity import PS_PER_S, format_si
from socsim.report.html.document import document
from socsim.report.html.table import table
from socsim.study.compare.profile.compare import ProfileComparison, call_latency_ps
from socsim.study.compare.profile.views import shown_error, shown_size

_SECTIONS = {"errors": "Simulated against measured", "operations": "Operations", "alone": "Without a counterpart"}


def profile_page(comparison: ProfileComparison) -> str:
    """The page of a run and a profile as HTML."""
    run, profile = comparison.run, comparison.profile
    name = f"{', '.join(run.workloads)} on {run.hardware}"
    source = Path(profile.source).name
    notes = "".join(f'<p class="note" role="note">{escape(note)}</p>' for note in comparison.notes)
    return document(
        title=f"{name} / {source} – socsim compare",
        heading=f'<span class="muted">simulated</span> {escape(name)}<br><span class="muted">measured</span> '
        f"{escape(source)}",
        remark=profile.kind,
        sections=_SECTIONS,
        body=f"""<section id="summary" aria-label="Headline numbers"><dl class="tiles">{_tiles(comparison)}</dl>{notes}
</section>
<section id="errors"><h2>Simulated against measured</h2>
<p class="muted">Each mark is an operation, or the fused operations of one simulated task; on the line both agree. Press
a mark to find it in the table.</p>
<div class="chart" id="error-chart"></div></section>
<section id="operations"><h2>Operations</h2><div id="operation-grid"></div></section>
<section id="alone"><h2>Without a counterpart</h2><div class="columns">{_alone(comparison)}</div></section>""",
        scripts=("grid.js", "profile.js"),
        data={
            "has_times": profile.has_times,
            "operations": [
                {
                    "name": row.name,
                    "phase": row.phase,
                    "unit": row.unit,
                    "simulated_s": row.simulated_ps / PS_PER_S,
                    "measured_s": row.measured_ps / PS_PER_S if row.measured_ps is not None else None,
                    "error": row.error_fraction,
                    "operators": list(row.operators),
                    "calls": row.calls,
                }
                for row in comparison.rows
            ],
        },
    )


def _tiles(comparison: ProfileComparison) -> str:
    found = [("operations matched", f"{len(comparison.rows)}", f"{len(comparison.missing)} simulated ones were not")]
    if comparison.profile.has_times:
        found += [
            ("simulated", _time(comparison.simulated_ps), "matched operations together"),
            ("measured", _time(comparison.measured_ps), "matched operations together"),
            ("error", shown_error(comparison.error_fraction), "together"),
            ("median error", shown_size(comparison.median_error_fraction), "per operation"),
            ("weighted error", shown_size(comparison.weighted_error_fraction), "by measured time"),
        ]
    latency = call_latency_ps(comparison.profile)
    if latency is not None:
        found.append(("a call of the model", _time(latency), f"the simulated run {_time(comparison.run.latency_ps)}"))
    return "".join(
        f'<div class="tile"><dt>{escape(name)}</dt><dd>{escape(text)}<small>{escape(note)}</small></dd></div>'
        for name, text, note in found
    )


def _alone(comparison: ProfileComparison) -> str:
    measured = [[item.name, f"{item.count}", _time(item.measured_ps)] for item in comparison.unmatched]
    simulated = [[task.name, task.unit, _time(task.busy_ps)] for _, task in comparison.missing]
    parts = []
    if measured:
        parts.append(table(["only measured", "per call", "time per call"], measured))
    if simulated:
        parts.append(table(["only simulated", "unit", "time"], simulated))
    return "".join(parts) or "<p>Everything was matched.</p>"


def _time(time_ps: int) -> str:
    return format_si(time_ps / PS_PER_S, "s", 4)
