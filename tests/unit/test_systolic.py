"""Does a systolic array take the cycles that SCALE-Sim counts, layer by layer?"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from socsim.cost.products import Product
from socsim.cost.systolic import Dataflow, fold_cycles, num_folds, systolic_cycles

DATA = Path(__file__).parents[1] / "data" / "scalesim"
FLOWS: dict[str, Dataflow] = {"ws": "weight_stationary", "os": "output_stationary", "is": "input_stationary"}


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8") as file:
        return [[cell.strip() for cell in row] for row in csv.reader(file) if row][1:]


def layers(topology: str) -> list[Product]:
    rows = rows_of(DATA / f"{topology}.csv")
    if topology == "small_gemm":
        return [Product(1, int(m), int(n), int(k)) for _, m, n, k, *_ in rows]
    products = []
    for _, *numbers in rows:
        height, width, kernel_y, kernel_x, channels, filters, stride = (int(text) for text in numbers[:7])
        pixels = -(-(height - kernel_y + stride) // stride) * -(-(width - kernel_x + stride) // stride)
        products.append(Product(1, pixels, filters, kernel_y * kernel_x * channels))
    return products


@pytest.mark.parametrize("path", sorted(DATA.glob("*_CALC_COMPUTE.csv")), ids=lambda path: path.stem)
def test_every_layer_takes_the_cycles_of_the_reference(path: Path) -> None:
    topology, size, flow = path.stem.removesuffix("_CALC_COMPUTE").rsplit("_", 2)
    rows, columns = (int(text) for text in size.split("x"))
    expected = [int(row[2]) for row in rows_of(path)]
    found = [systolic_cycles(product, rows, columns, FLOWS[flow]) for product in layers(topology)]
    assert found == expected


def test_a_product_that_fills_the_array_once_is_its_closed_formula() -> None:
    rows, columns, streamed = 16, 8, 100
    product = Product(1, streamed, columns, rows)
    assert systolic_cycles(product, rows, columns, "weight_stationary") == 2 * rows + columns + streamed - 3
    assert fold_cycles(streamed, rows, columns, "output_stationary") == rows + columns + streamed - 2


def test_ragged_folds_and_batches_multiply() -> None:
    assert num_folds(Product(3, 100, 70, 130), 32, 32, "weight_stationary") == 3 * 5 * 3
    assert num_folds(Product(1, 100, 70, 130), 32, 32, "output_stationary") == 4 * 3
    assert num_folds(Product(1, 100, 70, 130), 32, 32, "input_stationary") == 5 * 4
