"""Outputs of a run: a file name and how to write it from the run's columns.

The built-in ones are the modules of `socsim.report.outputs`; an outside package adds another the same way, in a module
named by an entry point of the group `socsim.components`. `--out` writes all that are registered.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from socsim.registry import Registry
from socsim.result.record import RunRecord

Writer = Callable[[RunRecord, Path], None]
"""Writes one file. The same run must give the same bytes; raise `OSError` where the file cannot be written."""

outputs: Registry[Writer] = Registry("output")
"""File name -> writer."""

Snippet = Callable[[RunRecord], str]
"""A short view of a run as HTML, to stand among other things."""

snippets: Registry[Snippet] = Registry("snippet")
"""Name -> snippet; `notebook` is what a notebook shows of a run."""

NOTEBOOK = "notebook"
