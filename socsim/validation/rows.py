"""Measurements as CSV: one row per measurement, cells as people write them, errors with file and line.

Columns: `hardware`, `workload`, `quantity`, `measured`; optional `set` (changes of the hardware, `;` between them),
`options` (`prompt=512; tokens=1`), `transforms` (`;` between them), `use` (fitted or predicted), `source`, `note`.
Times are in seconds, rates per second.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from socsim.errors import ConfigError
from socsim.registry import did_you_mean
from socsim.study.design.options import checked_option
from socsim.validation.measurement import QUANTITIES, Measurement

_COLUMNS = (
    "hardware", "set", "workload", "options", "transforms", "quantity", "measured", "use", "source", "note",
)  # fmt: skip
_REQUIRED = ("workload", "quantity", "measured")
_USES = ("", "fitted", "predicted")


def read_rows(path: Path, defaults: Mapping[str, str] | None = None) -> tuple[Measurement, ...]:
    """All rows of a file. `defaults` are cells for columns that the file leaves out; its options are merged."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "is no text in UTF-8") from None
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise ConfigError(f"{path}:{reader.line_num}", str(error)) from None
    if not lines:
        raise ConfigError(str(path), f"is empty; its first line names columns: {', '.join(_COLUMNS)}")
    written = text.splitlines()
    first, *rest = [(number, cells, _starts(written[number - 1])) for number, cells in lines]
    names = [name.strip() for name in first[1]]
    defaults = defaults or {}
    for name, start in zip(names, first[2], strict=False):
        if name not in _COLUMNS:
            raise ConfigError(f"{path}:{first[0]}:{start}", f"unknown column '{name}': {did_you_mean(name, _COLUMNS)}")
    for name in (*_REQUIRED, "hardware"):
        if name not in names and name not in defaults:
            raise ConfigError(f"{path}:{first[0]}:1", f"lacks the column '{name}'")
    rows = []
    for number, cells, starts in rest:
        if len(cells) != len(names):
            raise ConfigError(f"{path}:{number}:1", f"{len(cells)} cells where the first line has {len(names)}")
        given = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
        places = {name: f"{path}:{number}:{start}" for name, start in zip(names, starts, strict=False)}
        rows.append(_row(given, defaults, places, f"{path}:{number}:1"))
    return tuple(rows)


def _starts(line: str) -> list[int]:
    """Where the cells of a line begin, counted from 1; commas within quotes are no ends."""
    starts, quoted = [1], False
    for place, character in enumerate(line, start=1):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            starts.append(place + 1)
    return starts


def _row(given: Mapping[str, str], defaults: Mapping[str, str], places: Mapping[str, str], line: str) -> Measurement:
    """`places` are those of the cells, `line` that of the row."""
    cells = {**defaults, **{name: cell for name, cell in given.items() if cell}}
    for name in (*_REQUIRED, "hardware"):
        if not cells.get(name):
            raise ConfigError(places.get(name, line), f"'{name}' is empty")
    quantity = cells["quantity"]
    if quantity not in QUANTITIES:
        near = did_you_mean(quantity, QUANTITIES)
        raise ConfigError(places.get("quantity", line), f"unknown quantity '{quantity}': {near}")
    use = cells.get("use", "")
    if use not in _USES:
        raise ConfigError(places.get("use", line), f"'use' is fitted or predicted, not '{use}'")
    options = read_options(defaults.get("options", ""), line)
    options |= read_options(given.get("options", ""), places.get("options", line))
    return Measurement(
        hardware=cells["hardware"],
        workload=cells["workload"],
        quantity=cells["quantity"],
        measured=_positive(cells["measured"], places.get("measured", line)),
        overrides=_parts(cells.get("set", "")),
        options=tuple(sorted(options.items())),
        transforms=_parts(cells.get("transforms", "")),
        fitted=use == "fitted",
        source=cells.get("source", ""),
        note=cells.get("note", ""),
        where=line,
    )


def read_options(text: str, where: str) -> dict[str, Any]:
    """`units=gpu; prompt=512` as options of a run, checked."""
    options = {}
    for part in _parts(text):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign:
            raise ConfigError(where, f"expected options such as 'prompt=512; tokens=1', got '{part}'")
        try:
            options[name] = checked_option(name, int(value) if value.lstrip("-").isdigit() else value)
        except ConfigError as error:
            raise ConfigError(where, error.what) from None
    return options


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _positive(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ConfigError(where, f"'measured' is a number above zero, in seconds or per second, not '{text}'")
    return value
