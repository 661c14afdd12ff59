"""Another number format for a workload: of everything that floats, or of the weights alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from socsim.workload import DType, Tensor, Workload, dtype

_FLOATS = frozenset({"fp64", "fp32", "fp16", "bf16", "fp8"})
_MATRIX_WEIGHT_RANK = 2


def with_precision(workload: Workload, name: str) -> Workload:
    """All floating tensors in another format (`fp16`, `bf16`, `fp32`, `int8`, ...); indices and masks stay."""
    target = dtype(name, "--precision")
    return _replace(workload, target, lambda tensor: tensor.dtype.name in _FLOATS, name)


def with_weights(workload: Workload, name: str) -> Workload:
    """Matrix weights (two dimensions or more) in another format, such as `q4_0`, `int8` or `palette4`.

    Vectors (norms, biases) keep theirs: they are a thousandth of the bytes and no format in use compresses them.
    """
    target = dtype(name, "--weights")

    def chosen(tensor: Tensor) -> bool:
        return tensor.role == "weight" and len(tensor.shape) >= _MATRIX_WEIGHT_RANK and tensor.dtype.name in _FLOATS

    return _replace(workload, target, chosen, f"weights {name}")


def _replace(workload: Workload, target: DType, chosen: Callable[[Tensor], bool], note: str) -> Workload:
    tensors = {
        key: dataclasses.replace(tensor, dtype=target) if chosen(tensor) else tensor
        for key, tensor in workload.tensors.items()
    }
    source = dict(workload.source)
    source["precision"] = "; ".join(filter(None, (source.get("precision"), note)))
    return dataclasses.replace(workload, tensors=tensors, source=source)
