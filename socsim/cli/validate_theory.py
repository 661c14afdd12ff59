"""`socsim validate queueing|energy|thermal|dram`: the simulator against formulas, its own books, another simulator."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]


def queueing(as_json: _AsJson = False) -> None:
    """Waits and deadlines against queueing theory and the theory of real-time scheduling."""
    from socsim.validation.queueing import queueing_data, queueing_lines, validate_queueing

    checks = validate_queueing()
    _show(queueing_data(*checks), queueing_lines(*checks), as_json)


def energy(as_json: _AsJson = False) -> None:
    """The ledger of energy against the integral of the power counters, on every shipped scenario."""
    from socsim.validation.energy import energy_data, energy_lines, measured_rows, validate_energy

    checks, rows = validate_energy(), measured_rows()
    _show(energy_data(checks, rows), energy_lines(checks, rows), as_json)


def thermal(
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="the throttling curve as SVG")] = None,
    as_json: _AsJson = False,
) -> None:
    """Heat against its closed form; ten minutes of full load on a phone."""
    from socsim.validation.thermal import thermal_data, thermal_lines, throttling, validate_heat
    from socsim.validation.throttling_curve import save_curve

    checks, curve = validate_heat(), throttling()
    if plot is not None:
        save_curve(curve, plot)
        print(f"written to {plot}", file=sys.stderr)
    _show(thermal_data(checks, curve), thermal_lines(checks, curve), as_json)


def dram(
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="loaded-latency curves as SVG")] = None,
    as_json: _AsJson = False,
) -> None:
    """The detailed DRAM model against Ramulator 2.1, on every row of its measurements."""
    from socsim.validation.dram import validate_dram
    from socsim.validation.dram_curves import save_dram_curves
    from socsim.validation.dram_view import dram_data, dram_lines

    rows = validate_dram(say=lambda file: print(f"  {file}", file=sys.stderr))
    if plot is not None:
        save_dram_curves(rows, plot)
        print(f"written to {plot}", file=sys.stderr)
    _show(dram_data(rows), dram_lines(rows), as_json)


def _show(data: dict[str, Any], lines: list[str], as_json: bool) -> None:
    """Print one or the other; exit status 1 where a check failed."""
    print(json.dumps(data) if as_json else "\n".join(lines))
    if not data["ok"]:
        raise typer.Exit(1)
