"""`socsim sensitivity FILE --out DIR`: which knob matters; a table, JSON and tornado plots."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from socsim.study.run_sensitivity import SensitivityResult


_WIDTH = 160
"""Of tables that go into a file or a pipe."""


def sensitivity(
    file: Annotated[Path, typer.Argument(help="a sensitivity file: base, axes, derive, figures, outputs")],
    out: Annotated[Path, typer.Option(help="folder of the study; run again to go on where it stopped")],
    method: Annotated[
        str | None, typer.Option(help="oat (one at a time), morris or sobol; default: as the file says, else oat")
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(min=1, help="values per axis (oat), trajectories (morris), base samples, a power of two (sobol)"),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="of the samples")] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, help="processes; default: one per core; 0: only this one")
    ] = None,
    cluster: Annotated[str | None, typer.Option(help="as of socsim sweep", metavar="WHERE")] = None,
    site: Annotated[Path | None, typer.Option(help="settings of the cluster")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Which of the chosen parameters decide the outputs, and by how much."""
    from socsim.study import run_sensitivity as studies
    from socsim.study.execution.choose import executor_for
    from socsim.study.execution.progress import Line

    with executor_for(cluster, site, workers, out / "logs") as executor:
        result = studies.sensitivity(
            file, out, method=method, samples=samples, seed=seed, executor=executor, progress=Line()
        )
    if as_json:
        print(json.dumps(json.loads((out / studies.SENSITIVITY).read_text(encoding="utf-8")), ensure_ascii=False))
    else:
        _print_effects(result)
    print(f"written to {out}: open {out / studies.PAGE} in a browser", file=sys.stderr)


def _print_effects(result: SensitivityResult) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDTH)
    console.print(f"{len(result.results)} points, {result.computed} computed now")
    for output, effects in result.effects.items():
        table = Table(title=f"{output} by {result.method}", title_justify="left")
        table.add_column("axis")
        table.add_column("strength", justify="right")
        names = list(effects[0].figures)
        for name in names:
            table.add_column(name, justify="right")
        for effect in effects:
            table.add_row(
                effect.axis, f"{effect.strength:.1%}", *[f"{effect.figures.get(name, 0.0):.5g}" for name in names]
            )
        console.print(table)
