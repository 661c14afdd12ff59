"""The timeline of a run for ui.perfetto.dev."""

from socsim.report.perfetto.trace import write_trace

__all__ = ["write_trace"]
