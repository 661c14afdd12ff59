"""Pseudo-random numbers that plain Python and compiled code draw alike: integers below 2^31, products below 2^63.

**Source:** P. L'Ecuyer, Efficient and portable combined random number generators, CACM 31(6), 1988.
"""

from __future__ import annotations

import math
from functools import lru_cache

MULTIPLIER_1, MODULUS_1 = 40014, 2147483563
MULTIPLIER_2, MODULUS_2 = 40692, 2147483399
SPAN = MODULUS_1 - 1
"""Draws are 1 ... SPAN."""

LN_SCALE = 1 << 32
LN2 = round(math.log(2) * LN_SCALE)
LN_UNIT = 1.0 / LN_SCALE
LN_HALF = 1 << 30
LN_FRACTION = (1 << 20) - 1


@lru_cache(maxsize=1)
def ln_table() -> tuple[int, ...]:
    """-ln(u) at u = 1/2 ... 1 in 1024 steps, in units of 2^-32; no entry is near a tie of rounding.

    An exponential variate is `halvings * ln 2` plus the table, linear between entries: integers alone, so that a draw
    does not depend on a machine's libm.
    """
    return tuple(round(-math.log((1024 + i) / 2048) * LN_SCALE) for i in range(1025))


def first_seeds(seed: int) -> tuple[int, int]:
    """Starting states of both generators for a client's seed."""
    return 1 + (seed * 2654435761 + 40503) % SPAN, 1 + (seed * 2246822519 + 26699) % (MODULUS_2 - 1)
