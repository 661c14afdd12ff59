"""Element-wise operators: most are one function of torch under another name."""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from functools import reduce
from typing import Any

import torch
from torch.nn import functional

from socsim.frontend.imported.host_operators import host
from socsim.frontend.imported.module import tensor
from socsim.frontend.imported.onnx_operators.registration import Attributes, operator

_UNARY: dict[str, Callable[..., Any]] = {
    "Abs": torch.abs, "Acos": torch.acos, "Asin": torch.asin, "Atan": torch.atan, "Ceil": torch.ceil, "Cos": torch.cos,
    "Erf": torch.erf, "Exp": torch.exp, "Floor": torch.floor, "Identity": lambda x: x, "IsNaN": torch.isnan,
    "Log": torch.log, "Mish": functional.mish, "Neg": torch.neg, "Not": torch.logical_not,
    "Reciprocal": torch.reciprocal, "Relu": functional.relu, "Round": torch.round, "Sigmoid": torch.sigmoid,
    "Sign": torch.sign, "Sin": torch.sin, "Softplus": functional.softplus,
    "Softsign": lambda x: x / (1 + torch.abs(x)), "Sqrt": torch.sqrt, "Tan": torch.tan, "Tanh": torch.tanh,
    "HardSwish": functional.hardswish, "Swish": functional.silu,
}  # fmt: skip

_BINARY: dict[str, Callable[..., Any]] = {
    "Add": python.add, "Sub": python.sub, "Mul": python.mul, "Pow": python.pow, "Equal": torch.eq,
    "Greater": torch.gt, "GreaterOrEqual": torch.ge, "Less": torch.lt, "LessOrEqual": torch.le,
    "And": torch.logical_and, "Or": torch.logical_or, "Xor": torch.logical_xor,
}  # fmt: skip


def _register_unary(name: str, function: Callable[..., Any]) -> None:
    operator(name)(lambda attributes, x: function(tensor(x)))


def _register_binary(name: str, function: Callable[..., Any]) -> None:
    operator(name)(lambda attributes, a, b: function(*_operands(a, b)))


for _name, _function in _UNARY.items():
    _register_unary(_name, _function)
for _name, _function in _BINARY.items():
    _register_binary(_name, _function)


def _operands(*values: Any) -> list[Any]:
    """Tensors, and numbers for constants of one element beside them: the format of the tensor decides."""
    ready = []
    for value in values:
        numbers = host(value)
        single = numbers is not None and numbers.size == 1 and numbers.dtype.kind in "fiub"
        ready.append(numbers.reshape(-1)[0].item() if single else tensor(value))
    if not any(isinstance(value, torch.Tensor) for value in ready):
        ready[0] = tensor(values[0])
    return ready


@operator("PRelu")
def parametric_relu(attributes: Attributes, x: Any, slope: Any) -> Any:
    return functional.prelu(tensor(x), tensor(slope).reshape(-1))


@operator("Div")
def divide(attributes: Attributes, a: Any, b: Any) -> Any:
    """Integers are divided as integers."""
    left, right = _operands(a, b)
    first = left if isinstance(left, torch.Tensor) else right
    if first.is_floating_point() or isinstance(left, float) or isinstance(right, float):
        return left / right
    return torch.div(left, right, rounding_mode="trunc")


@operator("Mod")
def modulo(attributes: Attributes, a: Any, b: Any) -> Any:
    left, right = _operands(a, b)
    return torch.fmod(left, right) if attributes.get("fmod") else torch.remainder(left, right)


def _register_fold(name: str, function: Callable[..., Any]) -> None:
    """An operator of any number of operands, as a chain of pairs."""
    operator(name)(lambda attributes, *values: reduce(function, [tensor(value) for value in values]))


_register_fold("Max", torch.maximum)
_register_fold("Min", torch.minimum)
_register_fold("Sum", python.add)


@operator("Where")
def where(attributes: Attributes, condition: Any, a: Any, b: Any) -> Any:
    return torch.where(tensor(condition), *_operands(a, b))


@operator("Clip")
def clip(attributes: Attributes, x: Any, low: Any = None, high: Any = None) -> Any:
    """ReLU6 is written so by most exporters."""
    bounds = [attributes.get("min"), attributes.get("max")]
    for index, given in enumerate((low, high)):
        if given is not None:
            numbers = host(given)
            if numbers is None:
                raise ValueError("bounds that depend on data")
            bounds[index] = numbers.reshape(-1)[0].item()
    if bounds == [0, 6]:
        return functional.relu6(tensor(x))
    return torch.clamp(tensor(x), bounds[0], bounds[1])


@operator("LeakyRelu")
def leaky_relu(attributes: Attributes, x: Any) -> Any:
    return functional.leaky_relu(x, attributes.get("alpha", 0.01))


@operator("Elu", "Celu", "Selu", "ThresholdedRelu")
def exponential_unit(attributes: Attributes, x: Any) -> Any:
    """Alike in cost: an exponential, a difference and a choice."""
    return functional.elu(x, attributes.get("alpha", 1.0))


@operator("HardSigmoid")
def hard_sigmoid(attributes: Attributes, x: Any) -> Any:
    return functional.hardsigmoid(x)


@operator("Gelu", "com.microsoft.Gelu", "com.microsoft.FastGelu")
def gelu(attributes: Attributes, x: Any, bias: Any = None) -> Any:
    x = x if bias is None else x + tensor(bias)
    return functional.gelu(x, approximate=attributes.get("approximate", "none"))


@operator("Cast")
def cast(attributes: Attributes, x: Any) -> Any:
    return tensor(x).to(getattr(torch, attributes["to"]))


@operator("CastLike")
def cast_like(attributes: Attributes, x: Any, like: Any) -> Any:
    return tensor(x).to(tensor(like).dtype)


@operator("Dropout")
def dropout(attributes: Attributes, x: Any, *_: Any) -> Any:
    """Nothing in inference; the mask, where it is asked for, is all ones."""
    return tensor(x), torch.ones_like(tensor(x), dtype=torch.bool)
