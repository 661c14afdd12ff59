"""Depth-first bands: a chain of layers worked off in bands of rows, so that what lies between stays on chip.

For the rows [a, b) of its result a layer with a kernel of height k (after dilation), stride s and padding p needs the
rows [a s - p, (b - 1) s - p + k) of its input, clipped to the image. Going back through a chain the bands overlap more
and more; what lies in two bands is computed twice (halo recomputation) and outside inputs are read twice there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from socsim.workload import BoundOperation, Operand

ROWS_AXIS = 2
_IMAGE_RANK = 4
LAYERS = frozenset({"convolution", "pooling"})
"""Kinds that have a task of their own where nothing is depth-first."""
_POINTWISE = frozenset({"elementwise", "normalization"})

Interval = tuple[int, int]
Slots = Sequence[tuple[Sequence[int], Sequence[int]]]
"""For each operation the numbers of its input tensors and of its output tensors."""


@dataclass(frozen=True, slots=True)
class Banded:
    """A chain in bands: its operations with all rows that are computed and read over all bands (recomputed ones counted
    each time), the rows that each computes, and the most bytes of activations that a band keeps on chip at once."""

    operations: tuple[BoundOperation, ...]
    rows: tuple[int, ...]
    on_chip_bytes: int


def can_band(operation: BoundOperation) -> bool:
    """Whether rows of the result follow from rows of the inputs nearby."""
    if not operation.outputs or len(operation.outputs[0].shape) != _IMAGE_RANK:
        return False
    if operation.kind in LAYERS:
        return not operation.integer("transposed") and len(operation.inputs[0].shape) == _IMAGE_RANK
    if operation.kind == "normalization":
        return operation.function == "batch_norm"
    return operation.kind in _POINTWISE


def banded(operations: Sequence[BoundOperation], slots: Slots, num_bands: int) -> Banded:
    """A chain in so many bands of the last result. `slots` number the tensors, so that the chain is known; a tensor
    that nothing inside reads is computed once. All operations satisfy `can_band`."""
    needs: dict[int, list[Interval]] = {}
    made = {slot for _, outputs in slots for slot in outputs}
    stretched: list[BoundOperation] = []
    rows: list[int] = []
    held = [0] * num_bands
    for operation, (inputs, outputs) in zip(reversed(operations), reversed(slots), strict=True):
        height = operation.outputs[0].shape[ROWS_AXIS]
        bands = needs.get(outputs[0]) or [
            (height * band // num_bands, height * (band + 1) // num_bands) for band in range(num_bands)
        ]
        computed = sum(end - begin for begin, end in bands)
        rows.append(computed)
        operands = []
        sizes = [_bytes(operation.outputs[0], end - begin) for begin, end in bands]
        for operand, slot in zip(operation.inputs, inputs, strict=True):
            if operand.role == "weight" or len(operand.shape) != _IMAGE_RANK or operand.shape[ROWS_AXIS] == 1:
                operands.append(operand)
                continue
            read = [_input_rows(operation, band, operand.shape[ROWS_AXIS]) for band in bands]
            needs[slot] = _hull(needs[slot], read) if slot in needs else read
            operands.append(_with_rows(operand, sum(end - begin for begin, end in read)))
            sizes = [total + _bytes(operand, end - begin) for total, (begin, end) in zip(sizes, read, strict=True)]
        held = [max(known, size) for known, size in zip(held, sizes, strict=True)]
        results = tuple([_with_rows(operand, computed) for operand in operation.outputs])
        stretched.append(dataclasses.replace(operation, inputs=tuple(operands), outputs=results))
    assert made
    return Banded(tuple(stretched[::-1]), tuple(rows[::-1]), max(held))


def _input_rows(operation: BoundOperation, band: Interval, height: int) -> Interval:
    begin, end = band
    if operation.kind in _POINTWISE:
        return band
    if operation.kind == "convolution":
        kernel, stride = operation.inputs[1].shape[2], operation.sizes("stride", (1,))[0]
        dilation, padding = operation.sizes("dilation", (1,))[0], operation.sizes("padding", (0,))[0]
    else:
        kernel, stride, dilation = operation.sizes("kernel", (1,))[0], operation.sizes("stride", (1,))[0], 1
        padding = max(0, ((operation.outputs[0].shape[ROWS_AXIS] - 1) * stride + kernel - height + 1) // 2)
    first = begin * stride - padding
    last = (end - 1) * stride - padding + (kernel - 1) * dilation + 1
    return max(0, min(first, height)), max(0, min(last, height))


def _hull(known: Sequence[Interval], more: Sequence[Interval]) -> list[Interval]:
    return [(min(a, c), max(b, d)) for (a, b), (c, d) in zip(known, more, strict=True)]


def _with_rows(operand: Operand, rows: int) -> Operand:
    shape = operand.shape
    return dataclasses.replace(operand, shape=(*shape[:ROWS_AXIS], rows, *shape[ROWS_AXIS + 1 :]))


def _bytes(operand: Operand, rows: int) -> int:
    return -(-operand.size_bytes * rows // max(1, operand.shape[ROWS_AXIS]))
