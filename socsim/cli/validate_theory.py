"""`socsim validate queueing`: the simulator against formulas instead of measurements."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]


def queueing(as_json: _AsJson = False) -> None:
    """Waits and deadlines against queueing theory and the theory of real-time scheduling."""
    from socsim.validation.queueing import queueing_data, queueing_lines, validate_queueing

    checks = validate_queueing()
    _show(queueing_data(*checks), queueing_lines(*checks), as_json)


def _show(data: dict[str, Any], lines: list[str], as_json: bool) -> None:
    """Print one or the other; exit status 1 where a check failed."""
    print(json.dumps(data) if as_json else "\n".join(lines))
    if not data["ok"]:
        raise typer.Exit(1)
