"""The page of a run: text from its sections, numbers for its charts."""

from __future__ import annotations

from html import escape
from pathlib import Path

from socsim.report.html import sections
from socsim.report.html.chart_data import chart_data
from socsim.report.html.configuration import configuration
from socsim.report.html.document import asset, document, filled
from socsim.report.html.energy import energy
from socsim.report.html.shown import Shown
from socsim.report.html.trust import trust

_SCRIPTS = ("grid.js", "table.js", "roofline.js", "series.js", "timeline.js", "main.js")
_SECTIONS = {
    "bottleneck": "Bottleneck", "streams": "Streams", "parts": "Units and links", "energy": "Energy",
    "roofline": "Roofline", "time": "Over time", "timeline": "Timeline", "operations": "Operations",
    "trust": "Trust", "configuration": "Configuration",
}  # fmt: skip


def write_page(record: Shown, path: Path) -> None:
    """Write the page of a run: one file that needs no network."""
    path.write_text(page(record), encoding="utf-8")


def page(record: Shown) -> str:
    """The page of a run as HTML."""
    workload = ", ".join(record.workloads) or "nothing"
    parts = {
        "tiles": sections.tiles(record),
        "notes": sections.notes(record),
        "bottleneck": sections.bottleneck(record),
        "streams": sections.streams(record),
        "parts": sections.parts(record),
        "energy": energy(record),
        "trust": trust(record),
        "configuration": configuration(record),
    }
    return document(
        title=f"{workload} on {record.hardware} – socsim",
        heading=f'{escape(workload)} <span class="muted">on</span> {escape(record.hardware)}',
        remark=f"seed {record.seed}",
        sections={name: title for name, title in _SECTIONS.items() if name not in ("streams", "energy") or parts[name]},
        body=filled(asset("run.html"), parts),
        scripts=_SCRIPTS,
        data=chart_data(record),
    )
