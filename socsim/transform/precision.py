"""Number formats by layer: of everything that floats, or of the weights alone."""

from __future__ import annotations

import re
from math import prod
from typing import Literal

from pydantic import Field, model_validator

from socsim.errors import WorkloadError
from socsim.transform.formats import FLOATS, is_matrix_weight, reformatted, roots
from socsim.transform.mixes import Mix, weight_format
from socsim.transform.selection import Selective
from socsim.transform.transform import transforms
from socsim.workload import DType, Tensor, Workload, dtype

_BY_CHANNEL = re.compile(r"palette[1-8]|int[2-8]")


@transforms.register("precision")
class Precision(Selective):
    """`{format: int8, layers: [...], of: all}`: the chosen layers compute in another format.

    Weights take it. An activation takes it where every operation that reads it is chosen, for only then its producer
    may write it so; a wider reader keeps it wide. `of: weights` leaves activations alone (weight-only compression),
    and then takes any format: `q4_0`, `int4_g128`, `palette6`, `fp16_sparse75`, `fp16_2of4`.
    """

    format: str = Field(description="a number format: fp32, fp16, bf16, fp8, int8, int4_g128, palette4, ...")
    scale: Literal["tensor", "channel"] = Field(
        default="tensor", description="channel: a table (palettes) or a scale (int2 ... int8) for each output channel"
    )
    of: Literal["all", "weights"] = Field(default="all", description="all that floats, or matrix weights alone")

    @model_validator(mode="after")
    def _has_channels(self) -> Precision:
        if self.scale == "channel" and (self.of != "weights" or not _BY_CHANNEL.fullmatch(self.format)):
            raise ValueError("scale: channel goes with 'of: weights' and a format palette1 ... palette8, int2 ... int8")
        return self

    def _for(self, tensor: Tensor, target: DType) -> DType:
        """The format of one weight: with a table or a scale per output channel where that is asked for."""
        if self.scale == "tensor":
            return target
        elements = prod(size for size in tensor.shape[1:] if isinstance(size, int))
        return dtype(f"{self.format}_{'c' if self.format.startswith('palette') else 'g'}{elements}", "format")

    def apply(self, workload: Workload) -> Workload:
        target = dtype(self.format, "format") if self.scale == "tensor" else dtype("fp16")
        chosen = self.selected(workload)
        if self.of == "weights":
            names = roots(workload, (name for operation in chosen for name in operation.inputs))
            weights = [name for name in names if is_matrix_weight(workload.tensors[name])]
            if not weights:
                raise WorkloadError(workload.name, f"no weights of {', '.join(self.layers)} float; nothing to compress")
            formats = {name: self._for(workload.tensors[name], target) for name in weights}
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
    """Matrix weights (two dimensions or more) in another format, such as `q4_0`, `int8` or `palette4`, or in a mix of
    formats, such as `q4_k_m`.

    Vectors (norms, biases) keep theirs: they are a thousandth of the bytes and no format in use compresses them.
    """
    target = weight_format(name, "--weights")
    matrices = [key for key, tensor in workload.tensors.items() if is_matrix_weight(tensor)]
    chosen = target.formats(matrices) if isinstance(target, Mix) else dict.fromkeys(matrices, target)
    return reformatted(workload, chosen, f"weights {name}")
