"""Predicted against measured as a picture: an SVG of logarithmic axes, one mark per row, one colour per suite."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

from socsim.report import write_text
from socsim.validation.evaluation import Evaluation, Predicted
from socsim.validation.measurement import GREATER_IS_SLOWER
from socsim.validation.table import shown

_SIZE, _LEFT, _TOP, _BOTTOM, _LEGEND = 560, 70, 40, 60, 250
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#000000", "#f0e442")
_GUIDES = (0.8, 1.25)


def scatter_svg(evaluations: Sequence[Evaluation]) -> str:
    """The plot. Rates are shown as times (their reciprocal), so that all rows share the axes."""
    points = [(number, item, *_times(item)) for number, one in enumerate(evaluations) for item in one.rows]
    low = 10 ** math.floor(math.log10(min(min(measured, predicted) for *_, measured, predicted in points)))
    high = 10 ** math.ceil(math.log10(max(max(measured, predicted) for *_, measured, predicted in points)))
    decades = round(math.log10(high / low)) or 1

    def place(value: float) -> float:
        return _SIZE * math.log10(value / low) / decades

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _SIZE + _LEGEND}" '
        f'height="{_TOP + _SIZE + _BOTTOM}" font-family="sans-serif" font-size="12">',
        "<title>Predicted against measured time</title>",
        '<rect width="100%" height="100%" fill="white"/>',
        f'<g transform="translate({_LEFT},{_TOP})">',
    ]
    parts += _axes(low, decades)
    for factor in (1.0, *_GUIDES):
        dash = "" if factor == 1 else ' stroke-dasharray="4 4"'
        a, b = max(low, low / factor), min(high, high / factor)
        parts.append(
            f'<line x1="{place(a):.1f}" y1="{_SIZE - place(a * factor):.1f}" x2="{place(b):.1f}" '
            f'y2="{_SIZE - place(b * factor):.1f}" stroke="#999"{dash}/>'
        )
    for number, item, measured, predicted in points:
        parts.append(_mark(number, item, place(measured), _SIZE - place(predicted)))
    for number, one in enumerate(evaluations):
        y = 10 + 20 * number
        colour = _COLOURS[number % len(_COLOURS)]
        parts.append(f'<circle cx="{_SIZE + 20}" cy="{y}" r="4" fill="{colour}"/>')
        text = f"{one.suite.name}: median {one.accuracy.median:.1%}, worst {one.accuracy.worst:.0%}"
        parts.append(f'<text x="{_SIZE + 30}" y="{y + 4}">{escape(text)}</text>')
    note = 10 + 20 * len(evaluations)
    parts.append(f'<text x="{_SIZE + 16}" y="{note + 14}" fill="#555">filled: predicted, hollow: fitted</text>')
    parts.append(f'<text x="{_SIZE + 16}" y="{note + 30}" fill="#555">dashed: 25 % slower and faster</text>')
    return "\n".join([*parts, "</g>", "</svg>", ""])


def save_scatter(path: Path, evaluations: Sequence[Evaluation]) -> None:
    """Write the plot, whole or not at all; `OutputError` where it cannot."""
    write_text(path, scatter_svg(evaluations))


def _axes(low: float, decades: int) -> list[str]:
    parts = [f'<rect width="{_SIZE}" height="{_SIZE}" fill="none" stroke="black"/>']
    for step in range(decades + 1):
        at = _SIZE * step / decades
        label = _seconds(low * 10**step)
        parts += [
            f'<line x1="{at:.1f}" y1="0" x2="{at:.1f}" y2="{_SIZE}" stroke="#ddd"/>',
            f'<line x1="0" y1="{_SIZE - at:.1f}" x2="{_SIZE}" y2="{_SIZE - at:.1f}" stroke="#ddd"/>',
            f'<text x="{at:.1f}" y="{_SIZE + 18}" text-anchor="middle">{label}</text>',
            f'<text x="-8" y="{_SIZE - at + 4:.1f}" text-anchor="end">{label}</text>',
        ]
    middle = _SIZE / 2
    parts.append(f'<text x="{middle}" y="{_SIZE + 42}" text-anchor="middle">measured time</text>')
    parts.append(
        f'<text x="-52" y="{middle}" text-anchor="middle" transform="rotate(-90 -52 {middle})">predicted time</text>'
    )
    return parts


def _mark(number: int, item: Predicted, x: float, y: float) -> str:
    colour = _COLOURS[number % len(_COLOURS)]
    fill = "white" if item.fitted else colour
    row = item.row
    text = (
        f"{row.hardware} {row.label}: measured {shown(row.quantity, row.measured)}, "
        f"predicted {shown(row.quantity, item.predicted)} ({item.error:+.1%})"
    )
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="{colour}" stroke-width="1.5">'
        f"<title>{escape(text)}</title></circle>"
    )


def _times(item: Predicted) -> tuple[float, float]:
    """Measured and predicted as times."""
    if item.row.quantity in GREATER_IS_SLOWER:
        return item.row.measured, item.predicted
    return 1 / item.row.measured, 1 / item.predicted


def _seconds(value: float) -> str:
    for factor, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")):
        if value >= factor * 0.999:
            return f"{value / factor:g} {unit}"
    return f"{value:g} s"
