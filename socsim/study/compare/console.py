"""Comparisons on a terminal: what went in, what came out, where the time went, which operations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.markup import escape

from socsim.quantity import PS_PER_S, format_si
from socsim.report.wording import CAUSE_MEANINGS
from socsim.study.compare.inputs import Change
from socsim.study.compare.operations import OperationPair, merged
from socsim.study.compare.runs import RunComparison
from socsim.study.compare.sweeps import SweepComparison
from socsim.study.compare.waterfall import Step

if TYPE_CHECKING:
    from rich.console import Console

_MOST_CHANGES = 25
_MOST_RESULTS = 20
_MOST_OPERATIONS = 15
_WIDE = 120
"""Columns of a terminal from which on there is room for what bounds an operation."""
_BAR_WIDTH = 24
_TIME_WIDTH = 9
"""Of a signed time with four digits, such as `+12.34 ms`."""
_NAME_WIDTH = 46


def print_runs(comparison: RunComparison, console: Console) -> None:
    """Two runs."""
    say = partial(console.print, highlight=False)
    before, after = comparison.before, comparison.after
    say(f"A  [bold]{escape(', '.join(before.workloads))}[/] on [bold]{escape(before.hardware)}[/]")
    say(f"B  [bold]{escape(', '.join(after.workloads))}[/] on [bold]{escape(after.hardware)}[/]")
    if comparison.nothing_changed:
        say("\nNothing changed: same inputs, same results, every task at the same picosecond.")
        return
    _print_changes(comparison.inputs, console)
    if comparison.differing_sources:
        say(f"  sources of {comparison.differing_sources} of the numbers")
    if not comparison.results:
        tasks = "the same timeline" if comparison.same_tasks else "another timeline"
        say(f"\nNo result changed; {tasks}.")
    else:
        _print_results(comparison, console)
    _print_waterfall("Where the time went, by what bounds the run", comparison.by_cause, comparison, console)
    _print_waterfall("Where the time went, by module", comparison.by_module, comparison, console)
    _print_operations(comparison.operations, console)


def print_sweeps(comparison: SweepComparison, console: Console) -> None:
    """Two sweeps."""
    from rich.table import Table

    say = partial(console.print, highlight=False)
    say(f"A  [bold]{escape(str(comparison.before.folder))}[/], {len(comparison.before.results)} points")
    say(f"B  [bold]{escape(str(comparison.after.folder))}[/], {len(comparison.after.results)} points")
    say(
        f"{len(comparison.pairs)} points in both, by {escape(', '.join(comparison.axes)) or 'no axis'}; "
        f"{len(comparison.only_before)} only in A, {len(comparison.only_after)} only in B"
    )
    if comparison.nothing_changed:
        say("\nNothing changed: same file, same points, same results.")
        return
    _print_changes(comparison.inputs, console)
    if comparison.status_changes:
        say(f"\n[yellow]{len(comparison.status_changes)} points failed in one sweep and not in the other[/]")
    changed = [item for item in comparison.figures if item.differ]
    if not changed:
        say("\nNo figure differs at any common point.")
        return
    table = Table(title="Figures that differ: B / A over the common points", title_justify="left", box=None)
    table.add_column("figure", no_wrap=True)
    for heading in ("points that differ", "least", "median", "most"):
        table.add_column(heading, justify="right", no_wrap=True)
    for item in changed[:_MOST_RESULTS]:
        ratios = (f"{ratio:.4g}" for ratio in (item.least, item.median, item.most))
        table.add_row(escape(item.name), f"{item.differ} of {item.points}", *ratios)
    say()
    say(table)
    _and_more(len(changed) - _MOST_RESULTS, console)
    left, right = (set(numbers) for numbers in comparison.fronts)
    say(f"\nPareto front among the common points: {len(left & right)} in both, {len(left - right)} only in A, "
        f"{len(right - left)} only in B")  # fmt: skip


def _print_changes(changes: Sequence[Change], console: Console) -> None:
    console.print("\n[bold]What changed in the inputs[/]", highlight=False)
    if not changes:
        console.print("  nothing", highlight=False)
    for item in changes[:_MOST_CHANGES]:
        console.print(f"  {item.path}: {_short(item.before_text)} → {_short(item.after_text)}", highlight=False,
                      markup=False)  # fmt: skip
    _and_more(len(changes) - _MOST_CHANGES, console)


def _print_results(comparison: RunComparison, console: Console) -> None:
    from rich.table import Table

    table = Table(title="What changed in the results", title_justify="left", title_style="bold", box=None)
    table.add_column("figure", no_wrap=True)
    for heading in ("A", "B", "B / A"):
        table.add_column(heading, justify="right", no_wrap=True)
    for item in comparison.results[:_MOST_RESULTS]:
        ratio = f"{item.ratio:.4g}" if item.ratio is not None else ""
        table.add_row(escape(item.name), *(escape(_short(text)) for text in item.texts), ratio)
    console.print()
    console.print(table, highlight=False)
    _and_more(len(comparison.results) - _MOST_RESULTS, console)


def _print_waterfall(title: str, steps: Sequence[Step], comparison: RunComparison, console: Console) -> None:
    """Steps from A's latency to B's; the bars hang where the steps before left off."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False)
    table.add_column("step", no_wrap=True)
    table.add_column("change", justify="right", no_wrap=True, min_width=_TIME_WIDTH)
    table.add_column("bar", no_wrap=True, min_width=_BAR_WIDTH)
    table.add_column("meaning", no_wrap=True, style="dim")
    begin, end = comparison.before.latency_ps, comparison.after.latency_ps
    levels = [begin]
    for step in steps:
        levels.append(levels[-1] + step.change_ps)
    high = max(*levels, end, 1)
    table.add_row("A", _time(begin), _bar(0, begin, high, "white"), "")
    for step, level in zip(steps, levels, strict=False):
        colour = "red" if step.change_ps > 0 else "green"
        ends = sorted((level, level + step.change_ps))
        bar = _bar(ends[0], ends[1], high, colour) if step.change_ps else ""
        sign = "+" if step.change_ps > 0 else ""
        name = _clipped(step.name, max(12, console.width - 2 * _BAR_WIDTH))
        table.add_row(escape(name), sign + _time(step.change_ps), bar, CAUSE_MEANINGS.get(step.name, ""))
    table.add_row("B", _time(end), _bar(0, end, high, "white"), "")
    console.print()
    console.print(table, highlight=False)


