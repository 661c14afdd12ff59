"""All outputs of a run into a folder: written under temporary names, renamed when every one of them is whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from socsim.errors import OutputError
from socsim.report.outputs import json_files, mapping, page, tables, tiles, timeline  # noqa: F401 - importing registers them
from socsim.result.output import outputs
from socsim.result.record import RunRecord
from socsim.result.run_result import RunResult

LAST = "summary.json"
"""Renamed after all others: where it is new, everything is."""

VIEWS = ("report.html", "trace.pftrace")
"""Outputs that can be made again from the stored tables."""


def check_writable(directory: str | Path) -> None:
    """Raise `OutputError` where outputs could not be written to a folder; to be asked before simulating.

    The folder need not exist; nothing is left behind.
    """
    folder = Path(directory)
    nearest = folder
    while not nearest.exists() and not nearest.is_symlink() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise OutputError(f"{folder}: cannot be an output folder, because {nearest} is not a folder")
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        raise OutputError(f"{folder}: cannot write there ({error.strerror}); choose another output folder") from error


def check_file(path: str | Path) -> None:
    """Raise `OutputError` where a file could not be written; to be asked before computing. Leaves nothing behind."""
    file = Path(path)
    if file.is_dir():
        raise OutputError(f"{file}: is a folder; name a file in it")
    check_writable(file.parent)


def write_outputs(run: RunResult | RunRecord, directory: str | Path, names: Sequence[str] | None = None) -> list[Path]:
    """Write the registered outputs (or those named) of a run to a folder; returns the files.

    Where anything fails no file of the folder has changed, and nothing half-written is left.
    """
    record = run if isinstance(run, RunRecord) else run.record
    folder = Path(directory)
    check_writable(folder)
    absent = {"timing.json": record.simulator is None, "tiles.parquet": record.tiles is None}
    chosen = [name for name in (names or outputs) if not absent.get(name)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder))
    except OSError as error:
        raise OutputError(f"{folder}: cannot write there ({error.strerror})") from error
    try:
        for name in chosen:
            outputs.get(name)(record, scratch / name)
        for name in sorted(chosen, key=lambda name: (name == LAST, name)):
            os.replace(scratch / name, folder / name)
    except OSError as error:
        raise OutputError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return [folder / name for name in chosen]


def write_file(path: str | Path, write: Callable[[Path], None]) -> None:
    """Let `write` make one file; it appears under its name when it is whole."""
    file = Path(path)
    check_file(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=file.parent) as scratch:
            write(Path(scratch) / file.name)
            os.replace(Path(scratch) / file.name, file)
    except OSError as error:
        raise OutputError(f"{error.filename or file}: cannot be written: {error.strerror}") from error


def write_text(path: str | Path, text: str) -> None:
    """A file of text, there whole or not at all; `OutputError` where it cannot be."""

    def write(scratch: Path) -> None:
        scratch.write_text(text, encoding="utf-8")

    write_file(path, write)


def write_texts(texts: Mapping[str, str], directory: str | Path) -> list[Path]:
    """Write files of text to a folder, each whole or not at all, none where one cannot be written."""
    folder = Path(directory)
    check_writable(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder))
    except OSError as error:
        raise OutputError(f"{folder}: cannot write there ({error.strerror})") from error
    try:
        for name, text in texts.items():
            (scratch / name).write_text(text, encoding="utf-8")
        for name in texts:
            os.replace(scratch / name, folder / name)
    except OSError as error:
        raise OutputError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return [folder / name for name in texts]


def write_views(record: RunRecord, directory: str | Path) -> list[Path]:
    """Make timeline and page of a run anew, e.g. of one that was read back from this folder."""
    return write_outputs(record, directory, VIEWS)
