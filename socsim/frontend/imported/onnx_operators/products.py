"""Matrix products, convolutions, attention."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from socsim.frontend.imported.module import tensor
from socsim.frontend.imported.onnx_operators.registration import Attributes, operator
from socsim.frontend.imported.onnx_operators.windows import padded, window


@operator("MatMul", "MatMulInteger")
def matmul(attributes: Attributes, a: Any, b: Any, *zero_points: Any) -> Any:
    return torch.matmul(*_alike(tensor(a), tensor(b)))


def _alike(a: Any, b: Any) -> tuple[Any, Any]:
    """Products of formats that torch does not multiply run in the wider one."""
    wide = torch.promote_types(a.dtype, b.dtype)
    return a.to(wide), b.to(wide)


@operator("Gemm")
def gemm(attributes: Attributes, a: Any, b: Any, c: Any = None) -> Any:
    """`alpha a b + beta c`: a linear layer in nearly all files."""
    a, b, c = tensor(a), tensor(b), tensor(c)
    a = a.t() if attributes.get("transA") else a
    weight = b if attributes.get("transB") else b.t()
    if c is not None and c.dim() != 1:
        return functional.linear(a, weight) + c
    return functional.linear(a, weight, c)


@operator("linear")
def folded_linear(attributes: Attributes, x: Any, weight: Any, bias: Any) -> Any:
    """A linear layer that the file writes as product and sum."""
    weight = tensor(weight)
    if weight.dim() != 2:
        return torch.matmul(tensor(x), weight) + tensor(bias)
    return functional.linear(tensor(x), weight.t(), tensor(bias))


@operator("Einsum")
def einsum(attributes: Attributes, *values: Any) -> Any:
    return torch.einsum(attributes["equation"], *[tensor(value) for value in values])


@operator("Conv", "ConvInteger")
def convolution(attributes: Attributes, x: Any, weight: Any, bias: Any = None, *_: Any) -> Any:
    x, weight = _alike(tensor(x), tensor(weight))
    rank = weight.dim() - 2
    shape = window(attributes, tuple(weight.shape[2:]), x.shape[2:])
    x, padding = padded(x, shape)
    function = (functional.conv1d, functional.conv2d, functional.conv3d)[rank - 1]
    return function(x, weight, tensor(bias), shape.stride, padding, shape.dilation, attributes.get("group", 1))


@operator("ConvTranspose")
def transposed_convolution(attributes: Attributes, x: Any, weight: Any, bias: Any = None) -> Any:
    """`output_shape` is reached by output padding, as the standard says."""
    x, weight = tensor(x), tensor(weight)
    rank = weight.dim() - 2
    kernel = tuple(weight.shape[2:])
    shape = window(attributes, kernel, x.shape[2:])
    extra = list(attributes.get("output_padding", [0] * rank))
    padding = list(shape.begin)
    for axis in range(rank):
        full = (x.shape[2 + axis] - 1) * shape.stride[axis] + shape.dilation[axis] * (kernel[axis] - 1) + 1
        wanted = None
        if "output_shape" in attributes:
            wanted = attributes["output_shape"][axis - rank]
        elif shape.same:
            wanted = x.shape[2 + axis] * shape.stride[axis]
        cut = shape.begin[axis] + shape.end[axis] if wanted is None else full + extra[axis] - wanted
        padding[axis] = (cut + 1) // 2
        extra[axis] += 2 * padding[axis] - cut
    function = (functional.conv_transpose1d, functional.conv_transpose2d, functional.conv_transpose3d)[rank - 1]
    groups = attributes.get("group", 1)
    return function(x, weight, tensor(bias), shape.stride, padding, extra, groups, shape.dilation)


@operator("scaled_dot_product_attention")
def folded_attention(attributes: Attributes, q: Any, transposed_k: Any, v: Any, mask: Any = None) -> Any:
    """Attention that the file writes as product, softmax and product; heads may be folded into the batch."""
    q, k, v, mask = tensor(q), tensor(transposed_k).transpose(-1, -2), tensor(v), tensor(mask)
    if q.dim() == 3:
        q, k, v = (operand.unsqueeze(0) for operand in (q, k, v))
        return functional.scaled_dot_product_attention(q, k, v, mask).squeeze(0)
    return functional.scaled_dot_product_attention(q, k, v, mask)


@operator("Attention")
def attention(
    attributes: Attributes, q: Any, k: Any, v: Any, mask: Any = None, past_key: Any = None, past_value: Any = None
) -> Any:
    """Attention of version 23, over four dimensions, or three with the number of heads as attribute."""
    q, k, v, mask = tensor(q), tensor(k), tensor(v), tensor(mask)
    flat = q.dim() == 3
    if flat:
        heads, own = attributes["q_num_heads"], attributes["kv_num_heads"]
        q, k, v = _heads(q, heads), _heads(k, own), _heads(v, own)
    if past_key is not None:
        k, v = torch.cat([tensor(past_key), k], 2), torch.cat([tensor(past_value), v], 2)
    causal = bool(attributes.get("is_causal", 0))
    out = functional.scaled_dot_product_attention(
        q, k, v, mask, is_causal=causal, scale=attributes.get("scale"), enable_gqa=q.shape[1] != k.shape[1]
    )
    return (out.transpose(1, 2).flatten(2) if flat else out), k, v


def _heads(x: Any, number: int) -> Any:
    return x.unflatten(-1, (number, -1)).transpose(1, 2)
