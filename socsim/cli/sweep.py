"""`socsim sweep FILE --out DIR`: many runs, resumable, here or on a cluster; prints what is best."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from socsim.study.run_sweep import SweepResult

_WIDTH = 200
"""Of tables that go into a file or a pipe."""


def sweep(
    file: Annotated[Path, typer.Argument(help="a sweep file: base, axes, zip, where, derive, figures, objectives")],
    out: Annotated[Path | None, typer.Option(help="folder of the sweep; run again to go on where it stopped")] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, help="processes; default: one per core; 0: none but this one")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(help="dask://host:port, slurm, lsf, pbs, sge, htcondor or kubernetes", metavar="WHERE"),
    ] = None,
    site: Annotated[Path | None, typer.Option(help="settings of the cluster: queue, account, cores, memory …")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="count the points and estimate the time")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="compute failed points again")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Run every point of a sweep; a rerun computes only what is missing."""
    from socsim.errors import ConfigError
    from socsim.study import run_sweep as studies
    from socsim.study.execution.choose import executor_for
    from socsim.study.execution.progress import Line

    if dry_run:
        _print_estimate(file, out, workers, as_json)
        return
    if out is None:
        raise ConfigError("--out", "name a folder for the sweep, e.g. --out runs/sweep")
    with executor_for(cluster, site, workers, out / "logs") as executor:
        result = studies.sweep(file, out, executor=executor, retry_failed=retry_failed, progress=Line())
    if as_json:
        print(json.dumps(_figures(result), ensure_ascii=False))
    else:
        _print_front(result)
    from socsim.study.pages import write_study_page

    print(f"written to {out}: open {write_study_page(out)}", file=sys.stderr)


def _print_estimate(file: Path, out: Path | None, workers: int | None, as_json: bool) -> None:
    from socsim.study.execution.progress import duration
    from socsim.study.run_sweep import estimate

    found = estimate(file, out, workers=workers or None)
    if as_json:
        print(
            json.dumps({
                "points": found.points, "combinations": found.combinations, "missing": found.missing,
                "seconds_per_point": found.item_s, "workers": found.workers, "estimated_wall_s": found.wall_s,
            })
        )  # fmt: skip
        return
    print(f"{found.points} points", end="")
    if found.combinations != found.points:
        print(f" of {found.combinations} combinations", end="")
    print(f", {found.missing} to be computed")
    words = f"about {duration(found.wall_s)} on {found.workers} workers" if found.missing else "nothing to do"
    print(f"{found.item_s * 1e3:.0f} ms per point: {words}" if found.missing else words)


def _figures(result: SweepResult) -> dict[str, object]:
    from socsim.study.execution.job import STATUS

    statuses = result.results.columns[STATUS].values
    return {
        "points": len(result.results),
        "computed": result.computed,
        "status": {status: statuses.count(status) for status in sorted({str(item) for item in statuses})},
        "objectives": {item.name: item.goal for item in result.objectives},
        "best": result.best(),
        "front": [result.results.columns["point"].values[row] for row in result.front()],
        "results": str(result.folder / "results.parquet"),
    }


def _print_front(result: SweepResult) -> None:
    from rich.console import Console

    from socsim.cli.front_view import print_points
    from socsim.study.execution.job import ERROR

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
    results = result.results
    front = result.front()
    errors = [str(text) for text in results.columns[ERROR].values if text is not None]
    console.print(
        f"{len(results)} point{'s' * (len(results) != 1)}, {result.computed} computed now, "
        f"{len(errors)} without a result"
    )
    for text in list(dict.fromkeys(errors))[:3]:
        console.print(f"  {errors.count(text)} ×  {text}", style="red", highlight=False, markup=False)
    objectives = tuple((item.name, item.goal) for item in result.objectives)
    print_points(results, objectives, front, f"{result.folder / 'results.parquet'} has all points", console)
