"""The throttling curve as a picture: temperatures and clock over time, as SVG written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from socsim.report import write_text
from socsim.validation.thermal import Throttling

_WIDTH, _HEIGHT = 860, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 64, 36, 48
_COLORS = ("#c0392b", "#e08e0b", "#2e86c1")
_CLOCK = "#555555"
_MOST_POINTS = 1200


def save_curve(curve: Throttling, path: Path) -> None:
    """Write the picture, whole or not at all."""
    write_text(path, throttling_svg(curve))


def throttling_svg(curve: Throttling) -> str:
    """Temperatures on the left axis, clock on the right one, minutes below."""
    end = curve.seconds[-1]
    hottest = max(max(values) for values in curve.celsius.values())
    coolest = min(min(values) for values in curve.celsius.values())
    low, high = 10 * int(coolest / 10), 10 * int(hottest / 10 + 1)
    top_ghz = max(curve.clock_hz) / 1e9 * 1.1

    def x(seconds: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * seconds / end

    def y(share: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="12"><rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>'
    ]
    for celsius in range(low, high + 1, 10):
        height = y((celsius - low) / (high - low))
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{height:.1f}" y2="{height:.1f}" stroke="#dddddd"/>'
        )
        parts.append(f'<text x="{_LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{celsius} °C</text>')
    for tenth in range(0, 11, 2):
        ghz = top_ghz * tenth / 10
        parts.append(
            f'<text x="{_WIDTH - _RIGHT + 6}" y="{y(tenth / 10) + 4:.1f}" fill="{_CLOCK}">{ghz:.2f} GHz</text>'
        )
    minutes = max(1, round(end / 60))
    for minute in range(0, minutes + 1, max(1, minutes // 10)):
        at = x(min(minute * 60, end))
        parts.append(f'<text x="{at:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{minute} min</text>')
    clock = [(x(t), y(hz / 1e9 / top_ghz)) for t, hz in _steps(curve.clock_seconds, curve.clock_hz, end)]
    parts.append(_line(clock, _CLOCK, 1))
    for values, color in zip(curve.celsius.values(), _COLORS, strict=False):
        points = [(x(t), y((v - low) / (high - low))) for t, v in zip(curve.seconds, values, strict=True)]
        parts.append(_line(points, color, 2))
    for index, (name, color) in enumerate([*zip(curve.celsius, _COLORS, strict=False), ("clock", _CLOCK)]):
        at = _LEFT + 10 + 110 * index
        parts.append(f'<line x1="{at}" x2="{at + 20}" y1="20" y2="20" stroke="{color}" stroke-width="2"/>')
        parts.append(f'<text x="{at + 26}" y="24">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _line(points: Sequence[tuple[float, float]], color: str, width: int) -> str:
    step = max(1, len(points) // _MOST_POINTS)
    shown = [*points[::step], points[-1]]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in shown)
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{width}"/>'


def _steps(times: Sequence[float], values: Sequence[float], end: float) -> list[tuple[float, float]]:
    points = []
    for index, (time, value) in enumerate(zip(times, values, strict=True)):
        until = times[index + 1] if index + 1 < len(times) else end
        points += [(time, value), (until, value)]
    return points
