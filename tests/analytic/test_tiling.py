"""Is the tile search as good as trying everything, and as quick as remembering allows?"""

from __future__ import annotations

from itertools import permutations, product

import pytest

from socsim.cost.products import Product
from socsim.cost.tiling import OperandBits, Tiling, _tiles, best_tiling

BITS = OperandBits(16, 8, 16)
SHAPES = [(8, 12, 10), (14, 7, 9), (1, 24, 13), (13, 11, 1)]


def brute_force(m: int, n: int, k: int, bits: OperandBits, capacity_bytes: int, reuse: float) -> float:
    """The least traffic in bytes by walking the loops of every tiling in every order: an operand is fetched whenever
    the tile that the loops ask for is another than the one at hand."""
    a, b, c, partial = bits.input / 8 / reuse, bits.weight / 8, bits.output / 8, bits.partial / 8
    least = float("inf")
    for tm, tn, tk in product(_tiles(m), _tiles(n), _tiles(k)):
        parts = {"m": -(-m // int(tm)), "n": -(-n // int(tn)), "k": -(-k // int(tk))}
        held = partial if parts["k"] > 1 else c
        if 2 * (tm * tk * a + tk * tn * b) + tm * tn * held > capacity_bytes:
            continue
        for order in permutations("mnk"):
            fetched = {"mk": 0, "kn": 0, "mn": 0}
            at_hand: dict[str, tuple[int, ...]] = {}
            for turn in product(*(range(parts[loop]) for loop in order)):
                place = dict(zip(order, turn, strict=True))
                for operand in fetched:
                    tile = tuple(place[loop] for loop in operand)
                    if at_hand.get(operand) != tile:
                        fetched[operand] += 1
                        at_hand[operand] = tile
            passes = {operand: fetched[operand] / (parts[operand[0]] * parts[operand[1]]) for operand in fetched}
            traffic = passes["mk"] * m * k * a + passes["kn"] * k * n * b + m * n * c
            least = min(least, traffic + (passes["mn"] - 1) * 2 * m * n * partial)
    return least


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("capacity_bytes", [60, 150, 400])
def test_the_search_finds_the_least_traffic_of_all_tilings(shape: tuple[int, int, int], capacity_bytes: int) -> None:
    m, n, k = shape
    found = best_tiling(Product(1, m, n, k), BITS, capacity_bytes)
    best = brute_force(m, n, k, BITS, capacity_bytes, 1.0)
    if best == float("inf"):
        assert found.on_chip_bytes > capacity_bytes, "nothing fits: the smallest tiles are taken"
    else:
        assert found.traffic_bytes == pytest.approx(best, abs=1)
        assert found.on_chip_bytes <= capacity_bytes


def test_what_fits_moves_once() -> None:
    found = best_tiling(Product(1, 64, 64, 64), BITS, 10**6)
    assert found[4:7] == (1, 1, 1)
    assert found.traffic_bytes == 64 * 64 * (2 + 1 + 2)


def test_more_memory_never_moves_more() -> None:
    traffic = [
        best_tiling(Product(1, 196, 512, 1024), BITS, size).traffic_bytes for size in (10**4, 10**5, 10**6, 10**7)
    ]
    assert traffic == sorted(traffic, reverse=True)


def test_a_search_is_made_once_per_shape() -> None:
    before = best_tiling.cache_info().misses
    found: list[Tiling] = [best_tiling(Product(1, 611, 223, 97), BITS, 54321) for _ in range(3)]
    assert best_tiling.cache_info().misses == before + 1
    assert found[0] is found[2]
