"""Reductions, sorting and running sums."""

from __future__ import annotations

from typing import Any

from socsim.frontend.call import Call
from socsim.frontend.operators.registration import register

_FUNCTIONS = (
    "mean", "sum", "prod", "amax", "amin", "max", "min", "argmax", "argmin", "var", "std", "var_mean",
    "std_mean", "norm",
    "linalg_vector_norm", "logsumexp", "any", "all", "cumsum", "cumprod", "sort", "argsort", "topk", "histc",
    "bincount",
    "count_nonzero", "median",
)  # fmt: skip


@register(*(f"aten.{name}" for name in _FUNCTIONS))
def reduction(call: Call) -> Any:
    if call.base_name == "max" and call.optional("other") is not None:
        return call.emit("elementwise", call.tensors(), function="maximum", flop_per_element=1)
    if call.base_name == "topk":
        call.lowering.experts_per_token = int(call.arguments["k"])
    return call.emit("reduction", call.tensors(), function=call.base_name)
