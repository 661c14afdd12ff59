"""The section of the page about how far to trust it: errors against measurements, and where the numbers come from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from statistics import median
from typing import Any

from socsim.report.html.configuration import short
from socsim.report.html.shown import Shown
from socsim.report.html.sources import CLASSES, SourcedNumber, sourced_numbers
from socsim.report.html.table import table

ACCURACY = "accuracy.json"
"""Errors of every shipped suite by chip, as `scripts/write-accuracy` found them."""


@dataclass(frozen=True, slots=True)
class SuiteErrors:
    """Predicted over measured less one, of the rows of a suite that one chip, or one family, has."""

    suite: str
    title: str
    own: tuple[float, ...]
    family: tuple[float, ...]
    fitted: int
    """How many of the family's rows took part in choosing parameters."""


def trust(record: Shown) -> str:
    """What is known against silicon for this family of chips, what was priced without a formula, and the sources."""
    return _partial(record) + _errors(record.hardware) + _sources(record)


def errors_of(hardware: str) -> list[SuiteErrors]:
    """Per suite the errors of a chip and of its family (the folder of its name); suites without any are left out."""
    family = hardware.rpartition("/")[0]
    found = []
    for suite in _accuracy()["suites"]:
        rows = [row for row in suite["rows"] if family and row["hardware"].rpartition("/")[0] == family]
        if rows:
            own = tuple(row["error"] for row in rows if row["hardware"] == hardware)
            errors = tuple(row["error"] for row in rows)
            found.append(
                SuiteErrors(suite["name"], suite["title"], own, errors, sum(bool(row["fitted"]) for row in rows))
            )
    return found


@cache
def _accuracy() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((files(__package__) / ACCURACY).read_text(encoding="utf-8"))
    return data


def _errors(hardware: str) -> str:
    found = errors_of(hardware)
    lead = "<p>These are predictions of a model, not measurements."
    if not found:
        return (
            f"{lead} No published measurement of <strong>{escape(hardware)}</strong> or its family is among those the "
            "model was checked against: trust ratios between configurations more than absolute numbers.</p>"
        )
    rows = [
        [
            f"{item.suite}: {item.title}",
            f"{len(item.own)}",
            _median(item.own),
            f"{len(item.family)}, {item.fitted} fitted",
            _median(item.family),
            f"{max(abs(error) for error in item.family):.0%}",
        ]
        for item in found
    ]
    headings = ["published measurements", "of this chip", "median error", "of its family", "median error", "worst"]
    version = escape(_accuracy()["socsim_version"])
    text = (
        f"{lead} How far they were off where the family has been measured, as of socsim {version}; "
        "<code>socsim validate</code> has every row:</p>"
    )
    return text + table(headings, rows)


def _median(errors: Sequence[float]) -> str:
    return f"{median(abs(error) for error in errors):.1%}" if errors else "–"


def _partial(record: Shown) -> str:
    if not record.partial:
        return ""
    return (
        '<p class="note" role="note">Partial: operators without a formula were priced by their bytes alone, so the '
        "time is a lower bound.</p>"
    )


def _sources(record: Shown) -> str:
    """Where the numbers of the configuration come from."""
    numbers = list(sourced_numbers(record.manifest.get("hardware", {})))
    if not numbers:
        return "<p>The configuration names no sources for its numbers.</p>"
    counts = {kind: sum(number.kind == kind for number in numbers) for kind in CLASSES}
    summary = "".join(
        f'<li><span class="source-{kind}">{count} {kind}</span>: {escape(CLASSES[kind])}</li>'
        for kind, count in counts.items()
        if count
    )
    weak = [number for number in numbers if number.kind in ("assumed", "unverified")]
    guesses = f"<details><summary>The {len(weak)} that rest on no document</summary>{_table(weak)}</details>"
    return (
        f"<p>Every number of the hardware description names its source. Of {len(numbers)}:</p><ul>{summary}</ul>"
        f"{guesses if weak else ''}<details><summary>All numbers and their sources</summary>{_table(numbers)}</details>"
    )


def _table(numbers: Iterable[SourcedNumber]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(n.part)}.{escape(n.key)}</code></td><td>{escape(short(n.value))}</td>"
        f'<td><span class="source-{n.kind}">{n.kind}</span></td><td>{escape(n.source)}</td></tr>'
        for n in numbers
    )
    return (
        '<div class="scroll"><table class="plain"><thead><tr><th scope="col">number</th><th scope="col">value '
        '(base units)</th><th scope="col">kind</th><th scope="col">source</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
