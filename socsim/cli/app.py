"""All commands under one name. Command modules import what they need only when they run, so that --help is quick."""

from __future__ import annotations

from typing import Annotated

import typer

import socsim
from socsim.cli import hw, scenario, workload
from socsim.cli.bench import bench
from socsim.cli.calibrate import calibrate
from socsim.cli.compare import compare
from socsim.cli.memory import memory
from socsim.cli.report import report
from socsim.cli.run import run
from socsim.cli.search import search
from socsim.cli.sensitivity import sensitivity
from socsim.cli.serve import serve
from socsim.cli.sweep import sweep
from socsim.cli.trace import trace
from socsim.cli.transform import transform
from socsim.cli.validate import app as validate_app

app = typer.Typer(
    name="socsim",
    help="Simulate a system-on-chip that runs machine-learning workloads: latency, energy, utilization, and why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(socsim.__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="print it")] = False,
) -> None:
    """Simulate a system-on-chip that runs machine-learning workloads."""


app.command()(run)
app.command()(trace)
app.command()(report)
app.command()(sweep)
app.command()(search)
app.command()(sensitivity)
app.command()(bench)
app.command()(serve)
app.command()(compare)
app.command()(memory)
app.command()(calibrate)
app.add_typer(validate_app, name="validate")
app.add_typer(hw.app, name="hw")
workload.app.command()(transform)
app.add_typer(workload.app, name="workload")
app.add_typer(scenario.app, name="scenario")
