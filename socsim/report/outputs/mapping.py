"""`mapping.yaml`: where everything ran, as a file that `--map` takes."""

from __future__ import annotations

from pathlib import Path

from socsim.report.map_text import map_text
from socsim.result.output import outputs
from socsim.result.record import RunRecord


@outputs.register("mapping.yaml")
def write_mapping(record: RunRecord, path: Path) -> None:
    """The mapping of the run."""
    path.write_text(map_text(record.manifest), encoding="utf-8")
