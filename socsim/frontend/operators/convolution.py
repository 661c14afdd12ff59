"""Convolutions of one, two and three dimensions, and transposed ones."""

from __future__ import annotations

from typing import Any

from socsim.frontend.call import Call
from socsim.frontend.operators.registration import register


def _tuple(value: Any, rank: int) -> tuple[int, ...]:
    items = [int(v) for v in value] if isinstance(value, (list, tuple)) else [int(value)]
    return tuple(items * rank if len(items) == 1 else items)


def _emit(call: Call, padding: Any, transposed: int) -> Any:
    rank = len(call.sizes("weight")) - 2
    operands = [call.value("input"), call.value("weight")]
    bias = call.optional("bias")
    kernel = call.sizes("weight")[2:]
    dilation = _tuple(call.arguments["dilation"], rank)
    if padding == "valid":
        padding = 0
    elif padding == "same":
        padding = [d * (k - 1) // 2 for d, k in zip(dilation, kernel, strict=True)]
    return call.emit(
        "convolution",
        [*operands, bias] if bias is not None else operands,
        stride=_tuple(call.arguments["stride"], rank),
        padding=_tuple(padding, rank),
        dilation=dilation,
        groups=int(call.arguments["groups"]),
        transposed=transposed,
    )


@register("aten.conv1d", "aten.conv2d", "aten.conv3d", product=True)
def convolution(call: Call) -> Any:
    return _emit(call, call.arguments["padding"], transposed=0)


@register("aten.conv_transpose1d", "aten.conv_transpose2d", "aten.conv_transpose3d", product=True)
def transposed_convolution(call: Call) -> Any:
    return _emit(call, call.arguments["padding"], transposed=1)


@register("aten.convolution", "aten._convolution", product=True)
def general_convolution(call: Call) -> Any:
    return _emit(call, call.arguments["padding"], transposed=int(bool(call.arguments["transposed"])))
