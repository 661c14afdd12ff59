"""Operators that only a backward pass has: gradients of convolutions, normalizations, activations, attention."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from socsim.frontend.call import Call
from socsim.frontend.operators.registration import register
from socsim.frontend.origin import dtype_name, module_class_of
from socsim.frontend.sizes import Size, product, size_of
from socsim.frontend.value import Value
from socsim.workload.operation import Kind

# Operations per element of the gradient, counted as in operators/elementwise.py.
FLOP_PER_ELEMENT = {
    "threshold_backward": 1, "hardtanh_backward": 2, "leaky_relu_backward": 2, "hardsigmoid_backward": 2,
    "hardswish_backward": 4, "elu_backward": 4, "softplus_backward": 4, "sigmoid_backward": 3, "tanh_backward": 3,
    "silu_backward": 8, "gelu_backward": 12, "mish_backward": 12, "native_dropout_backward": 2,
    "max_pool2d_with_indices_backward": 1, "avg_pool2d_backward": 1, "_adaptive_avg_pool2d_backward": 1,
    "upsample_nearest2d_backward": 1, "upsample_bilinear2d_backward": 7, "upsample_bicubic2d_backward": 31,
}  # fmt: skip

_NORMALIZATIONS = {
    "native_layer_norm_backward": "layer_norm_backward", "native_group_norm_backward": "group_norm_backward",
    "native_batch_norm_backward": "batch_norm_backward", "_fused_rms_norm_backward": "rms_norm_backward",
}  # fmt: skip


@register(*(f"aten.{name}" for name in FLOP_PER_ELEMENT))
def elementwise_backward(call: Call) -> Any:
    name = call.operator.split(".")[-1]
    return call.emit("elementwise", call.tensors(), function=name, flop_per_element=FLOP_PER_ELEMENT[name])


@register("aten._native_batch_norm_legit", "aten._native_batch_norm_legit_functional", "aten._batch_norm_with_update")
def batch_norm_in_training(call: Call) -> Any:
    """Statistics of the batch: two passes, as many operations as a layer norm."""
    return call.emit("normalization", call.tensors(), function="batch_norm_training")


@register(*(f"aten.{name}" for name in _NORMALIZATIONS))
def normalization_backward(call: Call) -> Any:
    """The gradient of the input, and of scale and shift where they are wanted."""
    function = _NORMALIZATIONS[call.operator.split(".")[-1]]
    wanted = [index for index, item in enumerate(call.node.meta["val"]) if hasattr(item, "shape")]
    return _parts(call, {wanted[0]: emit_part(call, wanted, "normalization", call.tensors(), function=function)})


@register("aten._softmax_backward_data", "aten._log_softmax_backward_data")
def softmax_backward(call: Call) -> Any:
    """A product, a sum along the row, a difference and a product: counted as a softmax."""
    return call.emit("softmax", call.tensors())


@register("aten.embedding_dense_backward")
def embedding_backward(call: Call) -> Any:
    """A whole table of zeros with the rows of the batch added: the table is written, the rows are read."""
    return call.emit("data_movement", call.tensors(), function="embedding_backward")


@register("aten.slice_backward", "aten.select_backward", "aten.diagonal_backward")
def view_backward(call: Call) -> Any:
    """Zeros around the gradient of a view."""
    return call.emit("data_movement", call.tensors(), function="pad")


@register("aten.convolution_backward", product=True)
def convolution_backward(call: Call) -> Any:
    """Gradient of the input: the transposed convolution of the gradient. Of the weights: for each group a product of
    gradient and input patches over batch and positions. Of the bias: a sum."""
    grad, source, weight = call.value("grad_output"), call.value("input"), call.value("weight")
    wanted = call.arguments["output_mask"]
    parts: dict[int, list[Value]] = {}
    shape, out = call.sizes("weight"), call.sizes("grad_output")
    groups = int(call.arguments["groups"])
    if wanted[0]:
        stride, padding, dilation = (
            tuple(int(v) for v in call.arguments[name]) for name in ("stride", "padding", "dilation")
        )
        parts[0] = emit_part(
            call, [0], "convolution", [grad, weight], stride=stride, padding=padding, dilation=dilation,
            groups=groups, transposed=int(not call.arguments["transposed"]),
        )  # fmt: skip
    if wanted[1]:
        rows, columns = product((shape[0],)), product(shape[1:])
        positions = product((out[0], *out[2:]))
        if call.arguments["transposed"]:
            inner = call.sizes("input")
            positions = product((inner[0], *inner[2:]))
        parts[1] = emit_part(
            call, [1], "matmul", [grad, source], strided=True,
            batch=groups, m=_divided(rows, groups), n=columns, k=positions,
        )  # fmt: skip
    if wanted[2]:
        parts[2] = emit_part(call, [2], "reduction", [grad], function="sum")
    return _parts(call, parts)


@register("aten._scaled_dot_product_flash_attention_for_cpu", product=True)
def flash_attention(call: Call) -> Any:
    operands = [call.value(name) for name in ("query", "key", "value")]
    causal = int(bool(call.arguments["is_causal"]))
    return call.emit("attention", operands, strided=True, causal=causal)


@register("aten._scaled_dot_product_flash_attention_for_cpu_backward", product=True)
def flash_attention_backward(call: Call) -> Any:
    """Five matrix products, scores computed anew: two each for the gradients of queries and of values (priced like
    attention), one for that of keys.

    **Source:** Dao et al., FlashAttention, NeurIPS 2022, algorithm 4.
    """
    query, key, value = (call.value(name) for name in ("query", "key", "value"))
    grad = call.value("grad_out")
    causal = int(bool(call.arguments["is_causal"]))
    (batch, heads, length, size), keys = call.sizes("query"), call.sizes("key")[2]
    operands = [query, key, value, grad]
    parts = {
        0: emit_part(call, [0], "attention", operands, strided=True, causal=causal),
        2: emit_part(call, [2], "attention", operands, strided=True, causal=causal),
        1: emit_part(
            call, [1], "matmul", [query, grad], strided=True, batch=product((batch, heads)), m=keys, n=size, k=length
        ),
    }
    return _parts(call, parts)


def emit_part(
    call: Call,
    indices: list[int],
    kind: Kind,
    inputs: list[Value],
    *,
    strided: bool = False,
    **attributes: Size | str | tuple[int, ...],
) -> list[Value]:
    """An operation of a call that makes several: it yields the results of these indices."""
    lowering, builder = call.lowering, call.lowering.builder
    ready = [lowering.materialized(value if not strided else _as_it_lies(value)) for value in inputs]
    operation = builder.unique(call.name)
    read = tuple(builder.read(value, operation, index) for index, value in enumerate(ready))
    results = []
    for position, index in enumerate(indices):
        item = call.node.meta["val"][index]
        sizes = tuple(size_of(size) for size in item.shape)
        name = operation if position == 0 else f"{operation}:{position}"
        root = builder.declare(name, sizes, dtype_name(item.dtype), "activation")
        results.append(Value(root, sizes, dtype_name(item.dtype)))
    sizes_of = {k: v if isinstance(v, (str, tuple)) else builder.text.dim(v) for k, v in attributes.items()}
    written = tuple(str(value.root) for value in results)
    builder.add(operation, kind, read, written, sizes_of, call.label, call.operator, module_class_of(call.node))
    return results


def _as_it_lies(value: Value) -> Value:
    return replace(value, copy=None) if value.copy is not None else value


def _parts(call: Call, parts: dict[int, list[Value]]) -> list[Value | None]:
    """The results of a call in its own order, None where one is not wanted."""
    results: list[Value | None] = [None] * len(call.node.meta["val"])
    for first, values in parts.items():
        wanted = [i for i, item in enumerate(call.node.meta["val"]) if hasattr(item, "shape") and i >= first]
        for index, value in zip(wanted, values, strict=False):
            results[index] = value
    return results


def _divided(size: Size, by: int) -> Size:
    return size // by
