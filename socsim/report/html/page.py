"""Puts the page together: template, style and script from the assets, text and numbers from the run."""

from __future__ import annotations

import json
import re
from html import escape
from importlib.resources import files
from pathlib import Path

from socsim.report.html import sections
from socsim.report.html.chart_data import chart_data
from socsim.result.record import RunRecord
from socsim.version import __version__

SCRIPTS = ("drawing.js", "table.js", "roofline.js", "series.js", "timeline.js", "main.js")
"""In the order in which they are joined."""

_SECTIONS = {
    "bottleneck": "Bottleneck", "streams": "Streams", "parts": "Units and links", "energy": "Energy",
    "roofline": "Roofline", "time": "Over time", "timeline": "Timeline", "operations": "Operations",
    "trust": "Trust", "configuration": "Configuration",
}  # fmt: skip
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def write_page(record: RunRecord, path: Path) -> None:
    """Write the page of a run: one file that needs no network."""
    path.write_text(page(record), encoding="utf-8")


def page(record: RunRecord) -> str:
    """The page of a run as HTML."""
    workload = ", ".join(record.workloads) or "nothing"
    parts = {
        "title": escape(f"{workload} on {record.hardware} – socsim"),
        "workload": escape(workload),
        "hardware": escape(record.hardware),
        "version": escape(__version__),
        "seed": str(record.seed),
        "tiles": sections.tiles(record),
        "notes": sections.notes(record),
        "bottleneck": sections.bottleneck(record),
        "streams": sections.streams(record),
        "parts": sections.parts(record),
        "energy": sections.energy(record),
        "trust": sections.trust(record),
        "configuration": sections.configuration(record),
        "style": _asset("style.css"),
        "script": "\n".join(_asset(name) for name in SCRIPTS),
        "data": _json_in_html(chart_data(record)),
    }
    parts["navigation"] = "".join(
        f'<a href="#{name}">{title}</a>'
        for name, title in _SECTIONS.items()
        if name not in ("streams", "energy") or parts[name]
    )
    return _PLACEHOLDER.sub(lambda match: parts[match[1]], _asset("page.html"))


def _asset(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")


def _json_in_html(data: object) -> str:
    """JSON that cannot end the script element that holds it."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
