"""A GPU: cores with vector lanes and a matrix rate, tiles that fill them in waves, kernels that are launched.

Matrix products are cut into tiles of `tile_m` x `tile_n`; a wave is one tile on every core, so

    cycles = max(ceil(tiles / cores), resident_tiles) * tile_m * tile_n * k * 2 / (FLOP per cycle, core * efficiency)

A product with fewer tiles than cores leaves cores idle (wave quantization), a ragged one computes padding (tile
quantization), and a core with fewer than `resident_tiles` tiles at hand cannot hide its own latency (occupancy). Rows
below `tile_m` are padded to `row_granule` only: matrix-vector kernels do not waste a tile.

A product of few rows runs on matrix-vector kernels, which stream the weights once per `gemv_rows` rows.
Compressed weights are expanded by the lanes, anew for each block of `tile_m` rows: once in a matrix-vector product,
many times in a prefill. Element-wise work joins the kernel that produces its input; normalizations and softmaxes, which
need whole rows, are kernels of their own, and so is each product of an attention that is not fused, whose scores then
travel through memory, and which reads keys and values once for each head of queries that shares them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from socsim.cost.counts import OperationCounts
from socsim.cost.expansion import compressed_elements
from socsim.cost.products import Product, products_of, rate
from socsim.cost.special import softmax_elements, special_operations
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
    attention_efficiency: float = Field(default=0.5, gt=0, le=1, description="the same for fused attention")
    vector_efficiency: float = Field(default=0.5, gt=0, le=1, description="the same for element-wise work")
    special_per_cycle_per_core: float = Field(default=32, gt=0, description="exponentials, divisions, roots")
    expand_operations: float = Field(
        default=2, ge=0, description="lane operations to expand one compressed weight (scale, shift, convert)"
    )
    tile_m: int = Field(default=64, ge=1, description="rows of a matrix tile (tokens, pixels)")
    tile_n: int = Field(default=64, ge=1, description="columns of a matrix tile (output features)")
    row_granule: int = Field(default=8, ge=1, description="rows are padded to a multiple of this")
    resident_tiles: int = Field(default=1, ge=1, description="tiles a core must have at hand to reach its rate")
    structured_speedup: float = Field(default=1, ge=1, description="of products whose weights are 2:4 sparse")
    fused_attention: bool = Field(default=True, description="one kernel that keeps its scores on chip; false: three")
    score_bits: int = Field(default=16, ge=8, description="bits of a score of an attention that is not fused")
    score_passes: float = Field(
        default=2, ge=1, description="how often its scores are written and read: by the products, scaling, softmax"
    )
    gemv_rows: int = Field(default=1, ge=1, description="rows that a matrix-vector kernel serves per sweep of weights")
    gemm_rows: int = Field(default=1, ge=1, description="rows from which on matrix-matrix kernels run instead")


@unit_models.register("gpu")
class Gpu(UnitModel[GpuParams]):
    """Cost of a fused group on a GPU: matrix, vector and special work of its kernels, one after the other."""

    Params: ClassVar[type[UnitParams]] = GpuParams

    def supports(self, operation: BoundOperation, params: GpuParams) -> bool:
        return True

    def cost(self, operations: Sequence[BoundOperation], params: GpuParams) -> GroupCost:
        cycles = 0.0
        counts = OperationCounts()
        scratch, weight_passes, key_passes = 0, 1, 1
        for operation in operations:
            precision = counts.add(operation)
            cycles += _matrix_cycles(operation, precision, params)
            cycles += _vector_cycles(operation, precision, params)
            weight_passes = max(weight_passes, _weight_passes(operation, params))
            if operation.kind == "attention" and not params.fused_attention:
                scores = products_of(operation)[0]
                scratch += -(-scores.batch * scores.m * scores.n * params.score_bits // 8)
                key_passes = max(key_passes, _query_heads_per_key_head(operation))
        return GroupCost(
            math.ceil(cycles),
            counts.items(),
            weight_passes=weight_passes,
            activation_passes=key_passes,
            num_launches=_num_kernels(operations, params),
            scratch_bytes=scratch,
            scratch_passes=params.score_passes if scratch else 0,
        )

    def peaks(self, params: GpuParams) -> dict[str, float]:
        return {
            precision: rate * params.cores * params.clock for precision, rate in params.flop_per_cycle_per_core.items()
        }


_KERNELS_OF_SPLIT_ATTENTION = 3
"""Queries with keys, softmax, scores with values."""


def _query_heads_per_key_head(operation: BoundOperation) -> int:
    """How many heads of queries share one of keys and values: an attention that is not fused reads these for each."""
    query, key = operation.inputs[0].shape, operation.inputs[1].shape
    return max(1, math.prod(query[:-2]) // max(1, math.prod(key[:-2])))


def _weight_passes(operation: BoundOperation, params: GpuParams) -> int:
    """How often a product of few rows streams its weights: once per `gemv_rows` rows until matrix kernels take over."""
    if operation.kind not in ("matmul", "grouped_matmul"):
        return 1
    rows = operation.integer("m")
    return -(-rows // params.gemv_rows) if rows < params.gemm_rows else 1


def _num_kernels(operations: Sequence[BoundOperation], params: GpuParams) -> int:
    """Kernels of a group: element-wise work is the epilogue of the kernel before it, everything else its own."""
    kernels = 0
    for operation in operations:
        if operation.kind == "attention" and not params.fused_attention:
            kernels += _KERNELS_OF_SPLIT_ATTENTION
        elif operation.kind != "elementwise" or not kernels:
            kernels += 1
    return kernels


def _matrix_cycles(operation: BoundOperation, precision: str, params: GpuParams) -> float:
    """Cycles of the matrix products in an operation, all cores together."""
    per_core = rate(precision, params.flop_per_cycle_per_core)
    if any(operand.role == "weight" and operand.dtype.structured for operand in operation.inputs):
        per_core *= params.structured_speedup
    if operation.kind == "attention" and params.fused_attention:
        return matmul_flop(operation) / (per_core * params.cores * params.attention_efficiency)
    return sum(tiled_flop(product, params) for product in products_of(operation)) / (
        per_core * params.matrix_efficiency
    )


def tiled_flop(product: Product, params: GpuParams) -> int:
    """FLOP that the busiest core spends on a product, padding included. One column is taken for one row: libraries have
    kernels for vectors on either side."""
    if product.n == 1:
        product = Product(product.batch, 1, product.m, product.k)
    rows = tile_rows(product.m, params)
    tiles = product.batch * -(-product.m // rows) * -(-product.n // params.tile_n)
    return max(-(-tiles // params.cores), params.resident_tiles) * rows * params.tile_n * product.k * 2


def tile_rows(m: int, params: GpuParams) -> int:
    """Rows of a tile of a product with `m` rows."""
    if m == 1:
        return 1
    return min(params.tile_m, -(-m // params.row_granule) * params.row_granule)


def _vector_cycles(operation: BoundOperation, precision: str, params: GpuParams) -> float:
    """Cycles of element-wise, special and expansion work; a lane does one multiply-add, that is 2 FLOP, per cycle."""
    lanes = rate(precision, params.flop_per_cycle_per_core) * params.cores / 2 * params.vector_efficiency
    cycles = other_flop(operation) / lanes
    special = special_operations(operation) + softmax_elements(operation)
    cycles += special / (params.special_per_cycle_per_core * params.cores)
    expanded = compressed_elements(operation)
    if expanded:
        cycles += expanded * _row_blocks(operation, params) * params.expand_operations / lanes
    return cycles


def _row_blocks(operation: BoundOperation, params: GpuParams) -> int:
    """Blocks of rows that the tiles of a product cover, each of which expands the weights anew."""
    rows = max((product.m for product in products_of(operation)), default=1)
    return -(-rows // tile_rows(rows, params))
