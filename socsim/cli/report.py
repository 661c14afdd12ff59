"""`socsim report RUN`: print the summary of a saved run again, and rewrite its timeline and page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="folder that `socsim run --out` has written")],
    rewrite: Annotated[bool, typer.Option("--rewrite", help="write trace.pftrace and report.html anew")] = False,
) -> None:
    """Print the summary of a saved run."""
    from rich.console import Console

    from socsim.report import print_summary, write_views
    from socsim.result import load_run

    run = load_run(folder)
    if rewrite:
        write_views(run, folder)
    print_summary(run, Console())
