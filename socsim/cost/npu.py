"""A neural engine: a MAC array fed by a compiler, a vector engine, and on-chip memory for activations.

Which effects decide its latency (three regimes: weight streaming, fixed cost, vector work) is measured in published
fits of phone NPUs: the matrix rate, the streaming of weights, softmax and gather rates, activations that stay on chip,
a cost per layer.

    cycles = max over engines( matrix, vector ),   matrix = 2 MAC padded / (MAC per cycle * matrix_efficiency)

Channels are padded to `channel_granule`; depthwise convolutions use one lane of the channel reduction only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from socsim.cost.counts import OperationCounts
from socsim.cost.products import products_of, rate
from socsim.cost.special import special_operations
from socsim.cost.unit_model import GroupCost, UnitModel, unit_models
from socsim.hardware import UnitParams
from socsim.hardware.fields import Rates, Size
from socsim.workload import BoundOperation
from socsim.workload.work import matmul_flop, other_flop


class NpuParams(UnitParams):
    """Parameters of a neural engine."""

    flop_per_cycle: Rates = Field(min_length=1, description="MAC array at full use, MAC = 2 FLOP, by precision")
    matrix_efficiency: float = Field(gt=0, le=1, description="fraction of peak that a large convolution reaches")
    channel_granule: int = Field(default=32, ge=1, description="channels are padded to a multiple of this")
    depthwise_fraction: float = Field(default=0.05, gt=0, le=1, description="rate of a depthwise convolution / peak")
    vector_elements_per_cycle: float = Field(gt=0, description="element-wise operations per cycle")
    special_elements_per_cycle: float = Field(
        gt=0, description="softmax exponentials and activation functions per cycle"
    )
    gather_elements_per_cycle: float = Field(default=8, gt=0, description="gathered elements per cycle")
    on_chip: Size = Field(default=0, description="memory for activations between layers")
    supports_state: bool = Field(
        default=False, description="can hold a cache that grows between runs (static shapes: no)"
    )
    unsupported: tuple[str, ...] = Field(default=(), description="kinds of operation the compiler does not place here")


@unit_models.register("npu")
class Npu(UnitModel[NpuParams]):
    """Cost of a fused group on a neural engine: its matrix and vector engines overlap."""

    Params: ClassVar[type[UnitParams]] = NpuParams

    def supports(self, operation: BoundOperation, params: NpuParams) -> bool:
        if operation.kind in params.unsupported:
            return False
        if any(operand.dtype.name in ("fp64", "complex64") for operand in operation.inputs):
            return False
        return params.supports_state or all(operand.role != "state" for operand in operation.inputs)

    def cost(self, operations: Sequence[BoundOperation], params: NpuParams) -> GroupCost:
        matrix = vector = 0.0
        counts = OperationCounts()
        for operation in operations:
            precision = counts.add(operation)
            matrix += _matrix_cycles(operation, precision, params)
            vector += other_flop(operation) / params.vector_elements_per_cycle
            vector += special_operations(operation) / params.special_elements_per_cycle
            if operation.kind in ("embedding", "scatter"):
                vector += operation.outputs[0].num_elements / params.gather_elements_per_cycle
        return GroupCost(math.ceil(max(matrix, vector)), counts.items())

    def peaks(self, params: NpuParams) -> dict[str, float]:
        return {name: value * params.clock for name, value in params.flop_per_cycle.items()}


def _matrix_cycles(operation: BoundOperation, precision: str, params: NpuParams) -> float:
    flop = matmul_flop(operation)
    if not flop:
        return 0.0
    peak = rate(precision, params.flop_per_cycle)
    if operation.kind == "attention":
        return flop / (peak * params.matrix_efficiency)
    ((batch, m, n, k),) = products_of(operation)
    if operation.kind == "convolution" and batch > 1 and n == 1:
        return flop / (peak * params.depthwise_fraction)
    granule = params.channel_granule
    padded = 2 * batch * m * (-(-n // granule) * granule) * (-(-k // granule) * granule)
    return padded / (peak * params.matrix_efficiency)
