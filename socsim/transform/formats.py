"""Other number formats for some tensors of a workload: views follow the tensor whose storage they share."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from socsim.workload import DType, Tensor, Workload

FLOATS = frozenset({"fp64", "fp32", "fp16", "bf16", "fp8"})
MATRIX_RANK = 2


def is_matrix_weight(tensor: Tensor) -> bool:
    """A weight of two dimensions or more that floats: what weight formats compress."""
    return tensor.role == "weight" and len(tensor.shape) >= MATRIX_RANK and tensor.dtype.name in FLOATS


def reformatted(workload: Workload, formats: Mapping[str, DType], note: str) -> Workload:
    """The workload with the tensors (roots, by id) in other formats; `note` goes into its source."""
    tensors = {
        key: dataclasses.replace(tensor, dtype=formats[root]) if (root := tensor.alias_of or key) in formats else tensor
        for key, tensor in workload.tensors.items()
    }
    return noted(dataclasses.replace(workload, tensors=tensors), note)


def noted(workload: Workload, note: str) -> Workload:
    """The workload with one more step in the record of how it came to be."""
    source = dict(workload.source)
    source["transforms"] = "; ".join(filter(None, (source.get("transforms"), note)))
    return dataclasses.replace(workload, source=MappingProxyType(source))


def roots(workload: Workload, names: Iterable[str]) -> list[str]:
    """The tensors whose storage these live in, each once, in order."""
    return list(dict.fromkeys(workload.root(name) for name in names))
