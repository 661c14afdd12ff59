"""Normalizations and softmax."""

from __future__ import annotations

from typing import Any

from socsim.frontend.call import Call
from socsim.frontend.operators.registration import register

_FUNCTIONS = {
    "layer_norm": "layer_norm", "native_layer_norm": "layer_norm",
    "group_norm": "group_norm", "native_group_norm": "group_norm",
    "batch_norm": "batch_norm", "cudnn_batch_norm": "batch_norm", "native_batch_norm": "batch_norm",
    "_native_batch_norm_legit_no_training": "batch_norm",
    "instance_norm": "instance_norm",
    "rms_norm": "rms_norm", "_fused_rms_norm": "rms_norm",
}  # fmt: skip


@register(*(f"aten.{name}" for name in _FUNCTIONS))
def normalization(call: Call) -> Any:
    return call.emit("normalization", call.tensors(), function=_FUNCTIONS[call.operator.split(".")[-1]])


@register("aten.softmax", "aten._softmax", "aten._safe_softmax", "aten.log_softmax", "aten._log_softmax")
def softmax(call: Call) -> Any:
    return call.emit("softmax", call.tensors())
