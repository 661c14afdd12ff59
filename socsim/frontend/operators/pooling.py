"""Pooling and resampling of images."""

from __future__ import annotations

from typing import Any

from socsim.frontend.call import Call
from socsim.frontend.operators.registration import register


def _tuple(value: Any, rank: int) -> tuple[int, ...]:
    items = [int(v) for v in value] if isinstance(value, (list, tuple)) else [int(value)]
    return tuple(items * rank if len(items) == 1 else items)


@register(
    "aten.max_pool1d", "aten.max_pool2d", "aten.max_pool3d", "aten.max_pool2d_with_indices", "aten.avg_pool1d",
    "aten.avg_pool2d", "aten.avg_pool3d",
)  # fmt: skip
def pooling(call: Call) -> Any:
    """A window larger than the image (with `ceil_mode`) sees the image only."""
    rank = 1 if "1d" in call.operator else 3 if "3d" in call.operator else 2
    asked = _tuple(call.arguments["kernel_size"], rank)
    image = call.hints(call.sizes_of_first())[-rank:]
    padding = _tuple(call.arguments["padding"] or 0, rank)
    kernel = tuple(min(a, size + 2 * pad) for a, size, pad in zip(asked, image, padding, strict=True))
    stride = _tuple(call.arguments["stride"] or kernel, rank)
    function = "max" if "max" in call.operator else "average"
    return call.emit("pooling", call.tensors()[:1], function=function, kernel=kernel, stride=stride)


@register(
    "aten.adaptive_avg_pool1d", "aten.adaptive_avg_pool2d", "aten.adaptive_avg_pool3d", "aten.adaptive_max_pool2d",
    "aten._adaptive_avg_pool2d",
)  # fmt: skip
def adaptive_pooling(call: Call) -> Any:
    """The window is the ratio of input and output sizes."""
    sizes, output = call.hints(call.sizes_of_first()), call.hints(call.outputs()[0].sizes)
    rank = 1 if "1d" in call.operator else 3 if "3d" in call.operator else 2
    kernel = tuple(-(-a // b) for a, b in zip(sizes[-rank:], output[-rank:], strict=True))
    function = "max" if "max" in call.operator else "average"
    return call.emit("pooling", call.tensors()[:1], function=function, kernel=kernel, stride=kernel)


_RESAMPLINGS = {
    "upsample_nearest1d": "nearest", "upsample_nearest2d": "nearest", "upsample_nearest3d": "nearest",
    "_upsample_nearest_exact2d": "nearest", "upsample_linear1d": "bilinear", "upsample_bilinear2d": "bilinear",
    "_upsample_bilinear2d_aa": "bilinear", "upsample_bicubic2d": "bicubic", "_upsample_bicubic2d_aa": "bicubic",
}  # fmt: skip


@register(*(f"aten.{name}" for name in _RESAMPLINGS))
def resample(call: Call) -> Any:
    return call.emit("resample", call.tensors()[:1], function=_RESAMPLINGS[call.operator.split(".")[-1]])
