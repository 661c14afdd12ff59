"""Weights with zeros that need not be stored: unstructured, or two of every four."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from socsim.errors import WorkloadError
from socsim.transform.formats import MATRIX_RANK, reformatted, roots
from socsim.transform.selection import Selective
from socsim.transform.transform import transforms
from socsim.workload import Tensor, Workload, dtype


@transforms.register("sparsity")
class Sparsity(Selective):
    """`{percent: 75}` or `{pattern: "2:4"}`: matrix weights lose so many of their elements.

    Unstructured zeros save bytes only: a mask of one bit per element says where the others are, and the unit expands
    them. Two of four is regular enough for hardware that has a rate for it to skip the zeros.
    """

    pattern: Literal["unstructured", "2:4"] = Field(default="unstructured", description="where zeros may lie")
    percent: int = Field(default=50, ge=1, le=99, description="per cent of the elements that are zero")

    @model_validator(mode="after")
    def _two_of_four_is_half(self) -> Sparsity:
        if self.pattern == "2:4" and self.percent != 50:
            raise ValueError("2:4 leaves half of the elements: percent is 50")
        return self

    def apply(self, workload: Workload) -> Workload:
        suffix = "2of4" if self.pattern == "2:4" else f"sparse{self.percent}"
        names = roots(workload, (name for operation in self.selected(workload) for name in operation.inputs))
        weights = {name: workload.tensors[name] for name in names if _can_be_sparse(workload.tensors[name])}
        if not weights:
            raise WorkloadError(workload.name, f"no weights of {', '.join(self.layers)} can lose elements")
        formats = {name: dtype(f"{tensor.dtype.name}_{suffix}", "sparsity") for name, tensor in weights.items()}
        return reformatted(workload, formats, f"weights {suffix}")


_FORMATS = frozenset({"fp32", "fp16", "bf16", "fp8", "int8"})


def _can_be_sparse(tensor: Tensor) -> bool:
    """A weight of two dimensions or more in a format of which elements can be left out."""
    return tensor.role == "weight" and len(tensor.shape) >= MATRIX_RANK and tensor.dtype.name in _FORMATS
