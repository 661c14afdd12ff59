"""A run beside a profile, on a terminal and as plain JSON types."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from socsim.quantity import PS_PER_S, format_si, ps_to_seconds
from socsim.study.compare.as_data import SCHEMA_VERSION
from socsim.study.compare.profile.compare import MatchedTask, ProfileComparison, call_latency_ps

if TYPE_CHECKING:
    from rich.console import Console

_MOST_ROWS = 25
_MOST_UNMATCHED = 8
_MOST_RATIO = 10
"""From which on, and below its inverse, an error is written as a ratio."""


def profile_data(comparison: ProfileComparison) -> dict[str, Any]:
    """Everything about a run and a profile."""
    latency = call_latency_ps(comparison.profile)
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "profile",
        "run": {"hardware": comparison.run.hardware, "workloads": list(comparison.run.workloads)},
        "profile": {"source": comparison.profile.source, "kind": comparison.profile.kind},
        "stream": comparison.stream,
        "simulated_s": ps_to_seconds(comparison.simulated_ps),
        "measured_s": ps_to_seconds(comparison.measured_ps) if comparison.profile.has_times else None,
        "error_fraction": comparison.error_fraction,
        "median_error_fraction": comparison.median_error_fraction,
        "weighted_error_fraction": comparison.weighted_error_fraction,
        "latency_s": {
            "simulated": ps_to_seconds(comparison.run.latency_ps),
            "measured_call": ps_to_seconds(latency) if latency is not None else None,
        },
        "operations": [_row_data(row) for row in comparison.rows],
        "only_measured": [
            {"phase": item.phase, "name": item.name, "count": item.count, "measured_s": ps_to_seconds(item.measured_ps)}
            for item in comparison.unmatched
        ],
        "only_simulated": [
            {"phase": phase, "name": task.name, "simulated_s": ps_to_seconds(task.busy_ps)}
            for phase, task in comparison.missing
        ],
        "notes": list(comparison.notes),
    }


def _row_data(row: MatchedTask) -> dict[str, Any]:
    return {
        "phase": row.phase,
        "name": row.name,
        "module": row.module,
        "unit": row.unit,
        "tasks": len(row.tasks),
        "simulated_s": ps_to_seconds(row.simulated_ps),
        "measured_s": ps_to_seconds(row.measured_ps) if row.measured_ps is not None else None,
        "error_fraction": row.error_fraction,
        "calls": row.calls,
        "operators": list(row.operators),
    }


def print_profile(comparison: ProfileComparison, console: Console) -> None:
    """The error per operator, longest first, and what either side has alone."""
    from rich.table import Table

    say = partial(console.print, highlight=False)
    run, profile = comparison.run, comparison.profile
    say(f"simulated  [bold]{escape(', '.join(run.workloads))}[/] on [bold]{escape(run.hardware)}[/]")
    say(f"measured   [bold]{escape(profile.source)}[/], {profile.kind}, {len(profile.calls) or 1} calls of the model")
    wide = max(20, console.width - 58)
    table = Table(title="Operators, longest measured first", title_justify="left", box=None)
    for heading in ("simulated", "measured", "error"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("operation", "unit", "measured as"):
        table.add_column(heading, no_wrap=True)
    rows = sorted(comparison.rows, key=lambda row: -(row.measured_ps or row.simulated_ps))
    for row in rows[:_MOST_ROWS]:
        name = row.name if row.phase == "run" else f"{row.name} ({row.phase})"
        if len(name) > wide:
            name = "…" + name[-(wide - 1) :]
        operators = ", ".join(item.removeprefix("aten::") for item in row.operators)
        table.add_row(
            _time(row.simulated_ps),
            _time(row.measured_ps) if row.measured_ps is not None else "–",
            shown_error(row.error_fraction),
            escape(name),
            row.unit,
            escape(operators if len(operators) <= 18 else operators[:17] + "…"),
        )
    say()
    say(table)
    if len(rows) > _MOST_ROWS:
        say(f"  … and {len(rows) - _MOST_ROWS} more; --json has all", style="dim")
    say(f"\n{len(rows)} operations matched, {len(comparison.missing)} simulated ones were not measured")
    if profile.has_times:
        say(
            f"together {_time(comparison.simulated_ps)} simulated, {_time(comparison.measured_ps)} measured: "
            f"{shown_error(comparison.error_fraction)}; per operation {shown_size(comparison.median_error_fraction)} "
            f"in the median, {shown_size(comparison.weighted_error_fraction)} weighted by time"
        )
    latency = call_latency_ps(profile)
    if latency is not None:
        say(f"a call of the model took {_time(latency)}; the simulated run {_time(run.latency_ps)}")
    if comparison.unmatched:
        time = sum(item.measured_ps for item in comparison.unmatched)
        names = ", ".join(f"{item.name} ×{item.count}" for item in comparison.unmatched[:_MOST_UNMATCHED])
        say(f"only measured: {_time(time)} per call ({escape(names)})")
    for note in comparison.notes:
        say(f"[yellow]note:[/] {escape(note)}")


def _time(time_ps: int) -> str:
    return format_si(time_ps / PS_PER_S, "s", 4)


def shown_error(fraction: float | None) -> str:
    """The error, as a ratio where per cent no longer say how large it is."""
    if fraction is None:
        return ""
    ratio = fraction + 1
    if ratio > _MOST_RATIO:
        return f"× {ratio:,.3g}"
    if ratio * _MOST_RATIO < 1:
        return f"÷ {1 / ratio:,.0f}" if ratio else "0"
    return f"{fraction:+.1%}"


def shown_size(fraction: float | None) -> str:
    return f"{fraction:.1%}" if fraction is not None else "–"
