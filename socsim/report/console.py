"""The summary that a person wants first, on a terminal: time, what bounds it, busiest parts, longest operations."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from socsim.quantity import PS_PER_S, format_bytes, format_si
from socsim.report.wording import CAUSE_MEANINGS, generation_lines
from socsim.result.bottleneck import CAUSES
from socsim.result.operations import OperationFigures, merge_layers
from socsim.result.record import RunRecord
from socsim.result.run_result import RunResult

if TYPE_CHECKING:
    from rich.console import Console

Say = Callable[..., None]
"""Prints a line of rich markup."""

CAUSE_COLOURS = {
    "compute": "green", "memory": "blue", "contention": "magenta", "latency": "cyan", "launch": "yellow",
    "queue": "red", "handover": "bright_magenta", "idle": "bright_black",
}  # fmt: skip
_TOP = 10
_BAR_WIDTH = 30
_SHORT_BAR = 8
_BESIDE_BARS = 21
"""Columns that the name of a cause, its share and the gaps take."""
_WIDE = 120
"""Columns of a terminal from which on the table has room for rates."""
_SHOWN_FRACTION = 0.0005


def print_summary(run: RunResult | RunRecord, console: Console) -> None:
    """Print the figures of a run to a console of rich."""
    summary = run.summary
    say = partial(console.print, highlight=False)
    _print_head(run, summary, say)
    _print_bottleneck(summary, say, console.width)
    _print_parts(summary, say)
    _print_streams(summary, say)
    _print_operations(run, say, console.width)
    for note in run.notes:
        say(f"[yellow]note:[/] {_escape(note)}")
    if run.partial:
        say("[yellow]partial:[/] operators without a formula were priced by their bytes alone")


def _print_head(run: RunResult | RunRecord, summary: dict[str, Any], say: Say) -> None:
    workloads = ", ".join(run.workloads)
    say(f"[bold]{_escape(workloads)}[/] on [bold]{_escape(run.hardware)}[/]")
    lines = [("latency", format_si(summary["latency_s"], "s", 4))]
    if summary["generation"]:
        lines += generation_lines(summary["generation"])
    if summary["energy_j"] is not None:
        lines.append(("energy", f"{format_si(summary['energy_j'], 'J')}, {format_si(summary['average_power_w'], 'W')}"))
    lines += [
        ("arithmetic", f"{format_si(summary['flop'], 'FLOP')}, {format_si(summary['achieved_flop_per_s'], 'FLOP/s')}"),
        (
            "DRAM traffic",
            f"{format_bytes(summary['dram_read_bytes'])} read, {format_bytes(summary['dram_write_bytes'])} written",
        ),
        (
            "DRAM bandwidth",
            f"{format_si(summary['dram_average_bytes_per_s'], 'B/s')} on average, "
            f"{summary['dram_peak_fraction']:.0%} of peak",
        ),
        ("tasks", f"{summary['tasks']:,}"),
    ]
    for name, text in lines:
        say(f"  {name:<22} {text}")


def _print_bottleneck(summary: dict[str, Any], say: Say, width: int) -> None:
    say("\n[bold]What bounds it[/]")
    shares = summary["bound_by"]
    shown = [cause for cause in CAUSES if shares[cause] >= _SHOWN_FRACTION]
    meaning_width = max((len(CAUSE_MEANINGS[cause]) for cause in shown), default=0)
    bar_width = min(_BAR_WIDTH, max(_SHORT_BAR, width - _BESIDE_BARS - meaning_width))
    for cause in sorted(shown, key=lambda name: -shares[name]):
        bar = "█" * max(1, round(shares[cause] * bar_width))
        say(
            f"  {cause:<10} {shares[cause]:>6.1%} [{CAUSE_COLOURS[cause]}]{bar:<{bar_width}}[/] "
            f"[dim]{CAUSE_MEANINGS[cause]}[/]"
        )


def _print_parts(summary: dict[str, Any], say: Say) -> None:
    say("\n[bold]Busiest units and links[/]")
    units = sorted(summary["units"].items(), key=lambda item: -item[1]["busy_fraction"])
    for name, figures in units:
        if figures["tasks"]:
            say(
                f"  {_escape(name):<16} {figures['busy_fraction']:>6.1%} busy   {figures['tasks']:,} tasks, "
                f"{format_si(figures['flop'], 'FLOP')}"
            )
    links = sorted(summary["links"].items(), key=lambda item: -item[1]["peak_fraction"])
    for name, figures in links:
        if figures["average_bytes_per_s"]:
            say(
                f"  {_escape(name):<16} {figures['peak_fraction']:>6.1%} of peak "
                f"{format_si(figures['average_bytes_per_s'], 'B/s')} on average"
            )
    for name, figures in summary["caches"].items():
        looked_up = figures["hit_bytes"] + figures["miss_bytes"]
        if looked_up:
            say(
                f"  {_escape(name):<16} {figures['hit_bytes'] / looked_up:>6.1%} hits    of {format_bytes(looked_up)}, "
                f"{format_bytes(figures['writeback_bytes'])} written back"
            )


def _print_streams(summary: dict[str, Any], say: Say) -> None:
    """Streams matter where there are several, or where one ran more than once."""
    streams = summary["streams"]
    if len(streams) < 2 and not any(figures["completed"] > 1 for figures in streams.values()):
        return
    say("\n[bold]Streams[/]")
    for name, figures in streams.items():
        text = f"  {_escape(name):<16} {figures['completed']} completed, {format_si(figures['throughput_per_s'], '/s')}"
        if figures["latency_s"]:
            latency = figures["latency_s"]
            text += f"; latency {format_si(latency['mean'], 's')} mean, {format_si(latency['p99'], 's')} p99"
        if figures["deadline_misses"]:
            text += f"; [red]{figures['deadline_misses']} deadlines missed[/]"
        say(text)
        if figures["generation"] and not summary["generation"]:
            say("    " + ", ".join(f"{key} {value}" for key, value in generation_lines(figures["generation"])))


def _print_operations(run: RunResult | RunRecord, say: Say, width: int) -> None:
    from rich.table import Table

    single = run.operations
    if not single:
        return
    operations = merge_layers(single)
    all_ps = sum(operation.busy_ps for operation in operations)
    wide = width >= _WIDE
    table = Table(
        title=f"Longest operations{_sample(run)} (of {len(single):,}; * stands for repeated layers)",
        title_justify="left",
        box=None,
    )
    for heading in ("share", "time", "runs"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("operation", "unit", "bound by", *(("kind",) if wide else ())):
        table.add_column(heading, no_wrap=True)
    for heading in ("FLOP/s", "DRAM B/s") if wide else ():
        table.add_column(heading, justify="right", no_wrap=True)
    for operation in operations[:_TOP]:
        table.add_row(*_row(operation, all_ps, wide, max(20, width - (84 if wide else 46))))
    say()
    say(table)


def _sample(run: RunResult | RunRecord) -> str:
    """Where only some decode steps were simulated, the table is of these (and the prefill) alone."""
    generation = run.summary["generation"] or {}
    return " of the simulated steps" if generation.get("sampling") else ""


def _row(operation: OperationFigures, all_ps: int, wide: bool, name_width: int) -> tuple[str, ...]:
    colour = CAUSE_COLOURS[operation.bound_by]
    name = operation.name if operation.phase == "run" else f"{operation.name} ({operation.phase})"
    if len(name) > name_width:
        name = "…" + name[-(name_width - 1) :]
    cells = (
        f"{operation.busy_ps / all_ps:.1%}" if all_ps else "",
        format_si(operation.busy_ps / PS_PER_S, "s"),
        f"{operation.count:,}",
        _escape(name),
        _escape(operation.unit),
        f"[{colour}]{operation.bound_by}[/]",
    )
    if not wide:
        return cells
    rates = (format_si(operation.flop_per_s, "FLOP/s"), format_si(operation.dram_bytes_per_s, "B/s"))
    return (*cells, operation.kind, *rates)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
