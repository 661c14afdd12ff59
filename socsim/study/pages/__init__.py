"""Pages of many runs: a sweep, a search, two sweeps; each one HTML file that needs no network."""

from socsim.study.pages.search import search_page
from socsim.study.pages.sweep import sweep_page
from socsim.study.pages.write import write_study_page

__all__ = ["search_page", "sweep_page", "write_study_page"]
