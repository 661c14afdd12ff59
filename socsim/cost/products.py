"""Matrix products as (batch, m, n, k), whatever operation they hide in, and the rate a precision runs at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from socsim.workload import BoundOperation


class Product(NamedTuple):
    """`batch` independent products of an m x k matrix with a k x n matrix: 2 batch m n k FLOP."""

    batch: int
    m: int
    n: int
    k: int

    @property
    def flop(self) -> int:
        return 2 * self.batch * self.m * self.n * self.k


def products_of(operation: BoundOperation) -> tuple[Product, ...]:
    """The matrix products an operation is lowered to; none for a kind that has no such work.

    A convolution is the product of its output pixels (m) with its kernels (n filters of k weights), one per group;
    attention is the products of queries with keys, then of the scores with the values, one per head.
    """
    match operation.kind:
        case "matmul" | "grouped_matmul":
            o = operation.integer
            return (Product(o("batch", 1), o("m"), o("n"), o("k")),)
        case "convolution":
            return (_convolution(operation),)
        case "attention":
            query, key, value = (operand.shape for operand in operation.inputs[:3])
            heads = math.prod(query[:-2])
            return (
                Product(heads, query[-2], key[-2], query[-1]),
                Product(heads, query[-2], value[-1], key[-2]),
            )
        case _:
            return ()


def _convolution(operation: BoundOperation) -> Product:
    weight, output = operation.inputs[1].shape, operation.outputs[0].shape
    groups = operation.integer("groups", 1)
    if operation.integer("transposed"):
        pixels = operation.inputs[0].num_elements // weight[0]
        return Product(groups, pixels, math.prod(weight[1:]), weight[0] // groups)
    return Product(groups, math.prod(output) // output[1], output[1] // groups, math.prod(weight[1:]))


def is_depthwise(operation: BoundOperation) -> bool:
    """A convolution whose groups have one input channel each: no reduction over channels to feed a MAC array with."""
    return (
        operation.kind == "convolution"
        and operation.integer("groups", 1) > 1
        and not operation.integer("transposed")
        and operation.inputs[1].shape[1] == 1
    )


def rate(precision: str, rates: Mapping[str, float]) -> float:
    """FLOP per cycle at a precision; one without a rate of its own runs as the nearest wider one that has one, and one
    that is wider than all is converted to the widest."""
    for candidate in (precision, *_WIDER.get(precision, ()), *_WIDEST):
        if candidate in rates:
            return rates[candidate]
    return max(rates.values())


_WIDEST = ("fp32", "bf16", "fp16", "fp8")
_WIDER = {"int4": ("int8", "fp16"), "int8": ("fp16",), "fp8": ("fp16",), "bf16": ("fp16",), "uint8": ("int8", "fp16")}
