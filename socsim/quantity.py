"""Quantities as people write them <-> base units, and the only place that rounds time.

Base units: s, Hz, B (byte), B/s, FLOP, FLOP/s, W, J, V, K, F/C-free. Inside a run time is an integer number of
picoseconds (`Ps`); every conversion to it rounds **up**, once per task phase, so that work never takes less time than
physics allows.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import lru_cache
from typing import NewType

from socsim.errors import ConfigError

Ps = NewType("Ps", int)

PS_PER_S = 10**12

_DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_SMALL = {"": Fraction(1), "m": Fraction(1, 10**3), "u": Fraction(1, 10**6), "µ": Fraction(1, 10**6),
          "n": Fraction(1, 10**9), "p": Fraction(1, 10**12), "f": Fraction(1, 10**15)}  # fmt: skip


def _table(unit: str, *prefixes: dict[str, int] | dict[str, Fraction]) -> dict[str, Fraction]:
    return {prefix + unit: Fraction(factor) for table in prefixes for prefix, factor in table.items()}


UNITS: dict[str, dict[str, Fraction]] = {
    "time": _table("s", _SMALL) | {"min": Fraction(60), "h": Fraction(3600)},
    "frequency": _table("Hz", _DECIMAL) | {"mHz": Fraction(1, 1000)},
    "size": _table("B", _DECIMAL, _BINARY) | {"bit": Fraction(1, 8)},
    "bandwidth": _table("B/s", _DECIMAL, _BINARY),
    "transfer_rate": _table("T/s", _DECIMAL),
    "work": _table("FLOP", _DECIMAL),
    "rate": _table("FLOP/s", _DECIMAL) | _table("OP/s", _DECIMAL),
    "throughput": _table("/s", _DECIMAL),
    "power": _table("W", _SMALL, {"k": 1000}),
    "energy": _table("J", _SMALL, {"k": 1000}),
    "energy_per_byte": _table("J/B", _SMALL),
    "voltage": _table("V", _SMALL),
    "temperature": {"K": Fraction(1), "degC": Fraction(1), "°C": Fraction(1)},
    "thermal_resistance": {"K/W": Fraction(1)},
    "heat_capacity": {"J/K": Fraction(1)},
    "length": {"mm": Fraction(1), "cm": Fraction(10), "um": Fraction(1, 10**3)},
    "defect_density": {"/mm2": Fraction(1), "/cm2": Fraction(1, 100)},
    "area": {"mm2": Fraction(1), "mm^2": Fraction(1), "um2": Fraction(1, 10**6)},
}
EXAMPLES = {
    "time": "10 us", "frequency": "1.278 GHz", "size": "8 MiB", "bandwidth": "51.2 GB/s", "work": "4.1 GFLOP",
    "transfer_rate": "6400 MT/s",
    "rate": "10.6 TFLOP/s", "throughput": "5 G/s", "power": "4.5 W", "energy": "1.2 pJ",
    "energy_per_byte": "40 pJ/B", "voltage": "0.9 V", "temperature": "298 K", "thermal_resistance": "2.5 K/W",
    "heat_capacity": "12 J/K", "area": "3.2 mm2", "length": "300 mm", "defect_density": "0.1 /cm2",
}  # fmt: skip
_LONGEST = 60
"""Characters of a quantity; with exponents of two digits this keeps exact arithmetic small whatever a file says."""
_CELSIUS_ZERO_K = Fraction(27315, 100)
_PATTERN = re.compile(r"\s*([+-]?[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?)\s*([^\s0-9].*?)?\s*")


def parse_exact(text: object, dimension: str, where: str = "") -> Fraction:
    """`"1.278 GHz"` -> exact value in the base unit of `dimension` (a key of `UNITS`).

    Raises `ConfigError` naming the units that would be right: a bare number is refused, because the reader of a
    configuration cannot know whether `200` means MHz or Hz.
    """
    example = EXAMPLES[dimension]
    if isinstance(text, bool) or not isinstance(text, str):
        raise ConfigError(
            where, f"expected a {dimension.replace('_', ' ')} with its unit, e.g. '{example}', got {text!r}"
        )
    return _exact(text, dimension, where)


@lru_cache(maxsize=4096)
def _exact(text: str, dimension: str, where: str) -> Fraction:
    units, example = UNITS[dimension], EXAMPLES[dimension]
    match = _PATTERN.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
        raise ConfigError(where, f"expected a {dimension.replace('_', ' ')}, e.g. '{example}', got {shown!r}")
    number, unit = match.group(1).replace("_", ""), match.group(2)
    if unit is None:
        raise ConfigError(where, f"{text!r} has no unit; write e.g. '{example}'")
    if unit not in units:
        raise ConfigError(where, f"unit '{unit}' is not one of a {dimension.replace('_', ' ')}; e.g. '{example}'")
    value = Fraction(number) * units[unit]
    if dimension == "temperature" and unit != "K":
        value += _CELSIUS_ZERO_K
    return value


def parse(text: object, dimension: str, where: str = "") -> float:
    """Like `parse_exact`, as a float in the base unit."""
    return float(parse_exact(text, dimension, where))


def parse_int(text: object, dimension: str, where: str = "") -> int:
    """Like `parse_exact`, as a whole number of base units (bytes, hertz); a fraction of one is an error."""
    value = parse_exact(text, dimension, where)
    if value.denominator != 1:
        raise ConfigError(where, f"{text!r} is not a whole number of base units")
    return int(value)


def parse_ps(text: object, where: str = "") -> Ps:
    """A duration such as `"2.5 us"` as integer picoseconds, rounded up."""
    return Ps(math.ceil(parse_exact(text, "time", where) * PS_PER_S))


def seconds_to_ps(seconds: float) -> Ps:
    """Seconds -> picoseconds, rounded up."""
    return Ps(math.ceil(seconds * PS_PER_S))


def cycles_to_ps(cycles: int, clock_hz: int) -> Ps:
    """Cycles at `clock_hz` -> picoseconds: multiply first, round up once (a rounded period would drift)."""
    return Ps(-(-cycles * PS_PER_S // clock_hz))


def bytes_to_ps(size_bytes: float, bytes_per_s: float) -> Ps:
    """Time to move `size_bytes` at `bytes_per_s`, rounded up."""
    return Ps(math.ceil(size_bytes * PS_PER_S / bytes_per_s))


def ps_to_seconds(time_ps: int) -> float:
    return time_ps / PS_PER_S


def format_si(value: float, unit: str, digits: int = 3) -> str:
    """`1.278e9, "Hz"` -> `"1.28 GHz"`, for people's eyes only; at least the digits before the point."""
    if value == 0:
        return f"0 {unit}"
    steps = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"),
             (1e-9, "n"), (1e-12, "p"), (1e-15, "f")]  # fmt: skip
    for factor, prefix in steps:
        if abs(value) >= factor * 0.9995:
            text = f"{value / factor:.{digits}g}"
            return f"{text if 'e' not in text else format(value / factor, '.0f')} {prefix}{unit}"
    return f"{value:.{digits}g} {unit}"


def format_bytes(size_bytes: float) -> str:
    """Bytes as decimal units, the ones that bandwidths are quoted in."""
    return format_si(size_bytes, "B")


FORGIVEN_PS = 1e-3
"""Float noise of a rate that was itself computed as bytes over time; rounding it up would add a picosecond that no
physics asks for."""


def round_up_ps(duration_ps: float) -> Ps:
    """A time in (fractions of) picoseconds, rounded up; a thousandth of a picosecond is forgiven."""
    return Ps(math.ceil(duration_ps - FORGIVEN_PS))


def fluid_ps(size_bytes: float, bytes_per_ps: float) -> Ps:
    """Time until `size_bytes` have flowed at `bytes_per_ps`, rounded up; a thousandth of a picosecond is forgiven."""
    return Ps(math.ceil(size_bytes / bytes_per_ps - FORGIVEN_PS)) if size_bytes > 0 else Ps(0)
