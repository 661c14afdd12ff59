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
            {**asdict(row), "bandwidth_error": row.bandwidth_error, "latency_error": row.latency_error} for row in rows
        ],
        "ok": all(ok for *_, ok in checks),
    }


def dram_lines(rows: Sequence[DramRow]) -> list[str]:
    """Errors by file, then the rows that are farthest off."""
    lines = [
        "Detailed DRAM model against Ramulator 2.1: absolute relative error",
        f"{'file':22}{'rows of':24}{'rows':>5}{'bandwidth mean':>16}{'worst':>8}{'latency mean':>14}{'worst':>8}",
    ]
    for file, of, errors, ok in _checks(rows):
        lines.append(
            f"{file:22}{of:24}{errors.rows:5}{errors.bandwidth_mean:16.3%}{errors.bandwidth_worst:8.2%}"
            f"{errors.latency_mean:14.3%}{errors.latency_worst:8.2%}  {'ok' if ok else 'FAILED'}"
        )
    worst = sorted(rows, key=lambda row: -abs(row.latency_error))[:_WORST]
    lines += ["", "Farthest off in latency: measured, model"]
    for row in worst:
        lines.append(
            f"{row.file:22}{row.experiment + ' ' + row.client:24}"
            f"{row.measured_latency_s * 1e9:8.1f} ns {row.latency_s * 1e9:8.1f} ns  {row.latency_error:+.2%}"
        )
    limits = LIMITS
    lines += [
        "",
        f"Limits: bandwidth {limits.bandwidth_mean:.0%} mean, {limits.bandwidth_worst:.0%} worst; latency "
        f"{limits.latency_mean:.0%} mean, {limits.latency_worst:.0%} worst. The measurements have four digits.",
    ]
    return lines


def _checks(rows: Sequence[DramRow]) -> list[tuple[str, str, Errors, bool]]:
    """(file, which rows, errors, whether they pass), file by file, then over all files."""
    found = []
    for file in (*dict.fromkeys(row.file for row in rows), "every file"):
        mine = [row for row in rows if file in ("every file", row.file)]
        totals, each = [row for row in mine if row.client == ALL], [row for row in mine if row.client != ALL]
        for of, chosen in (("all clients together", totals), ("each client", each), ("all", mine)):
            if chosen:
                errors = errors_of(chosen)
                found.append((file, of, errors, errors.ok))
    return found
