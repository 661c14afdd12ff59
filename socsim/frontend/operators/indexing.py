"""Reading rows by index and writing rows by index."""

from __future__ import annotations

from typing import Any

from socsim.frontend.call import Call
from socsim.frontend.operators.registration import register


@register("aten.embedding")
def embedding(call: Call) -> Any:
    return call.emit("embedding", [call.value("weight"), call.value("indices")], function="embedding")


@register("aten.index", "aten.index_select", "aten.gather", "aten.take_along_dim", "aten.grid_sampler")
def gather(call: Call) -> Any:
    return call.emit("embedding", call.tensors(), function="gather")


@register(
    "aten.index_put", "aten.index_copy", "aten.index_add", "aten.scatter", "aten.scatter_add", "aten.index_fill",
    "aten.slice_scatter", "aten.select_scatter", "aten.masked_scatter", "aten.scatter_reduce",
)  # fmt: skip
def scatter(call: Call) -> Any:
    """Operands in the order target, indices, source, whatever order the operator has."""
    target = next(name for name in ("self", "input") if name in call.arguments)
    source = next((name for name in ("source", "src", "values") if name in call.arguments), None)
    last = call.optional(source) if source is not None else None
    first = call.value(target)
    if first.root is None and call.node.meta.get("autograd_backward"):  # a gradient: zeros with some rows added
        return call.emit("data_movement", [v for v in call.tensors() if v is not first], function="scatter_zeros")
    between = [value for value in call.tensors() if value is not first and value is not last]
    operands = [first, *between]
    if last is not None:
        operands.append(last)
    return call.emit("scatter", operands, function=call.base_name)
