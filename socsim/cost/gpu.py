"""A GPU: cores with vector lanes and a matrix rate, tiles that fill them in waves, one kernel per task.

Matrix products are cut into tiles of `tile_m` x `tile_n`; a wave is one tile on every core, so

    cycles = ceil(tiles / cores) * tile_m * tile_n * k * 2 / (FLOP per cycle and core * matrix_efficiency)

and a product with fewer tiles than cores leaves cores idle (wave quantization), a ragged one computes padding (tile
quantization). Rows below `tile_m` are padded to `row_granule` only: matrix-vector kernels do not waste a tile.
Element-wise work runs on the lanes; exponentials on the special-function units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from socsim.cost.counts import OperationCounts
from socsim.cost.unit_model import GroupCost, UnitModel, unit_models
from socsim.hardware import UnitParams
from socsim.hardware.fields import Rates
from socsim.workload import BoundOperation
from socsim.workload.work import matmul_flop, other_flop


class GpuParams(UnitParams):
    """Parameters of a GPU."""

    cores: int = Field(ge=1, description="cores (Apple: GPU cores, others: SM, CU, SP)")
    flop_per_cycle_per_core: Rates = Field(min_length=1, description="multiply and add, by precision: fp32, fp16, ...")
    matrix_efficiency: float = Field(gt=0, le=1, description="fraction of peak that a large matrix product reaches")
    attention_efficiency: float = Field(default=0.5, gt=0, le=1, description="the same for attention")
    vector_efficiency: float = Field(default=0.5, gt=0, le=1, description="the same for element-wise work")
    special_per_cycle_per_core: float = Field(default=32, gt=0, description="exponentials, divisions, roots")
    expand_operations: float = Field(
        default=2, ge=0, description="vector operations to expand one compressed weight (scale, shift, convert)"
    )
    tile_m: int = Field(default=64, ge=1, description="rows of a matrix tile")
    tile_n: int = Field(default=64, ge=1, description="columns of a matrix tile")
    row_granule: int = Field(default=8, ge=1, description="rows are padded to a multiple of this")


@unit_models.register("gpu")
class Gpu(UnitModel[GpuParams]):
    """Cost of a fused group on a GPU: matrix, vector and special work of one kernel, one after the other."""

    Params: ClassVar[type[UnitParams]] = GpuParams

    def supports(self, operation: BoundOperation, params: GpuParams) -> bool:
        return True

    def cost(self, operations: Sequence[BoundOperation], params: GpuParams) -> GroupCost:
        cycles = 0.0
        counts = OperationCounts()
        for operation in operations:
            precision = counts.add(operation)
            cycles += matrix_cycles(operation, precision, params)
            cycles += _vector_cycles(operation, precision, params)
        return GroupCost(math.ceil(cycles), counts.items())

    def peaks(self, params: GpuParams) -> dict[str, float]:
        return {
            precision: rate * params.cores * params.clock for precision, rate in params.flop_per_cycle_per_core.items()
        }


def rate(precision: str, rates: dict[str, float]) -> float:
    """FLOP per cycle at a precision; one without a rate of its own runs as the nearest wider one that has one."""
    for candidate in (precision, *_WIDER.get(precision, ()), "fp32"):
        if candidate in rates:
            return rates[candidate]
    return max(rates.values())


_WIDER = {"int4": ("int8", "fp16"), "int8": ("fp16",), "fp8": ("fp16",), "bf16": ("fp16",), "uint8": ("int8", "fp16")}


def matrix_cycles(operation: BoundOperation, precision: str, params: GpuParams) -> float:
    """Cycles of the matrix products in an operation, all cores together."""
    flop = matmul_flop(operation)
    if not flop:
        return 0.0
    per_core = rate(precision, params.flop_per_cycle_per_core)
    if operation.kind == "attention":
        return flop / (per_core * params.cores * params.attention_efficiency)
    batch, m, n, k = product_sizes(operation)
    if m < params.tile_m:
        tile_m = min(params.tile_m, -(-m // params.row_granule) * params.row_granule) if m > 1 else 1
    else:
        tile_m = params.tile_m
    tiles = batch * -(-m // tile_m) * -(-n // params.tile_n)
    waves = -(-tiles // params.cores)
    return waves * tile_m * params.tile_n * k * 2 / (per_core * params.matrix_efficiency)


def product_sizes(operation: BoundOperation) -> tuple[int, int, int, int]:
    """(batch, m, n, k) of a matrix product; a convolution as the product it is lowered to (rows = output pixels)."""
    if operation.kind == "matmul":
        o = operation.integer
        return o("batch", 1), o("m"), o("n"), o("k")
    if operation.kind == "grouped_matmul":
        return 1, operation.integer("m"), operation.integer("n"), operation.integer("k")
    weight, output = operation.inputs[1].shape, operation.outputs[0].shape
    groups = operation.integer("groups", 1)
    if operation.integer("transposed"):
        pixels = operation.inputs[0].num_elements // weight[0]
        return groups, pixels, math.prod(weight[1:]), weight[0] // groups
    return groups, math.prod(output) // output[1], output[1] // groups, math.prod(weight[1:])


def _vector_cycles(operation: BoundOperation, precision: str, params: GpuParams) -> float:
    lanes = rate(precision, params.flop_per_cycle_per_core) * params.cores / 2 * params.vector_efficiency
    cycles = other_flop(operation) / lanes
    cycles += special_operations(operation) / (params.special_per_cycle_per_core * params.cores)
    for operand in operation.inputs:
        if operand.role == "weight" and operand.dtype.is_compressed:
            cycles += operand.num_elements * params.expand_operations / lanes
    return cycles


def special_operations(operation: BoundOperation) -> int:
    """Exponentials, divisions and roots of an operation."""
    match operation.kind:
        case "softmax":
            return operation.outputs[0].num_elements
        case "attention":
            query, key = operation.inputs[0].shape, operation.inputs[1].shape
            return math.prod(query[:-1]) * key[-2]
        case "elementwise" if operation.function in SPECIAL_FUNCTIONS:
            return operation.outputs[0].num_elements
        case _:
            return 0


SPECIAL_FUNCTIONS = frozenset(
    {"exp", "sigmoid", "tanh", "gelu", "silu", "swish", "mish", "erf", "sin", "cos", "rsqrt", "sqrt", "div", "pow",
     "log", "reciprocal", "softplus", "elu", "hardswish_exact"}
)  # fmt: skip
