"""`socsim hw`: the shipped hardware descriptions, one of them in detail, a check of files, the schema for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from socsim.errors import SocsimError

app = typer.Typer(help="Hardware descriptions: list, show, check, schema.", no_args_is_help=True)

Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="change a value, e.g. units.gpu.cores=24")
]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]


@app.command("list")
def list_hardware(as_json: AsJson = False) -> None:
    """The shipped chips: units, memory, peaks."""
    from socsim.cli.hw_view import hardware_table, unit_facts
    from socsim.cost import unit_models
    from socsim.hardware import Soc, hardware_names, load_soc
    from socsim.simulation import load_components

    load_components()
    socs: dict[str, Soc | str] = {}
    for name in hardware_names():
        try:
            socs[name] = load_soc(name, unit_models=unit_models)
        except SocsimError as error:
            socs[name] = str(error).splitlines()[0]
    if as_json:
        found = {
            name: {
                "description": soc.description,
                "units": [unit_facts(soc, unit, unit_models) for unit in soc.units],
                "dram_part": soc.dram.part,
                "dram_capacity_bytes": soc.dram.capacity,
                "dram_peak_bytes_per_s": soc.dram.peak_bytes_per_s,
            }
            if isinstance(soc, Soc)
            else {"error": soc}
            for name, soc in socs.items()
        }
        print(json.dumps(found))
    else:
        _print(hardware_table(socs, unit_models))


@app.command()
def show(
    hardware: Annotated[str, typer.Argument(help="a shipped name such as apple/m1_max, or a .yaml file")],
    sources: Annotated[bool, typer.Option("--sources", help="every number and where it is from")] = False,
    sets: Sets = None,
    as_json: AsJson = False,
) -> None:
    """One chip as a tree: peaks, ridge points, launches, caches, ways to memory."""
    from socsim.cli.hw_view import soc_tree, unit_facts
    from socsim.cost import unit_models
    from socsim.hardware import load_soc
    from socsim.simulation import load_components

    load_components()
    soc = load_soc(hardware, sets or (), unit_models=unit_models)
    if as_json:
        facts = {unit.name: unit_facts(soc, unit, unit_models) for unit in soc.units}
        print(json.dumps({"description": soc.to_data(), "units": facts}))
    else:
        _print(soc_tree(soc, unit_models, sources))


@app.command()
def check(files: Annotated[list[str], typer.Argument(help="files, or shipped names")], sets: Sets = None) -> None:
    """Check descriptions: prints ok, or every error with file, line and column (exit status 2)."""
    from socsim.cost import unit_models
    from socsim.hardware import load_soc
    from socsim.simulation import load_components

    load_components()
    failed = False
    for file in files:
        try:
            load_soc(file, sets or (), unit_models=unit_models)
        except SocsimError as error:
            failed = True
            typer.echo(str(error), err=True)
        else:
            typer.echo(f"{file}: ok")
    if failed:
        raise typer.Exit(2)


@app.command()
def schema(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="write it to a file")] = None,
    of_maps: Annotated[bool, typer.Option("--map", help="of map files (`socsim run --map`) instead")] = False,
) -> None:
    """JSON Schema of hardware files: completion and checks in editors."""
    from socsim.cost import unit_models
    from socsim.hardware.json_schema import hardware_schema
    from socsim.mapping import map_schema
    from socsim.report import write_text
    from socsim.simulation import load_components

    load_components()
    text = json.dumps(map_schema() if of_maps else hardware_schema(unit_models), indent=1, sort_keys=True) + "\n"
    if output is None:
        print(text, end="")
        return
    write_text(output, text)


def _print(what: object) -> None:
    from rich.console import Console

    # a pipe has no width: the whole line is then more useful than a wrapped one
    console = Console()
    Console(width=None if console.is_terminal else 400, highlight=False).print(what)
