"""`socsim compare A B`: what changed between two runs or two sweeps, and where the time went."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def compare(
    before: Annotated[Path, typer.Argument(metavar="A", help="folder of a run or of a sweep")],
    after: Annotated[Path, typer.Argument(metavar="B", help="another folder of the same kind")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Say what changed from A to B in inputs and results, operation by operation, and where the time went."""
    from rich.console import Console

    from socsim.study.compare import compare_runs, compare_sweeps
    from socsim.study.compare.as_data import runs_data, sweeps_data
    from socsim.study.compare.console import print_runs, print_sweeps
    from socsim.study.compare.kinds import RUN, kinds_of

    console = Console(file=sys.stdout)
    if kinds_of(before, after) == (RUN, RUN):
        from socsim.result import load_run

        runs = compare_runs(load_run(before), load_run(after))
        print(json.dumps(runs_data(runs), ensure_ascii=False)) if as_json else print_runs(runs, console)
    else:
        sweeps = compare_sweeps(before, after)
        print(json.dumps(sweeps_data(sweeps), ensure_ascii=False)) if as_json else print_sweeps(sweeps, console)
