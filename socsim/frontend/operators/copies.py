"""Real copies: what moves data although nothing is computed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from socsim.frontend.call import Call
from socsim.frontend.operators.registration import register

_COPIES = {
    "cat": "concat", "concat": "concat", "stack": "concat", "hstack": "concat", "vstack": "concat",
    "pad": "pad", "constant_pad_nd": "pad", "reflection_pad1d": "pad", "reflection_pad2d": "pad",
    "replication_pad1d": "pad", "replication_pad2d": "pad", "roll": "roll", "flip": "flip", "repeat": "repeat",
    "tile": "repeat", "pixel_shuffle": "pixel_shuffle", "pixel_unshuffle": "pixel_shuffle",
    "channel_shuffle": "channel_shuffle", "copy": "copy", "clone": "copy", "im2col": "im2col", "col2im": "col2im",
    "view_as_real_copy": "copy", "masked_select": "copy", "meshgrid": "copy",
}  # fmt: skip


@register(*(f"aten.{name}" for name in _COPIES))
def copy(call: Call) -> Any:
    operands = call.tensors()
    name = call.base_name
    if name == "clone" and operands[0].free_layout:
        return replace(operands[0], free_layout=False)
    if name == "copy" and call.mutates:
        operands = operands[1:]
    if name in ("pad", "constant_pad_nd") and call.sizes_of_first() == call.outputs()[0].sizes:
        return operands[0]
    return call.emit("data_movement", operands, function=_COPIES[name])


@register("aten.repeat_interleave")
def repeat_interleave(call: Call) -> Any:
    """Repeats heads of keys and values where it stands before attention: made only where a consumer needs it."""
    value = call.value("self")
    if value.copy is not None or not isinstance(call.arguments.get("repeats"), int):
        return call.emit("data_movement", call.tensors(), function="repeat")
    return replace(value, copy=call.deferred_copy(call.outputs()[0].sizes))