def _bar(low: int, high: int, full: int, colour: str) -> str:
    first, last = round(low / full * _BAR_WIDTH), round(high / full * _BAR_WIDTH)
    return f"{' ' * min(first, _BAR_WIDTH - 1)}[{colour}]{'█' * max(1, last - first)}[/]"


def _print_operations(pairs: Sequence[OperationPair], console: Console) -> None:
    from rich.table import Table

    found = [item for item in merged(pairs) if item.change_ps or item.one_sided]
    if not found:
        return
    wide = console.width >= _WIDE
    table = Table(
        title="Operations whose part of the latency changed most (* stands for repeated layers)",
        title_justify="left", title_style="bold", box=None,
    )  # fmt: skip
    for heading in ("change", "A", "B", "number"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("operation", "unit", *(("bound by",) if wide else ())):
        table.add_column(heading, no_wrap=True)
    for item in found[:_MOST_OPERATIONS]:
        name = item.name if item.phase == "run" else f"{item.name} ({item.phase})"
        sign = "+" if item.change_ps > 0 else ""
        table.add_row(
            sign + _time(item.change_ps),
            _time(item.before_ps) if item.units[0] else "–",
            _time(item.after_ps) if item.units[1] else "–",
            str(item.number),
            escape(_clipped(name, max(18, console.width - (82 if wide else 56)))),
            _both(item.units),
            *((_both(item.bounds),) if wide else ()),
        )
    console.print()
    console.print(table, highlight=False)
    _and_more(len(found) - _MOST_OPERATIONS, console)


def _both(texts: tuple[str, str]) -> str:
    left, right = (text or "–" for text in texts)
    return escape(left if left == right else f"{left} → {right}")


def _and_more(count: int, console: Console) -> None:
    if count > 0:
        console.print(f"  … and {count} more; --json and --out have all", highlight=False, style="dim")


def _short(text: str) -> str:
    return text if len(text) <= _NAME_WIDTH else text[: _NAME_WIDTH - 1] + "…"


def _clipped(text: str, width: int) -> str:
    return text if len(text) <= width else "…" + text[-(width - 1) :]


def _time(time_ps: int) -> str:
    return format_si(time_ps / PS_PER_S, "s", 4)
