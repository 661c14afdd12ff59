"""`tasks.parquet` and `counters.parquet`."""

from __future__ import annotations

from pathlib import Path

from socsim.result.output import outputs
from socsim.result.record import RunRecord


@outputs.register("tasks.parquet")
def write_tasks(record: RunRecord, path: Path) -> None:
    """One row per executed task."""
    from socsim.result import store

    store.write_tasks(record, path)


@outputs.register("counters.parquet")
def write_counters(record: RunRecord, path: Path) -> None:
    """One row per change of a counter."""
    from socsim.result import store

    store.write_counters(record, path)
