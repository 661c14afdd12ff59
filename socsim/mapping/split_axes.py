"""Along which axes an operation can be cut so that its parts need nothing of each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from socsim.workload import Operation, Tensor

BATCH, COLUMNS, ROWS = "batch", "columns", "rows"
_IMAGE_RANK = 4
_MATRIX_RANK = 2
_LINEAR_INPUTS = 3


@dataclass(frozen=True, slots=True)
class Axes:
    """The axis of the output, and that of each input (None: every part reads all of it). `overhang` are rows of the
    input that a part reads beyond its share, because kernels reach over the edge."""

    output: int
    inputs: tuple[int | None, ...]
    overhang: int = 0


def axes_of(operation: Operation, tensors: Mapping[str, Tensor], by: str) -> Axes | None:
    """How the operation is cut; None where it cannot be cut so."""
    if len(operation.outputs) != 1 or tensors[operation.outputs[0]].alias_of is not None:
        return None
    output = tensors[operation.outputs[0]]
    if output.role not in ("activation", "output") or len(output.shape) < _MATRIX_RANK:
        return None
    shapes = [tensors[name] for name in operation.inputs]
    match operation.kind:
        case "matmul":
            return _linear(operation, shapes, output, by)
        case "convolution":
            return _convolution(operation, shapes, output, by)
        case "elementwise" | "normalization" | "softmax":
            return _element_by_element(operation, shapes, output, by)
        case "pooling" | "resample" if by in (BATCH, COLUMNS) and len(output.shape) == _IMAGE_RANK:
            axis = 0 if by == BATCH else 1
            return Axes(axis, (axis, *[None] * (len(shapes) - 1)))
        case "attention" if by == BATCH and all(item.shape[0] == output.shape[0] for item in shapes[:3]):
            return Axes(0, tuple([0 if i < _LINEAR_INPUTS else None for i in range(len(shapes))]))
        case _:
            return None


def _linear(operation: Operation, inputs: list[Tensor], output: Tensor, by: str) -> Axes | None:
    weight, last = inputs[1], len(output.shape) - 1
    if operation.attributes.get("batch", 1) != 1 or weight.role != "weight":
        return None
    source = inputs[0]
    if by == COLUMNS:
        n = operation.attributes["n"]
        if weight.shape != (n, operation.attributes["k"]) or output.shape[-1] != n:
            return None
        return Axes(last, (None, 0, *[0 if item.shape == (n,) else None for item in inputs[2:]]))
    axis = 0 if by == BATCH else last - 1
    if len(source.shape) != len(output.shape) or source.shape[axis] != output.shape[axis]:
        return None
    return Axes(axis, (axis, *[None] * (len(inputs) - 1)))


def _convolution(operation: Operation, inputs: list[Tensor], output: Tensor, by: str) -> Axes | None:
    rest = inputs[2:]
    if operation.attributes.get("transposed"):
        return None
    if by == BATCH:
        return Axes(0, (0, None, *[None] * len(rest)))
    if by == COLUMNS:
        if operation.attributes.get("groups", 1) != 1 or inputs[1].role != "weight":
            return None
        return Axes(1, (None, 0, *[0] * len(rest)))
    if len(output.shape) != _IMAGE_RANK:
        return None
    kernel, stride, dilation = (_first(value) for value in (inputs[1].shape[2], operation.attributes.get("stride", 1),
                                                            operation.attributes.get("dilation", 1)))  # fmt: skip
    return Axes(2, (2, None, *[None] * len(rest)), overhang=max(0, (kernel - 1) * dilation + 1 - stride))


def _element_by_element(operation: Operation, inputs: list[Tensor], output: Tensor, by: str) -> Axes | None:
    rank = len(output.shape)
    is_batch_norm = operation.attributes.get("function") == "batch_norm"
    mixes = operation.kind != "elementwise" and not is_batch_norm
    axis = {BATCH: 0, COLUMNS: 1 if rank == _IMAGE_RANK else rank - 1, ROWS: 2 if rank == _IMAGE_RANK else rank - 2}[by]
    if mixes and (by == COLUMNS or (rank == _IMAGE_RANK and by == ROWS)):
        return None
    axes: list[int | None] = []
    for item in inputs:
        own = axis - (rank - len(item.shape))
        if is_batch_norm and item.role == "weight":
            axes.append(0 if by == COLUMNS else None)
        elif own < 0 or item.shape[own] == 1:
            axes.append(None)
        elif item.shape[own] == output.shape[axis]:
            axes.append(own)
        else:
            return None
    return Axes(axis, tuple(axes)) if any(own is not None for own in axes) else None


def _first(value: object) -> int:
    if isinstance(value, tuple):
        return int(value[0])
    return value if isinstance(value, int) else 1
