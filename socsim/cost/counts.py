"""Counting the arithmetic of a fused group by kind and precision, for rates and for energy."""

from __future__ import annotations

from socsim.workload import BoundOperation
from socsim.workload.work import matmul_flop, other_flop

PIXEL = "pixel"
"""What stands in place of a precision where pixels are counted and not FLOP."""

_BITS_ORDER = ("fp32", "bf16", "fp16", "fp8", "int8", "int4")


def arithmetic_precision(operation: BoundOperation) -> str:
    """The precision an operation computes in: its weights' and activations' formats, the wider of the two.

    A compressed weight computes in the format it is expanded to; int8 weights beside fp16 activations compute in fp16.
    """
    formats = [operand.dtype.arithmetic for operand in operation.inputs if operand.dtype.name not in _INDICES]
    formats = formats or [operand.dtype.arithmetic for operand in operation.outputs]
    for precision in _BITS_ORDER:
        if precision in formats:
            return precision
    return formats[0] if formats else "fp32"


_INDICES = frozenset({"int64", "int32", "int16", "bool"})


class OperationCounts:
    """(kind, precision) -> FLOP, collected over the operations of a group."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, operation: BoundOperation) -> str:
        """Count an operation; returns the precision it computes in."""
        precision = arithmetic_precision(operation)
        matmul, other = matmul_flop(operation), other_flop(operation)
        if matmul:
            self._counts["matmul", precision] = self._counts.get(("matmul", precision), 0) + matmul
        if other:
            self._counts["vector", precision] = self._counts.get(("vector", precision), 0) + other
        return precision

    def items(self) -> tuple[tuple[tuple[str, str], int], ...]:
        return tuple(sorted(self._counts.items()))
