"""Text files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from socsim.errors import OutputError


def check_can_write(path: Path) -> None:
    """Raise `OutputError` where a file could not be written; to be asked before computing. Leaves nothing behind."""
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None


def write_text(path: Path, text: str) -> None:
    """Write under a temporary name, then rename."""
    unfinished = path.with_name(f".{path.name}.tmp")
    try:
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
