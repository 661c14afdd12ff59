"""Views of a run, made from its columns: timeline, page, console, files."""

from socsim.report.console import print_summary
from socsim.report.writing import check_writable, write_outputs, write_views

__all__ = ["check_writable", "print_summary", "write_outputs", "write_views"]
