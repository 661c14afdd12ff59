"""What differs between the summaries of two runs, or between two rows of two sweeps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from socsim.quantity import format_si

_IDENTITY = ("schema_version", "socsim_version", "hardware", "workload", "seed", "simulator")
"""Keys of a summary that are inputs, or no result at all."""
_UNITS = (
    ("_bytes_per_s", "B/s"), ("_flop_per_s", "FLOP/s"), ("tokens_per_s", "tokens/s"), ("_per_s", "/s"),
    ("latency_s", "s"), ("_s", "s"), ("_j", "J"), ("_w", "W"), ("_bytes", "B"), ("flop", "FLOP"),
)  # fmt: skip
_FRACTIONS = ("_fraction",)
_PERCENT_PARTS = ("bound_by.",)
_SECONDS_PARTS = (".latency_s.",)
_DIGITS = (4, 7, 10)


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that differs; None where that side has none."""

    name: str
    before: float | str | None
    after: float | str | None

    @property
    def ratio(self) -> float | None:
        """After over before; None where that says nothing."""
        if not _is_number(self.before) or not _is_number(self.after) or self.before == 0:
            return None
        return float(self.after) / float(self.before)  # type: ignore[arg-type]

    @property
    def texts(self) -> tuple[str, str]:
        """Both values as people write them, with as many digits as it takes to tell them apart."""
        for digits in _DIGITS:
            before, after = (shown_figure(self.name, value, digits) for value in (self.before, self.after))
            if before != after:
                return before, after
        return repr(self.before), repr(self.after)


def figure_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FigureChange, ...]:
    """Figures of two summaries that differ, in the order of the first; `streams.camera.latency_s.p99` and so on."""
    left, right = dict(_flat(before)), dict(_flat(after))
    names = [*left, *[name for name in right if name not in left]]
    return tuple(
        FigureChange(name, left.get(name), right.get(name))
        for name in names
        if name not in left or name not in right or left[name] != right[name]
    )


def shown_figure(name: str, value: float | str | None, digits: int = 4) -> str:
    """A figure with the unit that its name tells, to so many digits."""
    if value is None:
        return "–"
    if not _is_number(value):
        return str(value)
    number = float(value)
    unit = figure_unit(name)
    if unit == "fraction":
        return f"{number:.{digits - 2}%}"
    if unit:
        return format_si(number, unit, digits)
    return f"{number:,.0f}" if number == math.floor(number) and abs(number) < 1e15 else f"{number:.{digits + 1}g}"


def figure_unit(name: str) -> str:
    """The unit that a figure's name tells; `fraction` for ratios, empty for counts and unknown names."""
    name = name.removesuffix(".low").removesuffix(".high")
    if name.endswith(_FRACTIONS) or name.startswith(_PERCENT_PARTS):
        return "fraction"
    if any(part in name for part in _SECONDS_PARTS):
        return "s"
    return next((unit for suffix, unit in _UNITS if name.endswith(suffix)), "")


def _flat(data: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if not path and key in _IDENTITY:
            continue
        name = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping):
            yield from _flat(value, name)
        elif isinstance(value, list):
            ends = ("low", "high") if name.endswith("_range_j") else range(len(value))
            yield from ((f"{name}.{end}", item) for end, item in zip(ends, value, strict=True))
        else:
            yield name, value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
