"""The page of a run: one HTML file with everything in it, readable without a network."""

from socsim.report.html.page import write_page

__all__ = ["write_page"]
