"""Windows that slide over a picture: convolution and pooling, with ONNX's ways to pad."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from socsim.frontend.imported.host_operators import host
from socsim.frontend.imported.module import tensor
from socsim.frontend.imported.onnx_operators.registration import Attributes, operator


@dataclass(frozen=True)
class Window:
    """Per spatial axis; `begin` and `end` are paddings. `same`: the size of the result follows from the stride."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    begin: tuple[int, ...]
    end: tuple[int, ...]
    same: bool


def window(attributes: Attributes, kernel: tuple[int, ...], image: Sequence[Any]) -> Window:
    """The window that attributes describe; `auto_pad` is worked out for the image's size."""
    rank = len(kernel)
    stride = tuple(attributes.get("strides") or [1] * rank)
    dilation = tuple(attributes.get("dilations") or [1] * rank)
    automatic = attributes.get("auto_pad", "NOTSET")
    if not automatic.startswith("SAME"):
        pads = list(attributes.get("pads") or [0] * (2 * rank))
        pads = [0] * (2 * rank) if automatic == "VALID" else pads
        return Window(kernel, stride, dilation, tuple(pads[:rank]), tuple(pads[rank:]), False)
    first, last = [], []
    for size, k, s, d in zip(image, kernel, stride, dilation, strict=True):
        total = max((math.ceil(int(size) / s) - 1) * s + d * (k - 1) + 1 - int(size), 0)
        small, large = total // 2, total - total // 2
        first.append(small if automatic == "SAME_UPPER" else large)
        last.append(large if automatic == "SAME_UPPER" else small)
    return Window(kernel, stride, dilation, tuple(first), tuple(last), True)


def padded(x: Any, shape: Window, value: float = 0.0) -> tuple[Any, tuple[int, ...]]:
    """The picture and the padding that is left to the operator: alike on both sides, or done before."""
    if shape.begin == shape.end:
        return x, shape.begin
    pads = [amount for pair in zip(reversed(shape.begin), reversed(shape.end), strict=True) for amount in pair]
    return functional.pad(x, pads, value=value), tuple([0] * len(shape.begin))


@operator("MaxPool")
def max_pool(attributes: Attributes, x: Any) -> Any:
    shape = window(attributes, tuple(attributes["kernel_shape"]), x.shape[2:])
    x, padding = padded(x, shape, float("-inf"))
    function = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)[len(shape.kernel) - 1]
    ceil = bool(attributes.get("ceil_mode", 0))
    return function(x, shape.kernel, shape.stride, padding, shape.dilation, ceil_mode=ceil)


@operator("AveragePool")
def average_pool(attributes: Attributes, x: Any) -> Any:
    shape = window(attributes, tuple(attributes["kernel_shape"]), x.shape[2:])
    x, padding = padded(x, shape)
    function = (functional.avg_pool1d, functional.avg_pool2d, functional.avg_pool3d)[len(shape.kernel) - 1]
    return function(x, shape.kernel, shape.stride, padding, ceil_mode=bool(attributes.get("ceil_mode", 0)))


@operator("GlobalAveragePool")
def global_average_pool(attributes: Attributes, x: Any) -> Any:
    rank = x.dim() - 2
    pools = {1: functional.adaptive_avg_pool1d, 2: functional.adaptive_avg_pool2d, 3: functional.adaptive_avg_pool3d}
    return pools[rank](x, 1)


@operator("GlobalMaxPool")
def global_max_pool(attributes: Attributes, x: Any) -> Any:
    return torch.amax(x, list(range(2, x.dim())), keepdim=True)


@operator("Resize", "Upsample")
def resize(attributes: Attributes, x: Any, *given: Any) -> Any:
    """The size is given, or the factor; version 10 and `Upsample` have no region of interest before it."""
    x = tensor(x)
    wanted = next((host(value) for value in reversed(given) if host(value) is not None and host(value).size), None)
    if wanted is None or len(wanted) not in (x.dim(), len(attributes.get("axes") or ())):
        raise ValueError("its size depends on the data")
    axes = attributes.get("axes") or list(range(x.dim()))
    sizes = list(x.shape)
    for axis, amount in zip(axes, wanted.tolist(), strict=True):
        if wanted.dtype.kind != "f":
            sizes[axis] = amount
        elif amount.is_integer():
            sizes[axis] = sizes[axis] * int(amount)
        else:
            sizes[axis] = math.floor(amount * int(sizes[axis]))
    rank = x.dim() - 2
    smooth = {1: "linear", 2: "bilinear", 3: "trilinear"}[rank]
    mode = {"nearest": "nearest", "linear": smooth, "cubic": "bicubic"}[attributes.get("mode", "nearest")]
    return functional.interpolate(x, size=sizes[2:], mode=mode)
