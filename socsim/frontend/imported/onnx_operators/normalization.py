"""Normalizations, softmax, reductions, sorting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from socsim.frontend.imported.host_operators import integers
from socsim.frontend.imported.module import tensor
from socsim.frontend.imported.onnx_operators.registration import Attributes, operator


@operator("BatchNormalization")
def batch_normalization(attributes: Attributes, x: Any, *given: Any) -> Any:
    scale, bias, mean, variance = (tensor(value) for value in given)
    return functional.batch_norm(x, mean, variance, scale, bias, eps=attributes.get("epsilon", 1e-5))


@operator("InstanceNormalization")
def instance_normalization(attributes: Attributes, x: Any, scale: Any, bias: Any) -> Any:
    return functional.instance_norm(x, weight=tensor(scale), bias=tensor(bias))


@operator("GroupNormalization")
def group_normalization(attributes: Attributes, x: Any, scale: Any, bias: Any) -> Any:
    return functional.group_norm(x, attributes["num_groups"], tensor(scale), tensor(bias))


@operator("LayerNormalization")
def layer_normalization(attributes: Attributes, x: Any, scale: Any = None, bias: Any = None) -> Any:
    """Over the dimensions from `axis` on; a folded one over a single dimension that need not be the last."""
    if "only_axis" in attributes:
        stretch, shift = (None if value is None else tensor(value).reshape(-1) for value in (scale, bias))
        return _along(x, attributes["only_axis"], lambda y: functional.layer_norm(y, y.shape[-1:], stretch, shift))
    x = tensor(x)
    shape = x.shape[attributes.get("axis", -1) % x.dim() :]
    return functional.layer_norm(x, shape, tensor(scale), tensor(bias), attributes.get("epsilon", 1e-5))


@operator("RMSNormalization", "SimplifiedLayerNormalization")
def root_mean_square_normalization(attributes: Attributes, x: Any, scale: Any = None) -> Any:
    if "only_axis" in attributes:
        weight = None if scale is None else tensor(scale).reshape(-1)
        return _along(x, attributes["only_axis"], lambda y: functional.rms_norm(y, y.shape[-1:], weight))
    shape = x.shape[attributes.get("axis", -1) % x.dim() :]
    return functional.rms_norm(x, shape, tensor(scale), attributes.get("epsilon", 1e-5))


def _along(x: Any, axis: int, function: Callable[[Any], Any]) -> Any:
    axis = axis % x.dim()
    return function(x) if axis == x.dim() - 1 else function(x.movedim(axis, -1)).movedim(-1, axis)


@operator("LpNormalization")
def norm(attributes: Attributes, x: Any) -> Any:
    return functional.normalize(x, attributes.get("p", 2), attributes.get("axis", -1))


@operator("Softmax", "LogSoftmax")
def softmax(attributes: Attributes, x: Any) -> Any:
    return torch.softmax(tensor(x), attributes.get("axis", -1))


_REDUCTIONS: dict[str, Callable[..., Any]] = {
    "ReduceMean": torch.mean, "ReduceSum": torch.sum, "ReduceMax": torch.amax, "ReduceMin": torch.amin,
    "ReduceL2": torch.linalg.vector_norm, "ReduceL1": lambda x, dims, keepdim: torch.abs(x).sum(dims, keepdim=keepdim),
    "ReduceSumSquare": lambda x, dims, keepdim: torch.square(x).sum(dims, keepdim=keepdim),
    "ReduceLogSumExp": torch.logsumexp,
}  # fmt: skip


def _register_reduction(name: str, function: Callable[..., Any]) -> None:
    def reduced(attributes: Attributes, x: Any, axes: Any = None) -> Any:
        x = tensor(x)
        dims = integers(axes) if axes is not None else attributes.get("axes")
        if not dims:
            if attributes.get("noop_with_empty_axes"):
                return x
            dims = list(range(x.dim()))
        return function(x, list(dims), keepdim=bool(attributes.get("keepdims", 1)))

    operator(name)(reduced)


for _name, _function in _REDUCTIONS.items():
    _register_reduction(_name, _function)


@operator("ArgMax", "ArgMin")
def position_of_extreme(attributes: Attributes, x: Any) -> Any:
    return torch.argmax(tensor(x), attributes.get("axis", 0), keepdim=bool(attributes.get("keepdims", 1)))


@operator("CumSum")
def running_sum(attributes: Attributes, x: Any, axis: Any) -> Any:
    return torch.cumsum(tensor(x), integers(axis)[0])


@operator("TopK")
def largest(attributes: Attributes, x: Any, k: Any = None) -> Any:
    number = attributes["k"] if k is None else integers(k)[0]
    values, indices = torch.topk(tensor(x), number, attributes.get("axis", -1))
    return values, indices


@operator("QuantizeLinear", "DequantizeLinear")
def rescale(attributes: Attributes, x: Any, scale: Any, zero_point: Any = None) -> Any:
    """The rounding of activations is done by the operation that writes them, and the format of weights is kept in the
    workload: neither is an operation."""
    x = tensor(x)
    return x if x.is_floating_point() else x.to(tensor(scale).dtype)
