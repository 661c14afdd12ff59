"""The page of a board: devices ranked, every cell to sort and filter, what changed since an earlier run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from socsim.report.html.document import document
from socsim.report.html.table import table
from socsim.study.board.history import Cell, Run
from socsim.study.board.regressions import Change
from socsim.study.execution.job import OK


def ranking(cells: Sequence[Cell]) -> list[tuple[str, float, int]]:
    """(device, speed, models that run), the fastest first: the geometric mean over models of the best latency of the
    model over that of the device. A model that does not run everywhere counts for nobody."""
    devices = sorted({cell.device for cell in cells})
    latency = {cell.place: cell.latency_s for cell in cells if cell.status == OK and cell.latency_s}
    models = sorted({cell.model for cell in cells})
    common = [model for model in models if all((model, device) in latency for device in devices)]
    found = []
    for device in devices:
        ratios = [
            math.log(min(latency[model, other] for other in devices) / latency[model, device]) for model in common
        ]
        speed = math.exp(sum(ratios) / len(ratios)) if ratios else 0.0
        found.append((device, speed, sum((model, device) in latency for model in models)))
    return sorted(found, key=lambda item: (-item[1], item[0]))


def board_page(run: Run, cells: Sequence[Cell], changed: Sequence[Change], against: Run | None) -> str:
    """The page as HTML: one file that needs no network."""
    ratios = {(change.model, change.device): change for change in changed if change.figure == "latency_s"}
    rows = [_row(cell, ratios.get(cell.place)) for cell in cells]
    ranks = [
        [f"{place}. {device}", f"{speed:.0%}", str(count)]
        for place, (device, speed, count) in enumerate(ranking(cells), 1)
    ]
    body = (
        '<section id="ranking"><h2>Devices</h2><p class="muted">Speed relative to the fastest device of each model, '
        "geometric mean over the models that run on all of them.</p>"
        f"{table(('device', 'speed', 'models that run'), ranks)}</section>"
        f'<section id="changes"><h2>Changes</h2>{_changes(changed, against)}</section>'
        '<section id="cells"><h2>Models on devices</h2><div id="cell-grid"></div></section>'
    )
    return document(
        title=f"{run.suite} – socsim board",
        heading=f'{escape(run.suite)} <span class="muted">board</span>',
        remark=f"run {run.label}",
        sections={"ranking": "Devices", "changes": "Changes", "cells": "Models on devices"},
        body=body,
        scripts=("grid.js", "board.js"),
        data={"cells": rows},
    )


def _changes(changed: Sequence[Change], against: Run | None) -> str:
    if against is None:
        return '<p class="muted">There is no earlier run to compare with.</p>'
    if not changed:
        return f"<p>Nothing moved since {escape(against.label)}.</p>"
    rows = [
        [change.model, change.device, change.figure, "no longer runs" if change.ratio is None
         else f"{change.ratio - 1:+.1%}", "worse" if change.is_worse else "better"]
        for change in sorted(changed, key=lambda change: (not change.is_worse, change.model, change.device))
    ]  # fmt: skip
    return f"<p>Since {escape(against.label)}:</p>" + table(("model", "device", "figure", "change", ""), rows)


def _row(cell: Cell, change: Change | None) -> dict[str, Any]:
    bounds = {
        name: value
        for name in ("compute", "memory", "contention", "latency", "launch", "queue", "handover", "idle")
        if isinstance(value := cell.figure(f"bound_by.{name}"), float)
    }
    return {
        "model": cell.model,
        "device": cell.device,
        "status": cell.status,
        "error": cell.error or "",
        "latency_s": cell.latency_s,
        "per_s": 1 / cell.latency_s if cell.latency_s else None,
        "energy_j": cell.energy_j,
        "power_w": cell.figure("average_power_w"),
        "tokens_per_s": cell.figure("generation.output_tokens_per_s"),
        "bound_by": max(bounds, key=lambda name: bounds[name]) if bounds else "",
        "change": change.ratio - 1 if change is not None and change.ratio is not None else 0.0,
    }
