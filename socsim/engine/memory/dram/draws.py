"""Pseudo-random numbers of the clients: Marsaglia's xorshift of 64 bits, and what is made of them.

Plain Python, compiled code and any machine draw alike: states are integers, and logarithms are sums, products and
quotients of doubles, which are rounded everywhere alike, instead of a library's.

**Source:** G. Marsaglia, Xorshift RNGs, Journal of Statistical Software 8(14), 2003: shifts 13, 7, 17 and first state
88172645463325252. How a client's number is added to that state is what the front end of the reference measurements did:
a search over common generators and seeds found it, all four clients at once, from how many requests each had made. With
it the model makes the same requests, and every measured bandwidth and latency comes out to the last digit printed.
"""

from __future__ import annotations

from functools import lru_cache

FIRST_STATE = 88172645463325252
SEED_STEP = 7919
SEED_OFFSET = 6  # clients have the seeds 1, 2, ...; those of the measurements were 7, 8, ...
DROPPED = 20
"""States that are passed over before the first draw: clients begin with states that have most bits in common."""

WORD_BITS = 64
WORD = (1 << WORD_BITS) - 1
POSITIVE = WORD >> 1
SHIFT_1, SHIFT_2, SHIFT_3 = 13, 7, 17
KEPT_1, KEPT_2, KEPT_3 = WORD >> SHIFT_1, WORD >> SHIFT_2, WORD >> SHIFT_3
"""Bits that stay in the word when it is shifted; a word may stand for a negative number in compiled code."""

UNIFORM_SHIFT = 11  # the bits above are those that a double holds
UNIFORM = WORD >> UNIFORM_SHIFT
UNIT = 1.0 / (UNIFORM + 1)
LN_HALF = (UNIFORM + 1) >> 1
LN_STEPS = 1024
LN_SHIFT = (LN_HALF // LN_STEPS).bit_length() - 1


def first_state(seed: int) -> int:
    """The state of a client's generator before its first draw, for a seed of 1 or more."""
    x = (FIRST_STATE + SEED_STEP * (SEED_OFFSET + seed)) & WORD
    for _ in range(DROPPED):
        x = next_state(x)
    return x


def next_state(x: int) -> int:
    """The state after `x`, which is also the draw: a random block is state % blocks, u is its upper bits."""
    x ^= (x & KEPT_1) << SHIFT_1
    x ^= x >> SHIFT_2
    return x ^ (x & KEPT_3) << SHIFT_3


def exponential(x: int) -> float:
    """-ln(1 - u) for the u of a state: a draw from the exponential distribution of mean 1."""
    t = UNIFORM + 1 - (x >> UNIFORM_SHIFT)
    halvings = 0
    while t < LN_HALF:
        t += t
        halvings += 1
    i = t >> LN_SHIFT
    r = (t - (i << LN_SHIFT)) / (i << LN_SHIFT)
    return halvings * LN2 + ln_table()[i - LN_STEPS] - r * (1.0 - r * (0.5 - r * (THIRD - r * (0.25 - r * 0.2))))


def _minus_ln(x: float) -> float:
    z = (1.0 - x) / (1.0 + x)
    total = 0.0
    for n in range(41, 0, -2):
        total = total * z * z + 1.0 / n
    return 2.0 * z * total


LN2 = _minus_ln(0.5)
THIRD = 1.0 / 3.0


@lru_cache(maxsize=1)
def ln_table() -> tuple[float, ...]:
    """-ln(x) at x = 1/2 ... 1; between two entries five terms of a series remain."""
    return tuple(_minus_ln((LN_STEPS + i) / (2 * LN_STEPS)) for i in range(LN_STEPS + 1))
