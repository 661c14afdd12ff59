"""The detailed DRAM model against Ramulator 2.1, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from socsim.validation.dram import ALL, LIMITS, DramRow, Errors, errors_of

_WORST = 5


def dram_data(rows: Sequence[DramRow]) -> dict[str, Any]:
    """Everything as JSON types; `ok` where all limits are kept."""
    checks = _checks(rows)
    return {
        "reference": "Ramulator 2.1 (CMU-SAFARI/ramulator2, commit c5b1c3a)",
        "limits": asdict(LIMITS),
        "errors": [{"file": file, "rows_of": of, **asdict(errors), "ok": ok} for file, of, errors, ok in checks],
        "rows": [
            {
                **asdict(row),
                "bandwidth_error": row.bandwidth_error,
                "latency_error": row.latency_error,
                "arrivals_drawn": row.is_drawn,
            }
            for row in rows
        ],
        "ok": all(ok for *_, ok in checks),
    }


def dram_lines(rows: Sequence[DramRow]) -> list[str]:
    """Errors by file, then the rows that are farthest off."""
    lines = [
        "Detailed DRAM model against Ramulator 2.1: absolute relative error",
        f"{'file':22}{'rows of':34}{'rows':>5}{'bandwidth mean':>16}{'worst':>8}{'latency mean':>14}{'worst':>8}",
    ]
    for file, of, errors, ok in _checks(rows):
        lines.append(
            f"{file:22}{of:34}{errors.rows:5}{errors.bandwidth_mean:16.2%}{errors.bandwidth_worst:8.1%}"
            f"{errors.latency_mean:14.2%}{errors.latency_worst:8.1%}  {'ok' if ok else 'FAILED'}"
        )
    worst = sorted((row for row in rows if not row.is_drawn), key=lambda row: -abs(row.latency_error))[:_WORST]
    lines += ["", "Farthest off in latency: measured, model (spread of other draws)"]
    for row in worst:
        lines.append(
            f"{row.file:22}{row.experiment + ' ' + row.client:34}"
            f"{row.measured_latency_s * 1e9:8.1f} ns {row.latency_s * 1e9:8.1f} ns ({row.latency_spread:.1%})"
            f"  {row.latency_error:+.1%}"
        )
    limits = LIMITS
    lines += [
        "",
        f"Limits: bandwidth {limits.bandwidth_mean:.0%} mean, {limits.bandwidth_worst:.0%} worst; latency "
        f"{limits.latency_mean:.0%} mean, {limits.latency_worst:.0%} worst. One client whose arrivals",
        "are drawn passes where it lies within other draws, too: shares of a full memory turn on single requests.",
    ]
    return lines


def _checks(rows: Sequence[DramRow]) -> list[tuple[str, str, Errors, bool]]:
    """(file, which rows, errors, whether they pass), file by file, then over all files."""
    found = []
    files = list(dict.fromkeys(row.file for row in rows))
    for file in (*files, "every file"):
        mine = [row for row in rows if file in ("every file", row.file)]
        fixed = [row for row in mine if not row.is_drawn]
        drawn = [row for row in mine if row.is_drawn]
        totals = [row for row in fixed if row.client == ALL]
        found.append(_check(file, "all clients together", totals))
        found.append(_check(file, "and each whose arrivals are fixed", fixed))
        if drawn:
            found.append(
                (file, "each whose arrivals are drawn", errors_of(drawn), all(row.within_draws for row in drawn))
            )
        if file == "every file":
            found.append((file, "all", errors_of(mine), found[-1][3]))
    return found


def _check(file: str, of: str, rows: Sequence[DramRow]) -> tuple[str, str, Errors, bool]:
    errors = errors_of(rows)
    return file, of, errors, errors.ok
