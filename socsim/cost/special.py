"""Exponentials, divisions and roots: work that units do on slower hardware than additions."""

from __future__ import annotations

import math

from socsim.workload import BoundOperation

SPECIAL_FUNCTIONS = frozenset(
    {"exp", "sigmoid", "tanh", "gelu", "silu", "swish", "mish", "erf", "sin", "cos", "rsqrt", "sqrt", "div", "pow",
     "log", "reciprocal", "softplus", "elu", "hardswish_exact"}
)  # fmt: skip
"""Element-wise functions with one of them per element."""


def special_operations(operation: BoundOperation) -> int:
    """How many exponentials, divisions and roots an operation needs."""
    match operation.kind:
        case "softmax":
            return operation.outputs[0].num_elements
        case "attention":
            query, key = operation.inputs[0].shape, operation.inputs[1].shape
            return math.prod(query[:-1]) * key[-2]
        case "elementwise" if operation.function in SPECIAL_FUNCTIONS:
            return operation.outputs[0].num_elements
        case _:
            return 0
