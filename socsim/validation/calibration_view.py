"""A calibration for people, for programs, and as a hardware file that extends the chip it was made for."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socsim.hardware import find_hardware, hardware_names
from socsim.hardware.part import Part
from socsim.quantity import format_si
from socsim.validation.calibrate import Calibration
from socsim.validation.fit import Loose
from socsim.validation.parameter import Parameter, setting, unit_of
from socsim.validation.table import print_statistics, shown, to_data

if TYPE_CHECKING:
    from rich.console import Console


def print_calibration(found: Calibration, console: Console) -> None:
    """Parameters before and after, rows before and after, and what the data leave open."""
    from rich.table import Table

    fit = found.found
    table = Table(title=f"{found.hardware}: calibrated", title_justify="left", box=None, pad_edge=False)
    table.add_column("parameter", no_wrap=True)
    for name in ("before", "after", "change", "uncertainty", "bounds"):
        table.add_column(name, justify="right", no_wrap=True)
    for parameter, value in fit.values.items():
        start, spread = fit.start[parameter], fit.uncertainty[parameter]
        table.add_row(
            parameter.key,
            _shown(found, parameter, start),
            _shown(found, parameter, value),
            f"{value / start - 1:+.1%}",
            "not seen" if spread is None else f"{spread:.0%}" if spread < 10 else "none",
            f"{_shown(found, parameter, parameter.low)} to {_shown(found, parameter, parameter.high)}",
        )
    console.print(table)
    console.print()
    rows = Table(box=None, pad_edge=False)
    rows.add_column("what", overflow="fold")
    for name in ("measured", "before", "error", "after", "error"):
        rows.add_column(name, justify="right", no_wrap=True)
    rows.add_column("", no_wrap=True)
    for before, after in zip(found.before.rows, found.after.rows, strict=True):
        row = after.row
        rows.add_row(
            row.label,
            shown(row.quantity, row.measured),
            shown(row.quantity, before.predicted),
            f"{before.error:+.1%}",
            shown(row.quantity, after.predicted),
            f"{after.error:+.1%}",
            "fitted" if after.fitted else "predicted",
        )
    console.print(rows)
    console.print()
    print_statistics([found.before, found.after], console)
    console.print()
    for line in remarks(found):
        console.print(line, soft_wrap=True)


def remarks(found: Calibration) -> list[str]:
    """What the data do not say, a sentence each; one sentence where they say everything."""
    fit = found.found
    lines = [f"{p.key}: no row reacts to it; it stays at its value" for p in fit.unseen]
    lines += [f"{p.key}: stands at a bound ({_shown(found, p, fit.values[p])})" for p in fit.at_bound]
    lines += [
        f"{a.key} and {b.key}: the data cannot tell them apart (correlation {r:+.3f})" for a, b, r in fit.correlated
    ]
    lines += [_loose(item) for item in fit.loose]
    return lines or ["The data determine every parameter."]


def _loose(item: Loose) -> str:
    factor = "any factor" if not item.spread < 3 else f"a factor of {math.exp(item.spread):.1f}"
    if len(item.parts) == 1:
        return f"{item.parts[0][0].key}: hardly determined; {factor} is within the noise"
    parts = " * ".join(f"({p.key})^{part:+.2f}" for p, part in item.parts)
    return f"hardly determined together: {parts}; {factor} is within the noise"


def calibration_data(found: Calibration) -> dict[str, Any]:
    """Everything as JSON types, in base units; None for an infinite number."""
    fit = found.found
    return {
        "hardware": found.hardware,
        "parameters": [
            {
                "key": p.key,
                "unit": unit_of(p.key, found.soc),
                "before": fit.start[p],
                "after": value,
                "bounds": [p.low, _finite(p.high)],
                "uncertainty_fraction": fit.uncertainty[p],
                "at_bound": p in fit.at_bound,
                "seen": p not in fit.unseen,
            }
            for p, value in fit.values.items()
        ],
        "condition": _finite(fit.condition),
        "correlated": [{"keys": [a.key, b.key], "correlation": r} for a, b, r in fit.correlated],
        "hardly_determined": [
            {"direction": {p.key: part for p, part in item.parts}, "spread": _finite(item.spread)} for item in fit.loose
        ],
        "remarks": remarks(found),
        "before": to_data(found.before),
        "after": to_data(found.after),
    }


def calibration_yaml(found: Calibration, measurements: str, file: Path) -> str:
    """A hardware file that extends the calibrated one, with the fitted values and where they are from.

    It extends a shipped chip by its name, another file by its path from `file`."""
    fit = found.found
    extends = found.hardware
    if extends not in hardware_names():
        extends = Path(os.path.relpath(find_hardware(extends).resolve(), file.resolve().parent)).as_posix()
    accuracy = found.after.accuracy_of(fitted=True)
    assert accuracy is not None  # a calibration has rows to fit to
    source = f"calibrated on {measurements}: {accuracy.rows} rows, median error {accuracy.median:.1%}"
    tree: dict[str, Any] = {}
    for parameter, value in fit.values.items():
        if parameter in fit.unseen:
            continue
        text = setting(parameter, value, found.soc).partition("=")[2]
        *path, field = parameter.key.split(".")
        home, owner, part = tree, found.soc, tree
        described = path
        for step in path:
            part = part.setdefault(step, {})
            owner = _below(owner, step)
            if isinstance(owner, Part):
                home, described = part, path[path.index(step) + 1 :]
        part[field] = text
        home.setdefault("sources", {})[".".join([*described, field])] = source
    lines = [
        f"# Made by socsim calibrate; {measurements}, {accuracy.rows} rows fitted.",
        f"extends: {json.dumps(extends)}",
        f"name: {json.dumps(f'{found.soc.name}-calibrated')}",
    ]
    for key, below in tree.items():
        lines += _lines(key, below, found.soc, 0)
    return "\n".join([*lines, ""])


def _lines(key: str, below: dict[str, Any], owner: Any, depth: int) -> list[str]:
    """A part of the tree as YAML: lists of named entries as such, sources innermost."""
    pad = "  " * depth
    lines = [f"{pad}{key}:"]
    inner = _below(owner, key)
    if isinstance(inner, tuple):
        for name, fields in below.items():
            part = _below(inner, name)
            lines.append(f"{pad}  - name: {name}")
            lines += _fields(fields, part, depth + 2)
        return lines
    return lines + _fields(below, inner, depth + 1)


def _fields(fields: dict[str, Any], owner: Any, depth: int) -> list[str]:
    pad = "  " * depth
    lines: list[str] = []
    for name, value in sorted(fields.items(), key=lambda item: item[0] == "sources"):
        if name == "sources":
            lines.append(f"{pad}sources:")
            lines += [f"{pad}  {key}: {json.dumps(text)}" for key, text in value.items()]
        elif isinstance(value, dict):
            lines += _lines(name, value, owner, depth)
        else:
            lines.append(f"{pad}{name}: {value}")
    return lines


def _below(owner: Any, step: str) -> Any:
    """The part, list or table under one step of a path by names."""
    if isinstance(owner, tuple):
        return next(item for item in owner if item.name == step)
    return owner[step] if isinstance(owner, Mapping) else getattr(owner, step)


def _shown(found: Calibration, parameter: Parameter, value: float) -> str:
    unit = unit_of(parameter.key, found.soc)
    if not math.isfinite(value):
        return "any"
    if unit == "ps":
        return format_si(value / 1e12, "s")
    return format_si(value, unit) if unit else f"{value:.4g}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
