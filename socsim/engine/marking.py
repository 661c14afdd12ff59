"""Where a run can be cut: a time before which every task that had begun is done."""

from __future__ import annotations

from collections.abc import Iterable

from socsim.engine.task_run import Instance
from socsim.result import Spans
from socsim.result.windows import Mark

_END, _DONE, _INSTANCE = (Spans.position(name) for name in ("end_ps", "done_ps", "instance"))


def mark_now(spans: Spans, first_row: int, live: Iterable[Instance], now_ps: int) -> Mark | None:
    """The mark that can be set at this instant; None where no row from `first_row` on would lie before it.

    Its time is the earliest at which a task that is not done was taken by a front end: neither its fill nor its body
    nor its power began before.
    """
    end_ps = now_ps
    numbers = set()
    for instance in live:
        numbers.add(instance.number)
        for run in instance.runs:
            if run is not None:
                end_ps = min(end_ps, getattr(run, "launch_start_ps", now_ps))
    table = spans.since(first_row)
    before = (table[:, _END] <= end_ps) & (table[:, _DONE] >= 0)
    count = len(before) if before.all() else int(before.argmin())
    if count == 0:
        return None
    numbers.update(table[count:, _INSTANCE].tolist())
    return Mark(first_row + count, end_ps, first_row + len(table), tuple(sorted(numbers)))
