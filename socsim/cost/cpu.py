"""A CPU cluster: cores with SIMD pipes, and where present a matrix engine shared by the cluster.

    cycles = matmul FLOP / (matrix rate of the cluster * matrix_efficiency)
           + other FLOP / (SIMD rate * vector_efficiency)

The matrix rate is the matrix engine's where the cluster has one at that precision, else the SIMD pipes'.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from socsim.cost.counts import OperationCounts
from socsim.cost.expansion import compressed_elements
from socsim.cost.products import rate
from socsim.cost.special import softmax_elements, special_operations
from socsim.cost.unit_model import GroupCost, UnitModel, unit_models
from socsim.hardware import UnitParams
from socsim.hardware.fields import Rates
from socsim.workload import BoundOperation
from socsim.workload.work import matmul_flop, other_flop


class CpuParams(UnitParams):
    """Parameters of a CPU cluster."""

    cores: int = Field(ge=1, description="cores of the cluster")
    flop_per_cycle_per_core: Rates = Field(min_length=1, description="SIMD multiply and add, by precision")
    matrix_flop_per_cycle: Rates = Field(
        default_factory=dict, description="matrix engines of the cluster together, by precision; empty: none"
    )
    matrix_efficiency: float = Field(gt=0, le=1, description="fraction of peak that a large matrix product reaches")
    vector_efficiency: float = Field(default=0.5, gt=0, le=1, description="the same for element-wise work")
    special_cycles: float = Field(default=8, gt=0, description="cycles of a core for one exponential, division or root")
    expand_operations: float = Field(default=2, ge=0, description="SIMD operations to expand one compressed weight")


@unit_models.register("cpu")
class Cpu(UnitModel[CpuParams]):
    """Cost of a fused group on all cores of a cluster."""

    Params: ClassVar[type[UnitParams]] = CpuParams

    def supports(self, operation: BoundOperation, params: CpuParams) -> bool:
        return True

    def cost(self, operations: Sequence[BoundOperation], params: CpuParams) -> GroupCost:
        cycles = 0.0
        counts = OperationCounts()
        for operation in operations:
            precision = counts.add(operation)
            simd = rate(precision, params.flop_per_cycle_per_core) * params.cores
            matrix = max(simd, params.matrix_flop_per_cycle.get(precision, 0.0))
            cycles += matmul_flop(operation) / (matrix * params.matrix_efficiency)
            cycles += other_flop(operation) / (simd / 2 * params.vector_efficiency)
            special = special_operations(operation) + softmax_elements(operation)
            cycles += special * params.special_cycles / params.cores
            expanded = compressed_elements(operation)
            cycles += expanded * params.expand_operations / (simd / 2 * params.vector_efficiency)
        return GroupCost(math.ceil(cycles), counts.items())

    def peaks(self, params: CpuParams) -> dict[str, float]:
        simd = {name: value * params.cores for name, value in params.flop_per_cycle_per_core.items()}
        best = {name: max(simd.get(name, 0), params.matrix_flop_per_cycle.get(name, 0)) for name in
                sorted({*simd, *params.matrix_flop_per_cycle})}  # fmt: skip
        return {name: value * params.clock for name, value in best.items()}
