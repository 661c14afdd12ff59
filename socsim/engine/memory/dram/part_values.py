"""Values of a DRAM part as text: timings and bits of an address."""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil

from socsim.errors import ConfigError

_TIME = re.compile(r"(\d+(?:\.\d+)?) ?(ns|us|nCK)")
_BITS = re.compile(r"(\d+)(?:-(\d+))?")


def is_time(text: str) -> bool:
    """Whether it is a time such as `18 ns`, or a number of cycles such as `4 nCK`."""
    return _TIME.fullmatch(text.strip()) is not None


def to_cycles(text: str, clock_hz: int) -> int:
    """`'18 ns, 4 nCK'` -> cycles: the larger, each rounded up."""
    scale = {"ns": Fraction(clock_hz, 10**9), "us": Fraction(clock_hz, 10**6), "nCK": Fraction(1)}
    found = [_TIME.fullmatch(piece.strip()) for piece in text.split(",")]
    return max(ceil(Fraction(match[1]) * scale[match[2]]) for match in found if match)


def bit_range(text: str, where: str) -> tuple[int, ...]:
    """`'8-12'` -> (8, 9, 10, 11, 12); empty text -> no bits."""
    if not text:
        return ()
    match = _BITS.fullmatch(text)
    if match is None:
        raise ConfigError(where, f"expected bits as '6' or '6-7', got '{text}'")
    low, high = int(match[1]), int(match[2] or match[1])
    if high < low or high > 47:
        raise ConfigError(where, f"bits '{text}': the lower bit comes first, and addresses have 48 bits")
    return tuple(range(low, high + 1))
