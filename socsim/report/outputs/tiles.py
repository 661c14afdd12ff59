"""`tiles.parquet`: what every tile did when, for a run at the tile grain."""

from __future__ import annotations

from pathlib import Path

from socsim.result.output import outputs
from socsim.result.record import RunRecord


@outputs.register("tiles.parquet")
def write_tiles(record: RunRecord, path: Path) -> None:
    """One row per tile and load, compute or store."""
    from socsim.result import store

    store.write_tiles(record, path)
