"""What a study has computed so far: chunks of results in a folder, each file whole or not there.

Every result carries the hash of its point. A study that is started again reads them and computes only what is missing.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from socsim.errors import OutputError, SocsimError
from socsim.study.execution.job import FAILED, OK, POINT, STATUS, Scalar, decode_columns, encode

_SUFFIX = ".json.gz"
_COMPACT_ABOVE = 200
"""Chunk files beyond which they are merged into one."""


class Store:
    """The folder of a study. One process at a time works on it (`lock`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._chunks = folder / "chunks"
        self._lock: IO[Any] | None = None
        try:
            self._chunks.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._chunks):
                pass
        except OSError as error:
            raise OutputError(f"{folder}: cannot write there ({error.strerror}); choose another folder") from error

    def __enter__(self) -> Store:
        """Refuse a second process on the same folder; the lock goes with the process, however it ends."""
        import fcntl

        self._lock = open(self.folder / ".lock", "w")  # held for the life of the study
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise OutputError(f"{self.folder}: another study is at work in this folder") from None
        except OSError:
            pass  # a file system without locks: nothing is lost by going on, points would only be computed twice
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.close()

    def add(self, blob: bytes) -> None:
        """Keep the results of a chunk; they are safe once this returns."""
        name = hashlib.sha256(blob).hexdigest()[:20] + _SUFFIX
        write_atomically(self._chunks / name, blob)

    def __iter__(self) -> Iterator[dict[str, list[Scalar]]]:
        """The columns of every chunk. Raises `SocsimError` naming a file that is damaged."""
        for path in sorted(self._chunks.glob(f"*{_SUFFIX}")):
            try:
                columns = decode_columns(path.read_bytes())
                count = len(columns[POINT])
                if any(len(values) != count for values in columns.values()):
                    raise ValueError("columns of different lengths")
            except (ValueError, KeyError, TypeError) as error:
                raise SocsimError(f"{path}: damaged ({error}); remove it and run again") from error
            yield columns

    def known(self, *, retry_failed: bool = False) -> set[str]:
        """Hashes of the points whose results are there."""
        wanted = (OK,) if retry_failed else (OK, FAILED)
        return {
            str(point)
            for columns in self
            for point, status in zip(columns[POINT], columns[STATUS], strict=True)
            if status in wanted
        }

    def compact(self) -> None:
        """Merge the files of many small chunks into one; results that are there twice are kept once."""
        paths = sorted(self._chunks.glob(f"*{_SUFFIX}"))
        if len(paths) <= _COMPACT_ABOVE:
            return
        results: dict[Scalar, dict[str, Scalar]] = {}
        for columns in self:
            for values in zip(*columns.values(), strict=True):
                result = dict(zip(columns, values, strict=True))
                results[result[POINT]] = result
        blob = encode(list(results.values()))
        self.add(blob)
        kept = hashlib.sha256(blob).hexdigest()[:20] + _SUFFIX
        for path in paths:
            if path.name != kept:
                path.unlink()


def write_atomically(path: Path, content: bytes) -> None:
    """The whole file under its name, or nothing; on disk when this returns."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with open(scratch, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except OSError as error:
        with suppress(OSError):
            scratch.unlink()
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
