"""Does a systolic array take the cycles that SCALE-Sim counts, layer by layer?"""

from __future__ import annotations

from socsim.cost.products import Product
from socsim.cost.systolic import fold_cycles, num_folds, systolic_cycles
from socsim.validation.scalesim import evaluate_scalesim


def test_every_layer_takes_the_cycles_of_the_reference() -> None:
    rows = evaluate_scalesim().rows
    assert len(rows) == 2 * 21 + 5 * 6
    assert [item.predicted for item in rows] == [item.row.measured for item in rows]


def test_a_product_that_fills_the_array_once_is_its_closed_formula() -> None:
    rows, columns, streamed = 16, 8, 100
    product = Product(1, streamed, columns, rows)
    assert systolic_cycles(product, rows, columns, "weight_stationary") == 2 * rows + columns + streamed - 3
    assert fold_cycles(streamed, rows, columns, "output_stationary") == rows + columns + streamed - 2


def test_ragged_folds_and_batches_multiply() -> None:
    assert num_folds(Product(3, 100, 70, 130), 32, 32, "weight_stationary") == 3 * 5 * 3
    assert num_folds(Product(1, 100, 70, 130), 32, 32, "output_stationary") == 4 * 3
    assert num_folds(Product(1, 100, 70, 130), 32, 32, "input_stationary") == 5 * 4
