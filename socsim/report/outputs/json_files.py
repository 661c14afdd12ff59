"""`summary.json`, `manifest.json` and `timing.json`."""

from __future__ import annotations

from pathlib import Path

from socsim.result.output import outputs
from socsim.result.record import RunRecord


@outputs.register("summary.json")
def write_summary(record: RunRecord, path: Path) -> None:
    """The figures of the run."""
    from socsim.result import store

    store.write_summary(record, path)


@outputs.register("manifest.json")
def write_manifest(record: RunRecord, path: Path) -> None:
    """What was run: the resolved input, and what the tables do not hold."""
    from socsim.result import store

    store.write_manifest(record, path)


@outputs.register("timing.json")
def write_timing(record: RunRecord, path: Path) -> None:
    """What the simulation cost: the only output that differs from run to run."""
    from socsim.result import store

    store.write_timing(record, path)
