"""Views of a run, made from its columns: timeline, page, console, files."""

from socsim.report.console import print_summary
from socsim.report.map_text import map_text
from socsim.report.streamed_output import StreamedOutputs
from socsim.report.writing import check_file, check_writable, write_file, write_outputs, write_text, write_views

__all__ = [
    "StreamedOutputs",
    "check_file",
    "check_writable",
    "map_text",
    "print_summary",
    "write_file",
    "write_outputs",
    "write_text",
    "write_views",
]
