"""Tiles and loop order of a matrix product that move the fewest bytes under an on-chip capacity.

A product of m x k with k x n is cut into M x N x K tiles, worked off in one of the six orders of the three loops. A
tile stays on chip as long as no loop that changes it advances; so an operand is fetched again for each turn of a loop
that does not index it, if a loop that does index it turns inside. With passes P so counted:

    traffic = P_input * input + P_weight * weight + output + (P_output - 1) * 2 * partial sums
    on chip = 2 * (input tile + weight tile) + output tile        (streams are double-buffered)

All tile sizes that split a dimension into equal parts (up to `_MOST_PARTS`, then by powers of two) and all orders are
tried at once with numpy; the least traffic wins, then the largest tile. Results are remembered by shape.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from socsim.cost.products import Product

_MOST_PARTS = 12
_LOOPS = ("m", "n", "k")
_INDEXED = {"input": "mk", "weight": "kn", "output": "mn"}


class OperandBits(NamedTuple):
    """Bits of an element: of the input and the weight as they lie on chip, of the output, of a partial sum."""

    input: float
    weight: float
    output: float
    partial: float = 32


class Tiling(NamedTuple):
    """The best found: tile sizes, loops from the outermost in, how often each operand is fetched, bytes on chip and
    bytes moved (of the operands as they lie on chip)."""

    tile_m: int
    tile_n: int
    tile_k: int
    order: str
    input_passes: int
    weight_passes: int
    output_passes: int
    on_chip_bytes: int
    traffic_bytes: int


@lru_cache(maxsize=65536)
def best_tiling(product: Product, bits: OperandBits, capacity_bytes: int, input_reuse: float = 1.0) -> Tiling:
    """The tiling of one product of a batch. `input_reuse` is how often an input element appears in the m x k matrix
    (the kernel's area over the stride's of a convolution): so many times fewer bytes are moved and kept.

    Where not even single rows and columns fit, the smallest tiles are taken.
    """
    _, m, n, k = product
    tiles = {"m": _tiles(m), "n": _tiles(n), "k": _tiles(k)}
    tm, tn, tk = np.meshgrid(tiles["m"], tiles["n"], tiles["k"], indexing="ij")
    parts = {"m": -(-m // tm), "n": -(-n // tn), "k": -(-k // tk)}
    input_byte, weight_byte, output_byte = bits.input / 8 / input_reuse, bits.weight / 8, bits.output / 8
    partial_byte = bits.partial / 8
    held = np.where(parts["k"] > 1, partial_byte, output_byte)
    on_chip = 2 * (tm * tk * input_byte + tk * tn * weight_byte) + tm * tn * held
    best: Tiling | None = None
    for order in permutations(_LOOPS):
        passes = {name: _passes(name, order, parts) for name in _INDEXED}
        traffic = (
            passes["input"] * (m * k * input_byte)
            + passes["weight"] * (k * n * weight_byte)
            + m * n * output_byte
            + (passes["output"] - 1) * (2 * m * n * partial_byte)
        )
        score = np.where(on_chip <= capacity_bytes, traffic, np.inf)
        if not np.isfinite(score).any():
            score = on_chip * 1e6 + traffic
        least = score.min()
        at = np.unravel_index(int(np.argmax(np.where(score <= least, tm * tn * tk, 0))), score.shape)
        found = Tiling(
            int(tm[at]), int(tn[at]), int(tk[at]), "".join(order), int(passes["input"][at]),
            int(passes["weight"][at]), int(passes["output"][at]), int(np.ceil(on_chip[at])), int(np.ceil(traffic[at])),
        )  # fmt: skip
        if best is None or (found.traffic_bytes, -found.tile_m * found.tile_n * found.tile_k) < (
            best.traffic_bytes,
            -best.tile_m * best.tile_n * best.tile_k,
        ):
            best = found
    assert best is not None
    return best


def _tiles(size: int) -> npt.NDArray[np.int64]:
    """Tile sizes that split a dimension into 1, 2, 3, ... equal parts, then into powers of two, down to single ones."""
    parts = list(range(1, _MOST_PARTS + 1))
    while parts[-1] < size:
        parts.append(parts[-1] * 2)
    return np.unique(np.array([-(-size // number) for number in parts], dtype=np.int64))


def _passes(operand: str, order: tuple[str, ...], parts: dict[str, npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """How often an operand is fetched: the turns of the loop that does not index it, if one that does turns inside."""
    (other,) = set(_LOOPS) - set(_INDEXED[operand])
    inside = order[order.index(other) + 1 :]
    turns_inside = np.zeros(parts[other].shape, dtype=bool)
    for loop in inside:
        turns_inside |= parts[loop] > 1
    return np.where(turns_inside, parts[other], 1)
