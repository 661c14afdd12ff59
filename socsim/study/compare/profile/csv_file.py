"""A CSV of operator times: a row per operator or module, a column that names it, and one with its time."""

from __future__ import annotations

import csv
import io
import math

from socsim.errors import ConfigError, InputError
from socsim.quantity import PS_PER_S, parse_ps
from socsim.registry import did_you_mean
from socsim.study.compare.profile.measured import CSV, MeasuredOperation, Profile

_NAMES = ("operation", "module", "path", "name")
_TIMES = {"time_s": 1.0, "time_ms": 1e-3, "time_us": 1e-6, "time_ns": 1e-9}
_TIME = "time"
"""A time with its unit, such as `12.5 us`."""
_PHASE = "phase"


def read_csv(text: str, source: str) -> Profile:
    """Rows with a name (`operation`, `module`, `path` or `name`: the first column there) and a time (`time_us`, …, or
    `time` with its unit), optionally a `phase`. Rows of one name are repetitions. Every error names file and line."""
    reader = csv.reader(io.StringIO(text))
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InputError(f"{source}:{reader.line_num}: not a CSV: {error}") from error
    rows = [(line, row) for line, row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise InputError(f"{source}: empty; expected columns such as module,time_us")
    line, heading = rows[0]
    names = [cell.strip().lower() for cell in heading]
    name_at = next((names.index(name) for name in _NAMES if name in names), None)
    time_at = next((names.index(name) for name in (*_TIMES, _TIME) if name in names), None)
    if name_at is None or time_at is None:
        wanted = _NAMES if name_at is None else (*_TIMES, _TIME)
        near = did_you_mean(names[0] if len(names) == 1 else ", ".join(names), wanted)
        what = "naming the operator or module" if name_at is None else "with its time"
        raise InputError(f"{source}:{line}: no column {what}: {near}")
    phase_at = names.index(_PHASE) if _PHASE in names else None
    operations = []
    for line, row in rows[1:]:
        if len(row) != len(names):
            raise InputError(f"{source}:{line}: {len(row)} cells, the heading has {len(names)}")
        name = row[name_at].strip()
        if not name:
            raise InputError(f"{source}:{line}: no name in column '{names[name_at]}'")
        operations.append(
            MeasuredOperation(
                name=name,
                begin_ps=0,
                duration_ps=_time(row[time_at], names[time_at], f"{source}:{line}"),
                path=name,
                phase=row[phase_at].strip() if phase_at is not None else "",
            )
        )
    if not operations:
        raise InputError(f"{source}: no rows below the heading")
    return Profile(source, CSV, tuple(operations))


def _time(text: str, column: str, where: str) -> int:
    if column == _TIME:
        try:
            return parse_ps(text, where)
        except ConfigError as error:
            raise InputError(str(error)) from error
    try:
        seconds = float(text) * _TIMES[column]
    except ValueError:
        raise InputError(f"{where}: column '{column}': expected a number, got '{text}'") from None
    if not math.isfinite(seconds) or seconds < 0:
        raise InputError(f"{where}: column '{column}': expected a time that is not negative, got '{text}'")
    return round(seconds * PS_PER_S)
