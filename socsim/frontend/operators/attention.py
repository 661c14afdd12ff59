"""Attention whole, and the key-value cache of a language model."""

from __future__ import annotations

from typing import Any

from socsim.frontend.call import Call
from socsim.frontend.operators.registration import register


@register("aten.scaled_dot_product_attention", product=True)
def scaled_dot_product_attention(call: Call) -> Any:
    """Keys and values are read as they lie in the cache, without the repetition over grouped query heads. A mask that
    is bookkeeping is not read: kernels compare positions."""
    mask = call.optional("attn_mask")
    causal = bool(call.arguments["is_causal"])
    operands = [call.value("query"), call.value("key"), call.value("value")]
    if mask is not None:
        causal = causal or mask.positional
        if mask.status == "real" or (mask.status == "constant" and not mask.positional):
            operands.append(mask)
    return call.emit("attention", operands, strided=True, free_layout=True, causal=int(causal))


@register("socsim.kv_append", product=True)
def kv_append(call: Call) -> Any:
    """Writes the new tokens' rows behind the ones that the cache holds; the cache is state, never copied."""
    return call.append_to_state(call.value("new"), str(call.arguments["slot"]))


@register("socsim.state", view=True)
def state(call: Call) -> Any:
    """A tensor that an earlier run of another graph left behind (the keys of an encoder)."""
    return call.state(str(call.arguments["slot"]))


@register("socsim.last_positions", view=True)
def last_positions(call: Call) -> Any:
    """The last rows of the sequence: a view."""
    return call.viewed(call.lowering.materialized(call.value("hidden")))
