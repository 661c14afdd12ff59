"""`report.html`."""

from __future__ import annotations

from pathlib import Path

from socsim.result.output import outputs
from socsim.result.record import RunRecord


@outputs.register("report.html")
def write_report(record: RunRecord, path: Path) -> None:
    """The page to read."""
    from socsim.report.html import write_page

    write_page(record, path)
