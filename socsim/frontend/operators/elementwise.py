"""Element-wise operators: one row each, with its operations per element."""

from __future__ import annotations

from typing import Any

from socsim.frontend.call import Call
from socsim.frontend.operators.registration import register

# Operations per element, where an exponential, a root, a division and a trigonometric function count as one each.
# These are definitions of what is counted (the operator's own formula), not properties of hardware.
FLOP_PER_ELEMENT = {
    "add": 1, "sub": 1, "rsub": 1, "mul": 1, "div": 1, "neg": 1, "abs": 1, "sign": 1, "reciprocal": 1,
    "pow": 1, "square": 1, "sqrt": 1, "rsqrt": 2, "exp": 1, "exp2": 1, "expm1": 2, "log": 1, "log2": 1, "log1p": 2,
    "sin": 1, "cos": 1, "tan": 1, "tanh": 1, "atan": 1, "atan2": 2, "erf": 1,
    "floor": 1, "ceil": 1, "round": 1, "trunc": 1, "floor_divide": 2, "remainder": 3, "fmod": 3,
    "maximum": 1, "minimum": 1, "clamp": 2, "clamp_min": 1, "clamp_max": 1,
    "relu": 1, "relu6": 2, "hardtanh": 2, "leaky_relu": 2, "prelu": 2, "_prelu_kernel": 2, "threshold": 1,
    "sigmoid": 4, "hardsigmoid": 4, "silu": 5, "hardswish": 5, "mish": 7, "softplus": 3, "elu": 3, "selu": 4, "celu": 4,
    "gelu": 5, "log_sigmoid": 5, "logit": 3, "glu": 5,
    "eq": 1, "ne": 1, "lt": 1, "le": 1, "gt": 1, "ge": 1, "where": 1, "masked_fill": 1, "tril": 1, "triu": 1,
    "logical_and": 1, "logical_or": 1, "logical_not": 1, "logical_xor": 1, "bitwise_and": 1, "bitwise_or": 1,
    "bitwise_not": 1, "bitwise_xor": 1, "__and__": 1, "__or__": 1, "__xor__": 1, "isnan": 1, "isinf": 1,
    "addcmul": 3, "addcdiv": 3, "lerp": 3, "fill": 0, "zero": 0,
    "nan_to_num": 3, "__lshift__": 1, "__rshift__": 1, "bitwise_left_shift": 1, "bitwise_right_shift": 1,
    "outer": 1,
}  # fmt: skip


@register(*(f"aten.{name}" for name in FLOP_PER_ELEMENT))
def elementwise(call: Call) -> Any:
    """Each operand is read once, however often the operator names it."""
    name = call.base_name
    operands = list({(value.root or value.origin, value.sizes): value for value in call.tensors()}.values())
    return call.emit("elementwise", operands, function=name, flop_per_element=FLOP_PER_ELEMENT[name])
