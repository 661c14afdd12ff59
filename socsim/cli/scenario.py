"""`socsim scenario`: the shipped scenarios, and checks of one's own."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from socsim.errors import InputError

app = typer.Typer(help="Scenarios: list, show, check, schedulers, schema.", no_args_is_help=True)

_WIDTH = 200
"""Columns where the output goes into a file or a pipe: a line for a scenario."""

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]


@app.command("list")
def list_scenarios(as_json: AsJson = False) -> None:
    """The shipped scenarios."""
    from socsim.simulation.scenario_file import load_scenario, scenario_names

    scenarios = {name: load_scenario(name) for name in scenario_names()}
    if as_json:
        print(json.dumps({name: scenario.description for name, scenario in scenarios.items()}))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for name, scenario in scenarios.items():
        streams = ", ".join(stream.name for stream in scenario.streams)
        table.add_row(name, f"{scenario.description} ({streams})")
    Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False, markup=False).print(table)


@app.command()
def show(
    scenario: Annotated[str, typer.Argument(help="a shipped name such as camera_preview, or a .yaml file")],
    as_json: AsJson = False,
) -> None:
    """One scenario: its file, or with --json what was read of it."""
    from socsim.simulation.scenario_file import find_scenario, load_scenario

    data = load_scenario(scenario).to_data()
    print(json.dumps(data) if as_json else find_scenario(scenario).read_text(encoding="utf-8"), end="\n" * as_json)


@app.command()
def check(
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO", help="names or .yaml files")],
    hardware: Annotated[str | None, typer.Option(help="also whether it fits this chip")] = None,
) -> None:
    """Every error of scenario files, with line and column."""
    from socsim.api import load_soc
    from socsim.simulation.checks import check_scenario
    from socsim.simulation.models import Models
    from socsim.simulation.scenario_file import load_scenario

    failed = False
    soc = load_soc(hardware) if hardware is not None else None
    for name in scenarios:
        try:
            loaded = load_scenario(name)
            if soc is not None:
                check_scenario(loaded, Models(soc))
        except InputError as error:
            failed = True
            typer.echo(str(error), err=True)
        else:
            typer.echo(f"{name}: ok")
    if failed:
        raise typer.Exit(2)


@app.command()
def schedulers(
    hardware: Annotated[str, typer.Argument(help="a chip, such as apple/a17_pro, or a .yaml file")],
    scenarios: Annotated[list[str] | None, typer.Argument(metavar="SCENARIO", help="default: all shipped")] = None,
    names: Annotated[str | None, typer.Option("--schedulers", help="some of them, with commas between")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="change the chip")] = None,
    as_json: AsJson = False,
) -> None:
    """Every scheduler on every scenario: missed deadlines, tails, interruptions."""
    from rich.console import Console

    from socsim.api import load_soc
    from socsim.cli.scenario_view import scheduler_table
    from socsim.simulation.scenario_file import scenario_names
    from socsim.study.schedulers import compare_schedulers, scheduler_names

    chosen = [name.strip() for name in names.split(",")] if names else scheduler_names()
    outcomes = list(compare_schedulers(load_soc(hardware, sets or ()), scenarios or scenario_names(), chosen))
    if as_json:
        print(json.dumps([asdict(outcome) for outcome in outcomes]))
    else:
        width = None if sys.stdout.isatty() else 120
        Console(width=width, highlight=False).print(scheduler_table(hardware, outcomes))


@app.command()
def schema(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="write it to a file")] = None,
) -> None:
    """JSON Schema of scenario files: completion and checks in editors."""
    from socsim.report import write_text
    from socsim.simulation.scenario_file import scenario_schema

    text = json.dumps(scenario_schema(), indent=1, sort_keys=True) + "\n"
    if output is None:
        print(text, end="")
        return
    write_text(output, text)
