"""`socsim report DIR`: a saved run, sweep or search again: its summary, and its page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="folder that `socsim run --out`, `socsim sweep` or `socsim search` has written"
        ),
    ],
    rewrite: Annotated[
        bool, typer.Option("--rewrite", help="of a run: write trace.pftrace and report.html anew")
    ] = False,
) -> None:
    """Print the summary of a saved run; of a sweep or a search write the page report.html."""
    from rich.console import Console

    from socsim.study.compare.kinds import SWEEP, kind_of

    if kind_of(folder) == SWEEP:
        from socsim.study.pages import write_study_page

        print(f"written to {write_study_page(folder)}", file=sys.stderr)
        return
    from socsim.report import print_summary, write_views
    from socsim.result import load_run

    run = load_run(folder)
    if rewrite:
        write_views(run, folder)
    print_summary(run, Console())
