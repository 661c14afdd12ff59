"""Loaded latency as a picture: mean latency over bandwidth, the detailed model over Ramulator 2.1, as SVG by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from socsim.report import write_text
from socsim.validation.dram import ALL, DramRow

_PANELS = (
    ("ref_LPDDR5_c1_ab", "LPDDR5-6400, 1 channel"),
    ("ref_LPDDR5_c4_ab", "LPDDR5-6400, 4 channels"),
    ("ref_DDR4_c1_ab", "DDR4-3200, 1 channel"),
)
_KINDS = (
    ("f_stream_", "4 streams", "#2e86c1"),
    ("f_mix_", "a third writes", "#e08e0b"),
    ("f_rand_", "random", "#c0392b"),
)
_WIDTH, _HEIGHT = 330, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 56, 42
_TOP_NS, _STEP_NS = 500, 100


def save_dram_curves(rows: Sequence[DramRow], path: Path) -> None:
    """Write the picture, whole or not at all."""
    write_text(path, dram_curves_svg(rows))


def dram_curves_svg(rows: Sequence[DramRow]) -> str:
    """A panel per reference file: lines are the model, dots are measured."""
    width = _WIDTH * len(_PANELS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="11"><rect width="{width}" height="{_HEIGHT}" fill="white"/>'
    ]
    for index, (file, title) in enumerate(_PANELS):
        mine = [row for row in rows if row.file == file and row.client == ALL]
        parts.append(f'<g transform="translate({index * _WIDTH} 0)">')
        parts += _panel(title, mine)
        parts.append("</g>")
    at = _LEFT
    for _, name, color in _KINDS:
        parts.append(f'<line x1="{at}" x2="{at + 20}" y1="16" y2="16" stroke="{color}" stroke-width="2"/>')
        parts.append(f'<text x="{at + 26}" y="20">{name}</text>')
        at += 120
    parts.append(
        f'<text x="{at}" y="20">line: socsim, dots: Ramulator 2.1; Poisson arrivals, mean latency of controller and '
        "device</text>"
    )
    return "\n".join([*parts, "</svg>", ""])


def _panel(title: str, rows: Sequence[DramRow]) -> list[str]:
    top_gb = max((row.measured_bytes_per_s for row in rows), default=1e9) / 1e9 * 1.05

    def x(bytes_per_s: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * bytes_per_s / 1e9 / top_gb

    def y(seconds: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * min(1.0, seconds * 1e9 / _TOP_NS)

    parts = [f'<text x="{_LEFT}" y="44" font-weight="bold">{title}</text>']
    for ns in range(0, _TOP_NS + 1, _STEP_NS):
        height = y(ns * 1e-9)
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{height:.1f}" y2="{height:.1f}" stroke="#dddddd"/>'
            f'<text x="{_LEFT - 5}" y="{height + 4:.1f}" text-anchor="end">{ns} ns</text>'
        )
    for quarter in range(5):
        gb = top_gb * quarter / 4
        parts.append(f'<text x="{x(gb * 1e9):.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{gb:.0f}</text>')
    parts.append(f'<text x="{(_LEFT + _WIDTH) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">GB/s</text>')
    for prefix, _, color in _KINDS:
        loaded = [row for row in rows if row.experiment.startswith(prefix)]
        points = " ".join(f"{x(row.bytes_per_s):.1f},{y(row.latency_s):.1f}" for row in loaded)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(row.measured_bytes_per_s):.1f}" cy="{y(row.measured_latency_s):.1f}" r="3.5" '
            f'fill="white" stroke="{color}" stroke-width="1.5"/>'
            for row in loaded
        ]
    return parts
