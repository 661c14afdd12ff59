"""`socsim validate SUITE`: predicted against measured."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Predictions against measurements.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """Predictions against measurements."""


@app.command()
def dram(as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False) -> None:
    """The detailed DRAM model against measurements of Ramulator 2."""
    from socsim.validation.dram import print_dram, validate_dram

    print_dram(validate_dram(), as_json)
