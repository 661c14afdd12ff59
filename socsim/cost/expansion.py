"""Compressed weights: how many elements a unit has to expand before it can compute on them."""

from __future__ import annotations

from socsim.workload import BoundOperation
from socsim.workload.work import operand_read_bytes


def compressed_elements(operation: BoundOperation) -> int:
    """Elements of compressed weights that the operation reads, once: all of a matrix, the rows of a table that are
    looked up, the experts that are hit."""
    total = 0
    for index, operand in enumerate(operation.inputs):
        if operand.role == "weight" and operand.dtype.is_compressed and operand.size_bytes:
            total += operand.num_elements * operand_read_bytes(operation, index) // operand.size_bytes
    return total
