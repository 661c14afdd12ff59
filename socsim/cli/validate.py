"""`socsim validate [SUITE]`: predicted against measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from socsim.cli.validate_theory import dram, energy, queueing, thermal

if TYPE_CHECKING:
    from socsim.validation.evaluation import Evaluation

app = typer.Typer(help="Predictions against measurements: all suites, or one of them.")


class By(StrEnum):
    """What is left out in turn."""

    chip = "chip"
    model = "model"


_LeaveOneOut = Annotated[
    By | None, typer.Option("--leave-one-out", help="refit without each chip or model, and predict it")
]
_Without = Annotated[
    list[str] | None, typer.Option("--without", metavar="TERM", help="take a term of the model away (repeatable)")
]
_Refit = Annotated[bool, typer.Option("--refit", help="with --without: let the other parameters make up for it")]
_Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="scatter plot as SVG")]
_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]


@app.callback(invoke_without_command=True)
def every(
    context: typer.Context,
    leave_one_out: _LeaveOneOut = None,
    without: _Without = None,
    refit: _Refit = False,
    plot: _Plot = None,
    as_json: _AsJson = False,
) -> None:
    """Predictions against measurements: all suites, or one of them."""
    if context.invoked_subcommand is None:
        from socsim.validation.catalog import suite_names

        _validate(suite_names(), leave_one_out, without, refit, plot, as_json)


@app.command()
def scalesim(plot: _Plot = None, as_json: _AsJson = False) -> None:
    """Cycles of systolic arrays against SCALE-Sim 3.0.0."""
    from socsim.validation.scalesim import evaluate_scalesim

    _show([evaluate_scalesim()], plot, as_json)


def _command(name: str) -> Callable[..., None]:
    def one(
        leave_one_out: _LeaveOneOut = None,
        without: _Without = None,
        refit: _Refit = False,
        plot: _Plot = None,
        as_json: _AsJson = False,
    ) -> None:
        _validate([name], leave_one_out, without, refit, plot, as_json)

    return one


def _validate(
    names: list[str], by: By | None, without: list[str] | None, refitted: bool, plot: Path | None, as_json: bool
) -> None:
    from rich.console import Console

    from socsim.errors import ConfigError
    from socsim.validation.evaluation import evaluate, leave_one_out
    from socsim.validation.predict import Predictor
    from socsim.validation.suite import load_suite
    from socsim.validation.terms import term

    taken = [term(name) for name in without or ()]
    if by is not None and taken:
        raise ConfigError("--without", "cannot be combined with --leave-one-out")
    progress = Console(stderr=True, highlight=False)

    def say(text: str) -> None:
        progress.print(f"  {text}", style="dim")

    found: list[Evaluation] = []
    predict = Predictor()
    for name in names:
        suite = load_suite(name)
        progress.print(f"{suite.name}: {len(suite.rows)} rows", style="dim")
        found.append(
            leave_one_out(suite, by.value, say, predict) if by is not None else evaluate(suite, taken, refitted, say)
        )
    _show(found, plot, as_json)


def _show(found: list[Evaluation], plot: Path | None, as_json: bool) -> None:
    from rich.console import Console

    from socsim.validation.table import print_evaluation, print_statistics, to_data

    if plot is not None:
        _write(plot, found)
    if as_json:
        print(json.dumps({"suites": [to_data(one) for one in found]}))
        return
    console = Console(width=None if sys.stdout.isatty() else 170, highlight=False)
    for one in found:
        print_evaluation(one, console)
        console.print()
    if len(found) > 1:
        print_statistics(found, console)


def _write(path: Path, found: list[Evaluation]) -> None:
    from socsim.validation.scatter import save_scatter

    save_scatter(path, found)


def _register_suites() -> None:
    from socsim.validation.catalog import suite_titles

    for name, title in suite_titles().items():
        app.command(name, help=title)(_command(name))


_register_suites()
app.command()(queueing)
app.command()(energy)
app.command()(thermal)
app.command()(dram)
