"""Writes the page of whatever study a folder holds."""

from __future__ import annotations

from pathlib import Path

from socsim.report.writing import write_texts
from socsim.study.pages.search import search_page
from socsim.study.pages.sweep import sweep_page
from socsim.study.run_search import SEARCH
from socsim.study.run_sweep import load_sweep

PAGE = "report.html"


def write_study_page(folder: Path) -> Path:
    """Write `report.html` into the folder of a sweep or a search; returns the file."""
    text = search_page(folder) if (folder / SEARCH).exists() else sweep_page(load_sweep(folder))
    return write_texts({PAGE: text}, folder)[0]
