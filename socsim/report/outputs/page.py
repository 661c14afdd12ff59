"""`report.html`, and what a notebook shows."""

from __future__ import annotations

from pathlib import Path

from socsim.result.output import NOTEBOOK, outputs, snippets
from socsim.result.record import RunRecord


@outputs.register("report.html")
def write_report(record: RunRecord, path: Path) -> None:
    """The page to read."""
    from socsim.report.html import write_page

    write_page(record, path)


@snippets.register(NOTEBOOK)
def show_in_notebook(record: RunRecord) -> str:
    """Headline numbers, bottleneck and longest operations."""
    from socsim.report.html.notebook import notebook_view

    return notebook_view(record)
