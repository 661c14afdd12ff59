"""What `socsim scenario` shows on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from socsim.quantity import format_si

if TYPE_CHECKING:
    from socsim.study.schedulers import Outcome


def scheduler_table(hardware: str, outcomes: Sequence[Outcome]) -> Table:
    """One row per scenario and scheduler: missed deadlines, tasks interrupted, and the stream that suffers most."""
    table = Table(title=f"Schedulers on {hardware}", title_justify="left")
    table.add_column("scenario", no_wrap=True)
    table.add_column("scheduler", no_wrap=True)
    for name in ("time", "energy", "missed", "interrupted"):
        table.add_column(name, justify="right")
    table.add_column("worst off")
    for name in ("p99", "jitter"):
        table.add_column(name, justify="right")
    last = ""
    for outcome in outcomes:
        if outcome.scenario != last and last:
            table.add_section()
        worst = outcome.worst()
        tail = ("-", "-", "-") if worst is None else (worst.stream, _time(worst.p99_s), _time(worst.jitter_s))
        table.add_row(
            outcome.scenario if outcome.scenario != last else "",
            outcome.scheduler,
            _time(outcome.latency_s),
            "-" if outcome.energy_j is None else format_si(outcome.energy_j, "J"),
            str(outcome.deadline_misses),
            str(outcome.interruptions),
            *tail,
        )
        last = outcome.scenario
    return table


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else format_si(seconds, "s")
