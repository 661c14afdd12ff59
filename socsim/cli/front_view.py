"""The best points of a sweep or a search on a terminal: objectives in columns, axes beside them or in a line below."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from socsim.hardware.shown import shown_size
from socsim.quantity import format_si

if TYPE_CHECKING:
    from socsim.study.execution.job import Scalar
    from socsim.study.execution.table import Results

MOST_ROWS = 20
_DIGITS = 5
_ENDLESS = 100_000
_INDENT = 5


def print_points(
    results: Results, objectives: Sequence[tuple[str, str]], rows: Sequence[int], rest: str, console: Console
) -> None:
    """A table of the points in `rows`, at most `MOST_ROWS`; `objectives` are names and goals, `rest` says where all
    are. Axes that all these points share are said once; axes that would not fit beside the objectives are a line per
    point."""
    if not rows:
        return
    names = [name for name, _ in objectives]
    axes = [name for name in json.loads(results.metadata["axes"]) if name not in names]
    shown = rows[:MOST_ROWS]
    same = [name for name in axes if len(rows) > 1 and len({results.columns[name].values[row] for row in rows}) == 1]
    differ = [name for name in axes if name not in same]
    goals = " and ".join(f"{name} ({goal})" for name, goal in objectives)
    title = f"{'Best' if len(rows) == 1 else 'Pareto front'}: {goals}"
    table = _table([*names, *differ], results, shown)
    endless = console.options.update(width=_ENDLESS)  # else a table measures at most what the terminal has
    wide = console.measure(table, options=endless).maximum > console.width
    console.print(f"[bold]{escape(title)}[/]")
    if wide:
        _print_lines(names, differ, results, shown, console)
    else:
        console.print(table)
    if same:
        console.print(escape("all with " + _settings(same, results, rows[0])))
    if len(rows) > MOST_ROWS:
        console.print(escape(f"… and {len(rows) - MOST_ROWS} more; {rest}"))


def _table(names: Sequence[str], results: Results, rows: Sequence[int]) -> Table:
    table = Table()
    for name in names:
        table.add_column(escape(name), justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*[escape(_shown(name, results, row)) for name in names])
    return table


def _print_lines(
    names: Sequence[str], axes: Sequence[str], results: Results, rows: Sequence[int], console: Console
) -> None:
    """Objectives in columns; below each point its settings, as wide as the terminal."""
    cells = [[_shown(name, results, row) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[at]) for line in cells)) for at, name in enumerate(names)]
    head = "  ".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True))
    console.print(f"   [bold]{escape(head)}[/]")
    for number, (row, line) in enumerate(zip(rows, cells, strict=True), 1):
        values = "  ".join(f"{text:>{width}}" for text, width in zip(line, widths, strict=True))
        console.print(f"{number:>2} {escape(values)}")
        settings = Text(_settings(axes, results, row), style="dim")
        console.print(Padding(settings, (0, 0, 0, _INDENT), expand=False))


def _settings(names: Sequence[str], results: Results, row: int) -> str:
    return ", ".join(f"{name}={_shown(name, results, row)}" for name in names)


def _shown(name: str, results: Results, row: int) -> str:
    """A value with the unit of its column, or that its name tells."""
    from socsim.study.compare.results import figure_unit

    column = results.columns[name]
    value: Scalar = column.values[row]
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    unit = column.unit or figure_unit(name)
    if column.unit == "B" and isinstance(value, int):
        return shown_size(value)
    if unit and unit != "fraction":
        return format_si(value, unit, _DIGITS)
    return f"{value:.{_DIGITS}g}" if isinstance(value, float) else str(value)
