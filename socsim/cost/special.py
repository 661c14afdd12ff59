"""Work that is no matrix product, by what hardware does at different rates: simple element-wise operations, activation
functions, softmax, look-ups, resampling."""

from __future__ import annotations

import math

from socsim.workload import BoundOperation
from socsim.workload.work import other_flop

SPECIAL_FUNCTIONS = frozenset(
    {"exp", "sigmoid", "tanh", "gelu", "quick_gelu", "silu", "swish", "mish", "erf", "sin", "cos", "rsqrt", "sqrt",
     "div", "pow", "log", "reciprocal", "softplus", "elu"}
)  # fmt: skip
"""Element-wise functions with an exponential, a division or a root per element."""


def softmax_elements(operation: BoundOperation) -> int:
    """Elements that go through a softmax: its own, or an attention's scores."""
    match operation.kind:
        case "softmax":
            return operation.outputs[0].num_elements
        case "attention":
            query, key = operation.inputs[0].shape, operation.inputs[1].shape
            return math.prod(query[:-1]) * key[-2]
        case _:
            return 0


def special_operations(operation: BoundOperation) -> int:
    """Activation functions with an exponential, a division or a root, one per element."""
    if operation.kind == "elementwise" and operation.function in SPECIAL_FUNCTIONS:
        return operation.outputs[0].num_elements
    return 0


def gathered_elements(operation: BoundOperation) -> int:
    """Elements looked up by index, or searched for the place of their maximum."""
    match operation.kind:
        case "embedding" | "scatter":
            return operation.outputs[0].num_elements
        case "reduction" if operation.function in ("argmax", "argmin", "topk", "sort"):
            return operation.inputs[0].num_elements
        case _:
            return 0


def resampled_elements(operation: BoundOperation) -> int:
    """Elements that a resampling writes."""
    return operation.outputs[0].num_elements if operation.kind == "resample" else 0


def simple_operations(operation: BoundOperation) -> int:
    """Additions and multiplications outside matrix products, and elements copied; none of what is counted above."""
    match operation.kind:
        case "softmax" | "attention" | "embedding" | "scatter" | "resample":
            return 0
        case "elementwise" if operation.function in SPECIAL_FUNCTIONS:
            return 0
        case "data_movement":
            return operation.outputs[0].num_elements if operation.function != "kv_append" else 0
        case "reduction" if operation.function in ("argmax", "argmin", "topk", "sort"):
            return 0
        case _:
            return other_flop(operation)
