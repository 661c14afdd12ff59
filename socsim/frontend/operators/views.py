"""Views: operators that only look at storage in another way, and the ones that may have to copy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from socsim.frontend.call import Call
from socsim.frontend.operators.registration import register
from socsim.frontend.sizes import Size
from socsim.frontend.value import Value


@register(
    "aten.view", "aten._unsafe_view", "aten.slice", "aten.select", "aten.narrow", "aten.squeeze", "aten.unsqueeze",
    "aten.unflatten", "aten.alias", "aten.detach", "aten.detach_", "aten.view_as", "aten.lift_fresh",
    "aten.lift_fresh_copy",
    "aten.as_strided", "aten.diagonal", "aten.expand", "aten.expand_as", "aten.broadcast_to", "aten.unfold",
    "aten.view_as_complex", "aten.view_as_real", "aten.real", "aten.imag", "aten.resolve_conj", "aten.resolve_neg",
    view=True,
)  # fmt: skip
def view(call: Call) -> Any:
    value = call.tensors()[0]
    if value.copy is not None:
        if call.sizes_of_first() == call.outputs()[0].sizes:
            return value
        value = call.lowering.materialized(value)
    return call.viewed(value)


@register(
    "aten.transpose", "aten.permute", "aten.t", "aten.numpy_T", "aten.mT", "aten.movedim", "aten.swapaxes", view=True
)
def transpose(call: Call) -> Any:
    """Also of keys that are still to be repeated: the repetition is transposed with them."""
    value = call.tensors()[0]
    if value.copy is None:
        return call.viewed(value)
    order = _order(call, len(value.sizes))
    if order is None:
        return call.viewed(call.lowering.materialized(value))
    sizes = tuple(value.sizes[dim] for dim in order)
    return replace(value, sizes=sizes, copy=call.deferred_copy(call.outputs()[0].sizes))


def _order(call: Call, rank: int) -> list[int] | None:
    if call.operator == "aten.permute":
        return [int(dim) % rank for dim in call.arguments["dims"]]
    if call.operator in ("aten.transpose", "aten.swapaxes"):
        order = list(range(rank))
        first, second = (int(call.arguments[name]) % rank for name in list(call.arguments)[1:3])
        order[first], order[second] = order[second], order[first]
        return order
    return None


@register(
    "aten.split", "aten.split_with_sizes", "aten.chunk", "aten.unbind", "aten.tensor_split", "aten.unsafe_split",
    "aten.unsafe_chunk", view=True,
)  # fmt: skip
def split(call: Call) -> Any:
    value = call.tensors()[0]
    if value.copy is not None:
        value = call.lowering.materialized(value)
    return [call.viewed(value, index) for index in range(len(call.node.meta["val"]))]


@register(
    "aten.dropout", "aten.dropout_", "aten.feature_dropout", "aten.native_dropout", "aten.alpha_dropout",
    "aten.bernoulli",
    view=True,
)  # fmt: skip
def dropout(call: Call) -> Any:
    """Nothing in inference."""
    value = call.tensors()[0]
    return [value, value] if isinstance(call.node.meta["val"], (list, tuple)) else value


@register("aten.reshape", "aten.flatten", "aten.contiguous", view=True)
def reshape(call: Call) -> Any:
    """A view where strides allow it or where the producer may choose its layout; a copy otherwise. A copy that only
    repeats or reorders elements waits until a consumer needs it."""
    value = call.tensors()[0]
    out = call.outputs()[0].sizes
    if value.copy is not None:
        if call.sizes_of_first() == out:
            return value
        value = call.lowering.materialized(value)
    if not call.reshape_copies():
        return call.viewed(value)
    if value.free_layout:
        return replace(value, sizes=out, free_layout=False)
    repeated = merged(call.hints(call.sizes_of_first()), value.sizes, call.hints(out), out)
    if repeated is not None:
        return replace(value, sizes=repeated, copy=call.deferred_copy(out))
    if value.status != "real" and value.root is None:
        return value.viewed(out)
    if call.operator == "aten.contiguous":
        return replace(value, copy=call.deferred_copy(out))
    return call.emit("data_movement", [value], function="copy")


def merged(
    full: tuple[int, ...], distinct: tuple[Size, ...], out: tuple[int, ...], out_sizes: tuple[Size, ...]
) -> tuple[Size, ...] | None:
    """Sizes of the distinct elements after merging dimensions `full` into `out`, where some of `full` only repeat; None
    where nothing repeats or dimensions are not merged but regrouped."""
    if all(hint == 1 or size != 1 for hint, size in zip(full, distinct, strict=True)):
        return None
    result: list[Size] = []
    index = 0
    for target, target_size in zip(out, out_sizes, strict=True):
        extent = 1
        size: Size = 1
        repeats = False
        while extent < target and index < len(full):
            extent *= full[index]
            repeats = repeats or (full[index] != 1 and distinct[index] == 1)
            size = size * distinct[index]
            index += 1
        if extent != target:
            return None
        result.append(size if repeats else target_size)
    return tuple(result) if all(extent == 1 for extent in full[index:]) else None


@register("aten.to", "aten._to_copy", "aten.type_as", "aten.float", "aten.half", view=True)
def cast(call: Call) -> Any:
    """A view where the number format stays; else each element is read and written."""
    value = call.tensors()[0]
    target = call.outputs()[0]
    if value.dtype == target.dtype:
        return value
    if value.status != "real":
        return _settled_cast(call, value, target)
    return call.emit("elementwise", [value], function="cast", flop_per_element=0)


def _settled_cast(call: Call, value: Value, target: Value) -> Value:
    """A constant or a position in another format is still no work in each run."""
    name = call.lowering.builder.unique(call.name)
    return replace(value, root=None, dtype=target.dtype, origin=name)
