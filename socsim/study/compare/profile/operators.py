"""Operators of PyTorch: one name for what profilers and exported graphs call differently, and the work of a product."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod
from typing import Any

_ALIASES = {
    "convolution": "conv2d", "_convolution": "conv2d", "conv1d": "conv1d", "addmm": "linear", "mm": "matmul",
    "bmm": "matmul", "baddbmm": "matmul", "native_layer_norm": "layer_norm", "_softmax": "softmax",
    "native_batch_norm": "batch_norm", "_native_batch_norm_legit_no_training": "batch_norm",
    "_scaled_dot_product_flash_attention_for_cpu": "scaled_dot_product_attention", "max_pool2d_with_indices":
    "max_pool2d", "_adaptive_avg_pool2d": "adaptive_avg_pool2d", "hardtanh": "relu6", "rsub": "sub",
}  # fmt: skip
_NUMBERED = re.compile(r"_\d+$")
_PRODUCTS = ("linear", "matmul", "conv1d", "conv2d")


def canonical(name: str) -> str:
    """`aten::add_` and `add_1` are both `add`."""
    short = name.rpartition("::")[2].partition(".")[0]
    short = _NUMBERED.sub("", short) if "::" not in name else short
    if short not in _ALIASES:
        short = short.rstrip("_") or short
    return _ALIASES.get(short, short)


def matmul_flop(name: str, shapes: object, values: object = ()) -> int | None:
    """FLOP of a product by the shapes of its inputs, 2 per multiply-accumulate; None where they do not tell.

    `values` are the inputs that are no tensors, as profilers write them (`"[1, 1]"`): stride, padding, dilation.
    """
    if canonical(name) not in _PRODUCTS or not isinstance(shapes, list | tuple):
        return None
    tensors: list[tuple[int, ...]] = [tuple(shape) for shape in shapes if _is_shape(shape)]
    short = name.rpartition("::")[2]
    try:
        if short == "addmm":
            return 2 * prod(tensors[-2]) * tensors[-1][1]
        if short == "linear":
            return 2 * prod(tensors[0]) * tensors[1][0]
        if canonical(name) == "matmul":
            left, right = tensors[-2], tensors[-1]
            return 2 * prod(left) * (right[-1] if len(right) > 1 else 1)
        return _convolution_flop(tensors, values if isinstance(values, list | tuple) else ())
    except (IndexError, ValueError, ZeroDivisionError):
        return None


def _convolution_flop(tensors: Sequence[tuple[int, ...]], values: Sequence[Any]) -> int | None:
    image, weight = tensors[0], tensors[1]
    dimensions = len(weight) - 2
    stride, padding, dilation = (_numbers(item, dimensions) for item in (list(values[3:6]) + [None] * 3)[:3])
    if stride is None or padding is None or dilation is None:
        return None
    outputs = image[0] * weight[0]
    for axis in range(dimensions):
        reach = dilation[axis] * (weight[2 + axis] - 1) + 1
        outputs *= (image[2 + axis] + 2 * padding[axis] - reach) // stride[axis] + 1
    return 2 * outputs * prod(weight[1:])


def _numbers(text: object, count: int) -> list[int] | None:
    found = [int(item) for item in re.findall(r"-?\d+", str(text))] if text is not None else []
    return found * count if len(found) == 1 else found if len(found) == count else None


def _is_shape(shape: object) -> bool:
    return isinstance(shape, list | tuple) and bool(shape) and all(isinstance(size, int) for size in shape)
