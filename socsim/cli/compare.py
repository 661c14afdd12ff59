"""`socsim compare A B`: what changed between two runs or two sweeps, or how far a run is from a measured profile."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

_PROFILE = "Against a measured profile"


def compare(
    before: Annotated[Path, typer.Argument(metavar="A", help="folder of a run or of a sweep")],
    after: Annotated[
        Path,
        typer.Argument(
            metavar="B",
            help="another folder of the same kind; for a run also a profile: Kineto or Chrome trace, "
            "PyTorch execution trace, CSV of operator times",
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="folder for compare.json and compare.html")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
    perfetto: Annotated[
        Path | None,
        typer.Option(help="file for a Perfetto trace with run and profile side by side", rich_help_panel=_PROFILE),
    ] = None,
    times: Annotated[
        Path | None,
        typer.Option(help="Kineto trace recorded with an execution trace, for its times", rich_help_panel=_PROFILE),
    ] = None,
    stream: Annotated[
        str | None, typer.Option(help="which stream of the run was measured", rich_help_panel=_PROFILE)
    ] = None,
) -> None:
    """Say what changed from A to B in inputs and results, operation by operation, and where the time went."""
    from socsim.errors import ConfigError
    from socsim.report.writing import check_writable, write_texts
    from socsim.study.compare.kinds import PROFILE, RUN, kinds_of

    kinds = kinds_of(before, after)
    if PROFILE not in kinds:
        for name, value in (("--perfetto", perfetto), ("--times", times), ("--stream", stream)):
            if value is not None:
                raise ConfigError(name, "goes with a run and a profile only")
    for folder in (out, perfetto.parent if perfetto is not None else None):
        if folder is not None:
            check_writable(folder)
    if PROFILE in kinds:
        run, profile = (before, after) if kinds[0] == RUN else (after, before)
        data, page = _compare_profile(run, profile, times, stream, perfetto, as_json)
    elif kinds == (RUN, RUN):
        data, page = _compare_runs(before, after, as_json)
    else:
        data, page = _compare_sweeps(before, after, as_json)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    if out is not None:
        texts = {"compare.json": json.dumps(data, ensure_ascii=False, indent=1) + "\n", "compare.html": page}
        print("written to", *write_texts(texts, out), file=sys.stderr)


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
    from socsim.study.compare.sweeps_page import sweeps_page

    found = compare_sweeps(before, after)
    if not quiet:
        print_sweeps(found, Console(file=sys.stdout))
    return sweeps_data(found), sweeps_page(found)


def _compare_profile(
    run: Path, profile: Path, times: Path | None, stream: str | None, perfetto: Path | None, quiet: bool
) -> tuple[dict[str, Any], str]:
    from rich.console import Console

    from socsim.report.writing import write_file
    from socsim.result import load_run
    from socsim.study.compare.profile import compare_profile, read_profile
    from socsim.study.compare.profile.page import profile_page
    from socsim.study.compare.profile.tracks import write_tracks
    from socsim.study.compare.profile.views import print_profile, profile_data

    found = compare_profile(load_run(run), read_profile(profile, times), stream)
    if not quiet:
        print_profile(found, Console(file=sys.stdout))
    if perfetto is not None:
        write_file(perfetto, lambda path: write_tracks(found, path))
        print(f"written to {perfetto}: open it in https://ui.perfetto.dev", file=sys.stderr)
    return profile_data(found), profile_page(found)
