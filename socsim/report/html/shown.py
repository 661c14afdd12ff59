"""What a page can be made of: a run with its columns, or the figures of one that was streamed."""

from __future__ import annotations

from socsim.result.record import RunRecord
from socsim.result.streamed import StreamedResult

Shown = RunRecord | StreamedResult
