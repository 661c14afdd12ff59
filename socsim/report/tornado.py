"""Tornado plots: a bar per knob, the longest on top, in one self-contained page (no script, no network)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _ROW, _LEFT, _RIGHT = 900, 26, 260, 90
_TOP, _BOTTOM = 8, 30

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --faint: #c9d0da; --bar: #3465a4; --page: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --faint: #465060; --bar: #6fa3e0; --page: #14181f; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 2em auto;
  max-width: 960px; padding: 0 1em; }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 13px; }
svg line { stroke: var(--faint); } svg line.zero { stroke: var(--ink); } svg rect { fill: var(--bar); }
p { color: var(--ink); opacity: 0.8; }
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One knob: its bar goes from `low` to `high`, fractions of the output."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tornado:
    """One plot: its title, what the bars mean, and the bars from the top."""

    title: str
    meaning: str
    bars: Sequence[Bar]


def tornado_page(title: str, plots: Sequence[Tornado]) -> str:
    """A page with the plots one below the other."""
    parts = [
        f"<section><h2>{escape(plot.title)}</h2><p>{escape(plot.meaning)}</p>{tornado_svg(plot)}</section>"
        for plot in plots
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><main><h1>{escape(title)}</h1>{''.join(parts)}</main></body></html>\n"
    )


def tornado_svg(plot: Tornado) -> str:
    """The plot as SVG; values are written beside the bars."""
    low = min([0.0, *[bar.low for bar in plot.bars]])
    high = max([0.0, *[bar.high for bar in plot.bars]])
    span = high - low or 1.0
    inner = _WIDTH - _LEFT - _RIGHT

    def x(value: float) -> float:
        return _LEFT + inner * (value - low) / span

    height = _TOP + _ROW * len(plot.bars) + _BOTTOM
    label = f"tornado plot of {escape(plot.title, quote=True)}"
    parts = [f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">']
    for tick in (low, low + span / 4, low + span / 2, low + 3 * span / 4, high):
        parts.append(f'<line x1="{x(tick):.1f}" y1="{_TOP}" x2="{x(tick):.1f}" y2="{height - _BOTTOM}"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{height - 10}" text-anchor="middle">{_percent(tick)}</text>')
    for row, bar in enumerate(plot.bars):
        y = _TOP + row * _ROW
        parts.append(f'<text x="{_LEFT - 10}" y="{y + 17}" text-anchor="end">{escape(bar.name)}</text>')
        width = max(x(bar.high) - x(bar.low), 1.0)
        words = f"{escape(bar.name)}: {_percent(bar.low)} to {_percent(bar.high)}"
        box = f'x="{x(bar.low):.1f}" y="{y + 4}" width="{width:.1f}" height="{_ROW - 8}"'
        parts.append(f"<rect {box}><title>{words}</title></rect>")
        parts.append(f'<text x="{x(bar.high) + 6:.1f}" y="{y + 17}">{_percent(bar.high - bar.low, sign="")}</text>')
    zero = x(0.0)
    parts.append(f'<line class="zero" x1="{zero:.1f}" y1="{_TOP}" x2="{zero:.1f}" y2="{height - _BOTTOM}"/></svg>')
    return "".join(parts)


def _percent(value: float, sign: str = "+") -> str:
    return f"{100 * value:{sign if value else ''}.1f} %"
