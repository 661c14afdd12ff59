"""Outputs of a run that is streamed: tables and timeline grow window by window under temporary names, and are renamed
when every one of them is whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from socsim.errors import OutputError
from socsim.report.map_text import map_text
from socsim.report.writing import LAST, check_writable
from socsim.result import Counter
from socsim.result.parquet import TableWriter
from socsim.result.record import Series
from socsim.result.run_result import InstanceRecord
from socsim.result.running import WindowDetail
from socsim.result.store import counter_columns, instance_table, task_table, write_streamed
from socsim.result.streamed import StreamedResult, WindowSink

if TYPE_CHECKING:
    from socsim.report.perfetto.streamed_trace import StreamedTrace

_TABLES = ("tasks.parquet", "counters.parquet", "instances.parquet")
_TRACE = "trace.pftrace"
_NOT_MADE = ("tiles.parquet",)
"""Outputs that need all tasks at once."""


class StreamedOutputs(WindowSink):
    """Makes nothing before the first window comes. A context: what was not finished is removed."""

    def __init__(self, directory: str | Path) -> None:
        self._folder = Path(directory)
        self._scratch: Path | None = None
        self._tables: dict[str, TableWriter] = {}
        self._trace: StreamedTrace | None = None

    def __enter__(self) -> StreamedOutputs:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def add(self, detail: WindowDetail, done: list[tuple[int, InstanceRecord]], series: tuple[Counter, ...]) -> None:
        changes = [
            Series(item.name, item.unit, item.kind, np.array(item.time_ps, np.int64), np.array(item.value, np.float64))
            for item in series
        ]
        try:
            if self._trace is None:
                self._trace = self._open()
            self._tables["tasks.parquet"].add(task_table(detail.window, detail.tasks))
            self._tables["counters.parquet"].add(counter_columns(changes))
            self._tables["instances.parquet"].add(instance_table(done, detail.graphs))
            self._trace.add(detail, done, changes)
        except OSError as error:
            raise OutputError(f"{error.filename or self._folder}: cannot be written: {error.strerror}") from error

    def finish(self, run: StreamedResult) -> list[Path]:
        """All files under their names."""
        from socsim.report.html.page import page

        assert self._scratch is not None
        try:
            self._close()
            write_streamed(run, self._scratch)
            (self._scratch / "report.html").write_text(page(run), encoding="utf-8")
            (self._scratch / "mapping.yaml").write_text(map_text(run.manifest), encoding="utf-8")
            names = sorted(path.name for path in self._scratch.iterdir())
            for name in sorted(names, key=lambda name: (name == LAST, name)):
                os.replace(self._scratch / name, self._folder / name)
            for name in _NOT_MADE:  # what an earlier run left here would not belong to this one
                (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"{error.filename or self._folder}: cannot be written: {error.strerror}") from error
        return [self._folder / name for name in names]

    def _open(self) -> StreamedTrace:
        from socsim.report.perfetto.streamed_trace import StreamedTrace

        check_writable(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(tempfile.mkdtemp(prefix=".partial-", dir=self._folder))
        self._tables = {name: TableWriter(self._scratch / name) for name in _TABLES}
        return StreamedTrace(self._scratch / _TRACE)

    def _close(self) -> None:
        for table in self._tables.values():
            table.close()
        if self._trace is not None:
            self._trace.close()
