"""Evaluations for people and for programs: tables on a console, one JSON object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from socsim.validation.evaluation import Evaluation
from socsim.validation.statistics import Accuracy

if TYPE_CHECKING:
    from rich.console import Console

_TIMES = {"latency_s", "median_latency_s", "time_per_output_token_s", "time_to_first_token_s"}


def to_data(evaluation: Evaluation) -> dict[str, Any]:
    """Everything about an evaluation, in base units."""
    suite = evaluation.suite
    return {
        "suite": suite.name,
        "title": suite.title,
        "manner": evaluation.manner,
        "noise_fraction": suite.noise_fraction,
        "accuracy": asdict(evaluation.accuracy),
        "fitted": _data(evaluation.accuracy_of(fitted=True)),
        "predicted": _data(evaluation.accuracy_of(fitted=False)),
        "rows": [
            {
                "hardware": item.row.hardware,
                "set": list(item.row.overrides),
                "workload": item.row.workload,
                "options": dict(item.row.options),
                "transforms": list(item.row.transforms),
                "quantity": item.row.quantity,
                "measured": item.row.measured,
                "predicted": item.predicted,
                "error": item.error,
                "use": "fitted" if item.fitted else "predicted",
                "spread": item.row.spread,
                "source": item.row.source,
                "note": item.row.note,
            }
            for item in evaluation.rows
        ],
    }


def _data(found: Accuracy | None) -> dict[str, Any] | None:
    return asdict(found) if found is not None else None


def print_evaluation(evaluation: Evaluation, console: Console) -> None:
    """The rows of one suite and its statistics."""
    from rich.table import Table

    suite = evaluation.suite
    title = f"{suite.name}: {suite.title} ({evaluation.manner})"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("hardware", "what", "quantity"):
        table.add_column(name, overflow="fold")
    for name in ("measured", "predicted", "error"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for item in evaluation.rows:
        row = item.row
        table.add_row(
            row.hardware,
            row.label,
            row.quantity.removesuffix("_s") if row.quantity in _TIMES else row.quantity,
            shown(row.quantity, row.measured),
            shown(row.quantity, item.predicted),
            f"{item.error:+.1%}",
            "fitted" if item.fitted else "predicted",
        )
    console.print(table)
    print_statistics([evaluation], console)


def print_statistics(evaluations: Sequence[Evaluation], console: Console) -> None:
    """One line per evaluation and kind of row."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("suite", no_wrap=True)
    table.add_column("rows", no_wrap=True)
    for name in ("median", "90th", "worst", "bias", "rank correlation", "noise"):
        table.add_column(name, justify="right", no_wrap=True)
    for evaluation in evaluations:
        kinds = [(text, evaluation.accuracy_of(fitted)) for text, fitted in (("fitted", True), ("predicted", False))]
        found = [(text, value) for text, value in kinds if value is not None]
        for text, value in [*found, *([("all", evaluation.accuracy)] if len(found) > 1 else [])]:
            rank = f"{value.spearman:.3f}" if value.spearman is not None else "-"
            table.add_row(
                f"{evaluation.suite.name} ({evaluation.manner})",
                f"{value.rows} {text}",
                *(f"{number:.1%}" for number in (value.median, value.p90, value.worst)),
                f"{value.bias:+.1%}",
                rank,
                f"{evaluation.suite.noise_fraction:.0%}",
            )
    console.print(table)


def shown(quantity: str, value: float) -> str:
    """A value as people read it."""
    if quantity in _TIMES:
        return f"{value * 1e3:.3f} ms" if value < 1 else f"{value:.3f} s"
    return f"{value:,.0f}" if quantity == "cycles" else f"{value:.4g}"
