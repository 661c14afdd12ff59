"""Are the random numbers of the detailed DRAM model those that its source and its docstrings say?"""

from __future__ import annotations

import math
from itertools import islice

import pytest

from socsim.engine.memory.dram.draws import FIRST_STATE, UNIFORM_SHIFT, UNIT, WORD, exponential, first_state, next_state
from socsim.engine.memory.dram.placement import _chance


def test_the_generator_is_the_published_one() -> None:
    state = FIRST_STATE
    for _ in range(100):
        x = state
        x ^= x << 13 & WORD
        x ^= x >> 7
        x ^= x << 17 & WORD
        state = next_state(state)
        assert state == x


@pytest.mark.parametrize("seed", [1, 2, 1000])
def test_an_exponential_draw_is_minus_the_logarithm(seed: int) -> None:
    state = first_state(seed)
    total = 0.0
    for _ in range(4000):
        state = next_state(state)
        drawn = exponential(state)
        assert drawn == pytest.approx(-math.log1p(-(state >> UNIFORM_SHIFT) * UNIT), rel=1e-13, abs=1e-15)
        total += drawn
    assert total / 4000 == pytest.approx(1, abs=0.06)


def test_the_ends_of_the_range_can_be_drawn() -> None:
    assert exponential(0) == 0.0
    assert exponential((1 << 64) - 1) == pytest.approx(53 * math.log(2), rel=1e-13)


def test_places_lie_evenly() -> None:
    drawn = list(islice(_chance(3), 2000))
    assert all(0 <= place < 1 for place in drawn)
    assert sum(drawn) / len(drawn) == pytest.approx(0.5, abs=0.02)
