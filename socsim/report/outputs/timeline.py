"""`trace.pftrace`."""

from __future__ import annotations

from pathlib import Path

from socsim.result.output import outputs
from socsim.result.record import RunRecord


@outputs.register("trace.pftrace")
def write_timeline(record: RunRecord, path: Path) -> None:
    """The timeline, to be opened at ui.perfetto.dev."""
    from socsim.report.perfetto import write_trace

    write_trace(record, path)
