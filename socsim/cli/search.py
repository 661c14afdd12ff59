"""`socsim search FILE --out DIR`: the best configurations by several objectives; prints the front."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from socsim.study.run_search import SearchResult

_WIDTH = 200
"""Of tables that go into a file or a pipe."""


def search(
    file: Annotated[Path, typer.Argument(help="a search file: base, axes, derive, where, objectives, search")],
    out: Annotated[Path, typer.Option(help="folder of the search; run again to go on where it stopped")],
    workers: Annotated[
        int | None, typer.Option(min=0, help="processes; default: one per core; 0: only this one")
    ] = None,
    cluster: Annotated[str | None, typer.Option(help="as of socsim sweep", metavar="WHERE")] = None,
    site: Annotated[Path | None, typer.Option(help="settings of the cluster")] = None,
    objective: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]PKG.MODULE:FUNCTION", help="a function of your own to be made small: row -> number"
        ),
    ] = None,
    maximize: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]PKG.MODULE:FUNCTION", help="a function of your own to be made large: row -> number"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Search for the Pareto front of a space of configurations."""
    from socsim.study import run_search
    from socsim.study.execution.choose import executor_for
    from socsim.study.execution.progress import Line

    own = _functions(objective or [], "min") | _functions(maximize or [], "max")
    with executor_for(cluster, site, workers, out / "logs") as executor:
        result = run_search.search(file, out, executor=executor, objectives=own, progress=Line())
    if as_json:
        print(json.dumps(_figures(result), ensure_ascii=False))
    else:
        _print_front(result)
    from socsim.study.pages import write_study_page

    print(f"written to {out}: open {write_study_page(out)}", file=sys.stderr)


def _functions(names: list[str], goal: str) -> dict[str, tuple[Callable[[Mapping[str, Any]], float], str]]:
    from socsim.study.execution.job import load_function

    sys.path.insert(0, "")  # a function of one's own most likely lies in the current folder
    found = {}
    for text in names:
        name, _, function = text.rpartition("=")
        found[name.strip() or function.rpartition(":")[2]] = (load_function(function.strip()), goal)
    return found


def _figures(result: SearchResult) -> dict[str, object]:
    return {
        "points": len(result.results),
        "computed": result.computed,
        "objectives": dict(zip(result.objectives, result.goals, strict=True)),
        "front": [result.results.row(row) for row in result.front],
        "reference": dict(zip(result.objectives, result.reference, strict=True)),
        "hypervolume": [list(item) for item in result.progress],
        "results": str(result.folder / "results.parquet"),
    }


def _print_front(result: SearchResult) -> None:
    from rich.console import Console

    from socsim.cli.front_view import print_points

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
    console.print(f"{len(result.results)} points, {result.computed} computed now")
    volumes = ", ".join(f"{points}: {volume:.4g}" for points, volume in result.progress[-4:])
    reference = ", ".join(f"{n} {v:.4g}" for n, v in zip(result.objectives, result.reference, strict=True))
    console.print(f"hypervolume below ({reference}) after points {volumes}")
    objectives = tuple(zip(result.objectives, result.goals, strict=True))
    print_points(result.results, objectives, result.front, f"{result.folder / 'search.json'} names them all", console)
