"""Compressed operands: how many elements a unit has to expand before it can compute on them."""

from __future__ import annotations

from socsim.cost.counts import arithmetic_precision
from socsim.workload import BoundOperation
from socsim.workload.work import operand_read_bytes

_FLOATS = frozenset({"fp64", "fp32", "bf16", "fp16", "fp8"})
_INTEGERS = frozenset({"int8", "int4"})


def compressed_elements(operation: BoundOperation) -> float:
    """Elements of compressed weights and caches that the operation reads, once: all of a matrix, the rows of a table
    that are looked up, the experts that are hit. Integers beside activations that float are converted, too. An element
    of a format that takes more work than `q4_0` counts as several."""
    total = 0.0
    floats = arithmetic_precision(operation) in _FLOATS
    for index, operand in enumerate(operation.inputs):
        expands = operand.dtype.is_compressed or (floats and operand.dtype.name in _INTEGERS)
        if expands and operand.role in ("weight", "state") and operand.size_bytes:
            elements = operand.num_elements * operand_read_bytes(operation, index) // operand.size_bytes
            total += elements * operand.dtype.expansion
    return total
