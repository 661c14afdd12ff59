"""Single operators of all shapes, and what the simulator says about each: what a proxy is fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socsim.hardware import Soc
from socsim.simulation import RunOptions, simulate
from socsim.workload import Operation, Tensor, Workload, dtype

KINDS = ("convolution", "depthwise", "linear")

_MOST_FLOP = 2e10
_MOST_BYTES = 2e8


@dataclass(frozen=True, slots=True)
class Shape:
    """A convolution of `height` x `width` images or, with `kernel` 1 and `height` rows, a linear layer."""

    inputs: int
    outputs: int
    height: int
    width: int = 1
    kernel: int = 1
    stride: int = 1

    @property
    def row(self) -> tuple[int, ...]:
        return (self.inputs, self.outputs, self.height, self.width, self.kernel, self.stride)


def draw(kind: str, count: int, seed: int) -> list[Shape]:
    """Shapes from a log-uniform distribution over what networks have, none twice."""
    generator = np.random.default_rng([seed, KINDS.index(kind)])
    found: dict[Shape, None] = {}
    while len(found) < count:
        shape = _shape(kind, generator)
        if _is_usual(kind, shape):
            found.setdefault(shape)
    return list(found)


def _shape(kind: str, generator: np.random.Generator) -> Shape:
    def between(low: int, high: int) -> int:
        return round(float(np.exp(generator.uniform(np.log(low), np.log(high)))))

    if kind == "linear":
        return Shape(between(16, 8192), between(16, 8192), between(1, 4096))
    size, kernel, stride = between(7, 224), int(generator.choice([1, 3, 5, 7])), int(generator.choice([1, 1, 2]))
    if kind == "depthwise":
        channels = between(8, 1024)
        return Shape(channels, channels, size, size, max(kernel, 3), stride)
    return Shape(between(3, 1024), between(8, 1024), size, size, kernel, stride)


def _is_usual(kind: str, shape: Shape) -> bool:
    per_output = shape.kernel**2 * (1 if kind == "depthwise" else shape.inputs)
    pixels = shape.height * shape.width
    flop = 2 * shape.outputs * per_output * pixels / shape.stride**2
    elements = shape.inputs * pixels + shape.outputs * pixels / shape.stride**2 + shape.outputs * per_output
    return flop < _MOST_FLOP and 2 * elements < _MOST_BYTES


def measure(kind: str, shapes: Sequence[Shape], soc: Soc, unit: str, precision: str) -> NDArray[np.float64]:
    """Seconds and joules of each operator alone, without what starting a run costs: (shapes, 2). Joules are NaN where
    the chip's power is not described."""
    lean = soc.model_copy(update={"units": tuple(u.model_copy(update={"run_overhead": 0}) for u in soc.units)})
    options = RunOptions(units=(unit,))
    rows = []
    for shape in shapes:
        summary = simulate(workload_of(kind, shape, precision), lean, options).summary
        joules = summary["energy_j"]
        rows.append((summary["latency_s"], float("nan") if joules is None else joules))
    return np.array(rows)


def workload_of(kind: str, shape: Shape, precision: str) -> Workload:
    """A workload of one operator."""
    number = dtype(precision)
    if kind == "linear":
        rows, inputs, outputs = shape.height, shape.inputs, shape.outputs
        dims: list[tuple[int, ...]] = [(rows, inputs), (outputs, inputs), (rows, outputs)]
        attributes = {"batch": 1, "m": shape.height, "n": shape.outputs, "k": shape.inputs}
        operation = Operation("y", "matmul", ("x", "w"), ("y",), attributes)
    else:
        groups = shape.inputs if kind == "depthwise" else 1
        size = (-(-shape.height // shape.stride), -(-shape.width // shape.stride))
        weight = (shape.outputs, shape.inputs // groups, shape.kernel, shape.kernel)
        dims = [(1, shape.inputs, shape.height, shape.width), weight, (1, shape.outputs, *size)]
        half = shape.kernel // 2
        operation = Operation(
            "y", "convolution", ("x", "w"), ("y",),
            {"stride": (shape.stride,) * 2, "padding": (half, half), "dilation": (1, 1), "groups": groups,
             "transposed": 0},
        )  # fmt: skip
    roles = ("input", "weight", "output")
    tensors = {
        name: Tensor(name, size, number, role)  # type: ignore[arg-type]
        for name, size, role in zip("xwy", dims, roles, strict=True)
    }
    return Workload(f"{kind}", tensors, (operation,))
