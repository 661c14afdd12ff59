"""Views of a run, made from its columns: timeline, page, console, files. Importing this registers them as outputs."""

from socsim.report.console import print_summary
from socsim.report.html import write_page
from socsim.report.outputs import check_writable, write_outputs, write_views
from socsim.report.perfetto import write_trace

__all__ = ["check_writable", "print_summary", "write_outputs", "write_page", "write_trace", "write_views"]
