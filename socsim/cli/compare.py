"""`socsim compare A B`: what changed between two runs or two sweeps, and where the time went."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def compare(
    before: Annotated[Path, typer.Argument(metavar="A", help="folder of a run or of a sweep")],
    after: Annotated[Path, typer.Argument(metavar="B", help="another folder of the same kind")],
    out: Annotated[Path | None, typer.Option(help="folder for compare.json and compare.html")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Say what changed from A to B in inputs and results, operation by operation, and where the time went."""
    from socsim.report.writing import check_writable
    from socsim.study.compare.kinds import RUN, kinds_of

    if out is not None:
        check_writable(out)
    two_runs = kinds_of(before, after) == (RUN, RUN)
    data, page = _compare_runs(before, after, as_json) if two_runs else _compare_sweeps(before, after, as_json)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    if out is not None:
        from socsim.report.writing import write_texts

        texts = {"compare.json": json.dumps(data, ensure_ascii=False, indent=1) + "\n", "compare.html": page}
        print("written to", *write_texts({name: text for name, text in texts.items() if text}, out), file=sys.stderr)


def _compare_runs(before: Path, after: Path, quiet: bool) -> tuple[dict[str, Any], str]:
    from rich.console import Console

    from socsim.result import load_run
    from socsim.study.compare import compare_runs
    from socsim.study.compare.as_data import runs_data
    from socsim.study.compare.console import print_runs
    from socsim.study.compare.page import runs_page

    found = compare_runs(load_run(before), load_run(after))
    if not quiet:
        print_runs(found, Console(file=sys.stdout))
    return runs_data(found), runs_page(found)


def _compare_sweeps(before: Path, after: Path, quiet: bool) -> tuple[dict[str, Any], str]:
    from rich.console import Console

    from socsim.study.compare import compare_sweeps
    from socsim.study.compare.as_data import sweeps_data
    from socsim.study.compare.console import print_sweeps

    found = compare_sweeps(before, after)
    if not quiet:
        print_sweeps(found, Console(file=sys.stdout))
    return sweeps_data(found), ""
