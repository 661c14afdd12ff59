"""`socsim calibrate HARDWARE CSV --free KEY...`: fit parameters to your own measurements."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def calibrate(
    hardware: Annotated[str, typer.Argument(help="a shipped chip such as apple/m1_max, or a .yaml file")],
    measurements: Annotated[
        Path,
        typer.Argument(
            metavar="CSV",
            help="one row per measurement; columns workload, quantity (latency_s, output_tokens_per_s, ...), measured; "
            "optional set, options ('units=gpu; prompt=512; tokens=1'), transforms, use (fitted or predicted), note",
        ),
    ],
    free: Annotated[
        list[str], typer.Option("--free", metavar="KEY", help="a parameter to fit, e.g. units.gpu.launch (repeatable)")
    ],
    bounds: Annotated[
        list[str] | None,
        typer.Option(
            "--bounds", metavar="KEY=LOW..HIGH", help="how far it may go; default: a tenth to ten times (repeatable)"
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="write the chip with the fitted values (YAML)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Fit named parameters of a chip to your own measurements; says what these cannot tell apart."""
    from rich.console import Console

    from socsim.report import check_file, write_text
    from socsim.validation.calibrate import calibrate as fit_to
    from socsim.validation.calibration_view import calibration_data, calibration_yaml, print_calibration

    if out is not None:
        check_file(out)
    progress = Console(stderr=True, highlight=False)
    found = fit_to(hardware, measurements, free, bounds or (), lambda text: progress.print(f"  {text}", style="dim"))
    if out is not None:
        write_text(out, calibration_yaml(found, measurements.name, out))
    if as_json:
        print(json.dumps(calibration_data(found)))
        return
    print_calibration(found, Console(width=None if sys.stdout.isatty() else 150, highlight=False))
    if out is not None:
        progress.print(f"wrote {out}", style="dim")
