"""Number formats by layer: of everything that floats, or of the weights alone."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from socsim.transform.formats import FLOATS, is_matrix_weight, reformatted, roots
from socsim.transform.selection import Selective
from socsim.transform.transform import transforms
from socsim.workload import DType, Workload, dtype


@transforms.register("precision")
class Precision(Selective):
    """`{format: int8, layers: [...], of: all}`: the chosen layers compute in another format.

    Weights take it. An activation takes it where every operation that reads it is chosen, for only then its producer
    may write it so; a wider reader keeps it wide. `of: weights` leaves activations alone (weight-only compression),
    and then takes any format: `q4_0`, `int4_g128`, `palette6`, `fp16_sparse75`, `fp16_2of4`.
    """

    format: str = Field(description="a number format: fp32, fp16, bf16, fp8, int8, int4_g128, palette4, ...")
    of: Literal["all", "weights"] = Field(default="all", description="all that floats, or matrix weights alone")

    def apply(self, workload: Workload) -> Workload:
        target = dtype(self.format, "format")
        chosen = self.selected(workload)
        if self.of == "weights":
            names = roots(workload, (name for operation in chosen for name in operation.inputs))
            formats = {name: target for name in names if is_matrix_weight(workload.tensors[name])}
        else:
            formats = _formats_of_all(workload, {operation.id for operation in chosen}, target)
        scope = "" if self.layers == ("*",) and not self.skip and not self.kinds else f" in {', '.join(self.layers)}"
        return reformatted(workload, formats, f"{self.of} {self.format}{scope}")


def _formats_of_all(workload: Workload, chosen: set[str], target: DType) -> dict[str, DType]:
    readers: dict[str, list[str]] = {}
    writers: dict[str, list[str]] = {}
    for operation in workload.operations:
        for names, users in ((operation.inputs, readers), (operation.outputs, writers)):
            for name in roots(workload, names):
                users.setdefault(name, []).append(operation.id)
    formats = {}
    for name in dict.fromkeys((*readers, *writers)):
        theirs = readers.get(name) or writers[name]
        if workload.tensors[name].dtype.name in FLOATS and chosen.issuperset(theirs):
            formats[name] = target
    return formats


def with_precision(workload: Workload, name: str) -> Workload:
    """All floating tensors in another format (`fp16`, `bf16`, `fp32`, `int8`, ...); indices and masks stay."""
    target = dtype(name, "--precision")
    floats = {key: target for key, tensor in workload.tensors.items() if tensor.dtype.name in FLOATS}
    return reformatted(workload, floats, f"all {name}")


def with_weights(workload: Workload, name: str) -> Workload:
    """Matrix weights (two dimensions or more) in another format, such as `q4_0`, `int8` or `palette4`.

    Vectors (norms, biases) keep theirs: they are a thousandth of the bytes and no format in use compresses them.
    """
    target = dtype(name, "--weights")
    chosen = {key: target for key, tensor in workload.tensors.items() if is_matrix_weight(tensor)}
    return reformatted(workload, chosen, f"weights {name}")
