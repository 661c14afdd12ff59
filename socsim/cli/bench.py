"""`socsim bench SUITE --out DIR`: many models on many devices, ranked; regressions against an earlier run."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from socsim.study.board.run_bench import BenchResult


def bench(
    suite: Annotated[str, typer.Argument(help="a shipped suite (vision, language) or a .yaml file: models, devices")],
    out: Annotated[Path, typer.Option(help="folder of the board: history and page")],
    label: Annotated[
        str | None, typer.Option(help="name of this run in the history; default: version and code")
    ] = None,
    against: Annotated[str | None, typer.Option(help="label of the run to compare with; default: the last")] = None,
    tolerance: Annotated[float, typer.Option(min=0, help="change that counts, as a fraction")] = 0.01,
    fail_on_regression: Annotated[
        bool, typer.Option("--fail-on-regression", help="exit status 1 where something got worse")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=0, help="processes; default: one per core; 0: only this one")
    ] = None,
    cluster: Annotated[str | None, typer.Option(help="as of socsim sweep", metavar="WHERE")] = None,
    site: Annotated[Path | None, typer.Option(help="settings of the cluster")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Run a suite of models on devices; rank them, keep their history, flag what got worse."""
    from socsim.study.board import run_bench
    from socsim.study.execution.choose import executor_for
    from socsim.study.execution.progress import Line

    with executor_for(cluster, site, workers, out / "logs") as executor:
        result = run_bench.bench(
            suite, out, label=label, against=against, tolerance=tolerance, executor=executor, progress=Line()
        )
    if as_json:
        print(json.dumps(_figures(result), ensure_ascii=False))
    else:
        _print_board(result)
    print(f"written to {out}: open {out / run_bench.PAGE}, or `socsim serve {out}`", file=sys.stderr)
    if fail_on_regression and result.regressions:
        raise typer.Exit(1)


def _figures(result: BenchResult) -> dict[str, object]:
    return {
        "suite": result.run.suite,
        "label": result.run.label,
        "computed": result.computed,
        "ranking": [{"device": d, "speed": s, "models": n} for d, s, n in result.ranking()],
        "cells": [
            {"model": c.model, "device": c.device, "status": c.status, "error": c.error, "latency_s": c.latency_s,
             "energy_j": c.energy_j}
            for c in result.cells
        ],
        "against": None if result.against is None else result.against.label,
        "changes": [asdict(change) for change in result.changes],
    }  # fmt: skip


def _print_board(result: BenchResult) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    models = list(dict.fromkeys(cell.model for cell in result.cells))
    latency = {cell.place: cell.latency_s for cell in result.cells}
    table = Table(title=f"{result.run.suite}, run {result.run.label}: latency in ms", title_justify="left")
    table.add_column("device")
    table.add_column("speed", justify="right")
    for model in models:
        table.add_column(model, justify="right")
    for device, speed, _ in result.ranking():
        values = [latency[model, device] for model in models]
        table.add_row(device, f"{speed:.0%}", *["–" if v is None else f"{v * 1e3:.4g}" for v in values])
    console.print(table)
    for cell in result.cells:
        if cell.error:
            console.print(f"{cell.model} on {cell.device}: {cell.error}", style="red", markup=False, highlight=False)
    if result.against is not None:
        worse = len(result.regressions)
        console.print(f"against {result.against.label}: {len(result.changes) - worse} better, {worse} worse")
        for change in result.regressions:
            console.print(f"  {change}", style="red", markup=False, highlight=False)
