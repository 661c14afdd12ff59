"""Cycles of a systolic array, exact: fill, fold and drain of a weight-, output- or input-stationary array.

An array of R rows and C columns holds one operand still and streams the others through. A product of an m x k with a
k x n matrix is cut into folds, each as large as the array:

    dataflow            rows hold   columns hold   streamed T   cycles of a fold
    weight stationary   k           n              m            2 R + C + T - 2    (R to load the weights, then skew)
    input stationary    k           m              n            2 R + C + T - 2
    output stationary   m           n              k            R + C + T - 2      (T - 1 of it to drain)

Folds follow each other without overlap; a ragged fold takes as long as a full one, since skew and drain cross the whole
array. The count of cycles begins at zero, so the last cycle of a layer is one less than the sum of its folds.

Source: Samajdar et al., SCALE-Sim: Systolic CNN Accelerator Simulator (2018), whose counts these are to the cycle.
"""

from __future__ import annotations

from typing import Literal

from socsim.cost.products import Product

Dataflow = Literal["weight_stationary", "output_stationary", "input_stationary"]


def fold_cycles(streamed: int, rows: int, columns: int, dataflow: Dataflow) -> int:
    """Cycles of one fold through which `streamed` vectors flow."""
    loading = 0 if dataflow == "output_stationary" else rows
    return loading + rows + columns + streamed - 2


def num_folds(product: Product, rows: int, columns: int, dataflow: Dataflow) -> int:
    """How many times the array is filled for a product, its batch included."""
    held_by_rows, held_by_columns, _ = _roles(product, dataflow)
    return product.batch * -(-held_by_rows // rows) * -(-held_by_columns // columns)


def systolic_cycles(product: Product, rows: int, columns: int, dataflow: Dataflow) -> int:
    """Cycles from the first operand in to the last result out."""
    streamed = _roles(product, dataflow)[2]
    return num_folds(product, rows, columns, dataflow) * fold_cycles(streamed, rows, columns, dataflow) - 1


def _roles(product: Product, dataflow: Dataflow) -> tuple[int, int, int]:
    """(what the rows hold, what the columns hold, what streams through)."""
    _, m, n, k = product
    match dataflow:
        case "weight_stationary":
            return k, n, m
        case "input_stationary":
            return k, m, n
        case "output_stationary":
            return m, n, k
