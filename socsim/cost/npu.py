"""A neural engine: a MAC array fed by a compiler, a vector engine, and on-chip memory.

The body of a task is the sum of what its engines cannot do at once:

    cycles = max(matrix, element-wise operations / V + activation functions / E, weight expansion)
             + softmax elements / S + gathered elements / G + resampled elements / R + layers * cost of a layer

Activation functions follow the array in a pipeline; where an engine has no such pipeline (`inline_activations: false`)
they are added like the rest.

Matrix work is either that of a systolic array, exact (`array_rows`, `array_columns`, `dataflow`, `num_arrays`), or
padded FLOP over a rate: channels are padded to `channel_granule`. A depthwise convolution, which has no reduction over
channels, runs at `depthwise_fraction` of the rate or yields `depthwise_elements_per_cycle`, whichever is slower. Tiles
and loop order minimize traffic under the part of the on-chip memory that is kept for tiles; the rest holds activations
from one layer to the next.

Which effects decide the latency of such an engine is measured in published fits of phone NPUs: weight streaming, a
fixed cost per program and per layer, softmax and gather rates, activations that stay on chip.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from socsim.cost.counts import OperationCounts, arithmetic_precision
from socsim.cost.expansion import compressed_elements
from socsim.cost.products import Product, is_depthwise, products_of, rate
from socsim.cost.special import (
    gathered_elements,
    resampled_elements,
    simple_operations,
    softmax_elements,
    special_operations,
)
from socsim.cost.systolic import Dataflow, systolic_cycles
from socsim.cost.tiling import OperandBits, Tiling, best_tiling
from socsim.cost.unit_model import GroupCost, UnitModel, unit_models
from socsim.hardware import UnitParams
from socsim.hardware.fields import Rates, Size
from socsim.workload import BoundOperation, Operand


class NpuParams(UnitParams):
    """Parameters of a neural engine."""

    flop_per_cycle: Rates = Field(min_length=1, description="MAC array at full use, MAC = 2 FLOP, by precision")
    matrix_efficiency: float = Field(gt=0, le=1, description="fraction of peak that a large convolution reaches")
    matmul_efficiency: float | None = Field(
        default=None, gt=0, le=1, description="the same for products that are no convolutions; default: as these"
    )
    channel_granule: int = Field(default=32, ge=1, description="channels are padded to a multiple of this")
    depthwise_fraction: float = Field(default=0.05, gt=0, le=1, description="rate of a depthwise convolution / peak")
    depthwise_elements_per_cycle: float | None = Field(
        default=None, gt=0, description="results of a depthwise convolution, whatever its kernel; default: no limit"
    )
    structured_speedup: float = Field(default=1, ge=1, description="of products whose weights are 2:4 sparse")
    array_rows: int | None = Field(default=None, ge=1, description="rows of a systolic array; none: rate and padding")
    array_columns: int | None = Field(default=None, ge=1, description="columns of a systolic array; default: its rows")
    num_arrays: int = Field(default=1, ge=1, description="systolic arrays that share the folds of a product")
    dataflow: Dataflow = Field(default="weight_stationary", description="which operand a systolic array holds still")
    vector_elements_per_cycle: float = Field(gt=0, description="simple element-wise operations per cycle")
    special_elements_per_cycle: float = Field(
        gt=0, description="activation functions with an exponential or a division"
    )
    softmax_elements_per_cycle: float | None = Field(default=None, gt=0, description="default: as activation functions")
    last_axis_softmax_fraction: float = Field(
        default=1, gt=0, le=1, description="rate of a softmax over the last axis, over that of one over channels"
    )
    softmax_over_channels: bool = Field(
        default=True, description="networks are converted so that attention takes its softmax over channels"
    )
    inline_activations: bool = Field(
        default=True, description="activation functions are computed as results stream out"
    )
    gather_elements_per_cycle: float = Field(
        default=8, gt=0, description="elements looked up, or searched for a maximum"
    )
    resample_elements_per_cycle: float | None = Field(default=None, gt=0, description="default: as simple operations")
    expand_elements_per_cycle: float | None = Field(
        default=None, gt=0, description="compressed weights expanded per cycle; default: as fast as they stream"
    )
    on_chip: Size = Field(
        default=0, description="memory on chip, for tiles and for activations between layers; 0: none"
    )
    tile_fraction: float = Field(default=0.5, ge=0, le=1, description="part of it that tiles of the running layer take")
    weight_memory: Size = Field(default=0, description="memory on chip that keeps weights from one run to the next")
    prefetch_memory: Size = Field(default=0, description="weights that may be fetched ahead of their layer, in all")
    supports_state: bool = Field(
        default=False, description="can hold a cache that grows between runs (static shapes: no)"
    )
    layer_cycles: float = Field(
        default=0, ge=0, description="cycles per layer that its engines wait for each other, while memory goes on"
    )
    head_layers: int = Field(
        default=0, ge=0, description="layers that a compiler makes of each head of an attention; 0: one for all heads"
    )
    score_passes: float = Field(
        default=0, ge=0, description="times that scores of an attention go to memory and back if they do not fit"
    )
    program_cycles: Rates = Field(
        default={}, description="cycles to start a program, by the precision it computes in, beside run_overhead"
    )
    in_place_concatenation: bool = Field(
        default=False, description="what is concatenated is written where it is read from later; nothing is copied"
    )
    unsupported: tuple[str, ...] = Field(default=(), description="kinds of operation the compiler does not place here")
    precisions: tuple[str, ...] = Field(default=(), description="formats it computes in; default: all (converted)")


@unit_models.register("npu")
class Npu(UnitModel[NpuParams]):
    """Cost of a fused group on a neural engine."""

    Params: ClassVar[type[UnitParams]] = NpuParams

    def supports(self, operation: BoundOperation, params: NpuParams) -> bool:
        if operation.kind == "media" or operation.kind in params.unsupported:
            return False
        formats = [operand.dtype for operand in operation.inputs]
        if any(item.name in ("fp64", "complex64") for item in formats):
            return False
        if params.precisions and any(item.arithmetic not in (*params.precisions, *_INDICES) for item in formats):
            return False
        return params.supports_state or all(operand.role != "state" for operand in operation.inputs)

    def cost(self, operations: Sequence[BoundOperation], params: NpuParams) -> GroupCost:
        matrix = vector = expanded = serial = 0.0
        weight_passes = activation_passes = 1.0
        counts = OperationCounts()
        has_matrix = False
        for operation in operations:
            precision = counts.add(operation)
            products = products_of(operation)
            if products:
                has_matrix = True
                matrix += _matrix_cycles(operation, products, precision, params)
                tiling = _tiling(operation, products[0], params)
                weight_passes = max(weight_passes, tiling.weight_passes if tiling else 1)
                activation_passes = max(activation_passes, tiling.input_passes if tiling else 1)
            if not (has_matrix and _folds_into_weights(operation)):
                vector += simple_operations(operation) / params.vector_elements_per_cycle
            special = special_operations(operation) / params.special_elements_per_cycle
            if params.inline_activations:
                vector += special
            else:
                serial += special
            expanded += compressed_elements(operation) / (params.expand_elements_per_cycle or math.inf)
            serial += _serial_cycles(operation, params)
        scores = sum(_scores_bytes(operation) for operation in operations)
        spilled = params.score_passes and scores > params.on_chip * params.tile_fraction
        layers = _layers(operations, params)
        return GroupCost(
            math.ceil(max(matrix, vector, expanded * weight_passes) + serial + params.layer_cycles * layers),
            counts.items(),
            weight_passes=weight_passes,
            activation_passes=activation_passes,
            scratch_bytes=scores if spilled else 0,
            scratch_passes=params.score_passes if spilled else 0,
            in_place=params.in_place_concatenation and all(_is_concatenation(operation) for operation in operations),
        )

    def launch_cycles(self, operations: Sequence[BoundOperation], params: NpuParams, starts_program: bool) -> int:
        if not (starts_program and params.program_cycles):
            return 0
        return math.ceil(rate(arithmetic_precision(operations[0]), params.program_cycles))

    def peaks(self, params: NpuParams) -> dict[str, float]:
        return {name: value * params.clock for name, value in params.flop_per_cycle.items()}

    def activation_memory_bytes(self, params: NpuParams) -> int:
        return int(params.on_chip * (1 - params.tile_fraction))

    def tile_memory_bytes(self, params: NpuParams) -> int:
        return int(params.on_chip * params.tile_fraction)

    def weight_memory_bytes(self, params: NpuParams) -> int:
        return params.weight_memory

    def on_chip_memory_bytes(self, params: NpuParams) -> int:
        return params.on_chip + params.weight_memory

    def prefetch_memory_bytes(self, params: NpuParams) -> int:
        return params.prefetch_memory


_INDICES = ("int64", "int32", "int16", "bool")


def _matrix_cycles(operation: BoundOperation, products: Sequence[Product], precision: str, params: NpuParams) -> float:
    peak = rate(precision, params.flop_per_cycle)
    if any(operand.role == "weight" and operand.dtype.structured for operand in operation.inputs):
        peak *= params.structured_speedup
    if is_depthwise(operation):
        by_rate = sum(product.flop for product in products) / (peak * params.depthwise_fraction)
        results = operation.outputs[0].num_elements / (params.depthwise_elements_per_cycle or math.inf)
        return max(by_rate, results)
    efficiency = params.matrix_efficiency
    if operation.kind != "convolution" and params.matmul_efficiency is not None:
        efficiency = params.matmul_efficiency
    if params.array_rows is not None:
        return sum(_array_cycles(product, peak * efficiency, params) for product in products)
    return sum(padded_flop(product, params.channel_granule) for product in products) / (peak * efficiency)


def _array_cycles(product: Product, flop_per_cycle: float, params: NpuParams) -> float:
    """Cycles on the systolic arrays; a precision slower or faster than one multiply-add per cell counts so."""
    rows = params.array_rows or 1
    columns = params.array_columns or rows
    cells = 2 * rows * columns * params.num_arrays
    cycles = systolic_cycles(product, rows, columns, params.dataflow) / params.num_arrays
    return cycles * cells / flop_per_cycle


def padded_flop(product: Product, granule: int) -> int:
    """FLOP with the reduction and the output channels padded to a multiple of the granule."""
    batch, m, n, k = product
    return 2 * batch * m * (-(-n // granule) * granule) * (-(-k // granule) * granule)


def _tiling(operation: BoundOperation, product: Product, params: NpuParams) -> Tiling | None:
    """Tiles of the product in the memory that is kept for them; None where the engine says nothing about its memory."""
    capacity = int(params.on_chip * params.tile_fraction)
    if not capacity or operation.kind == "attention":
        return None
    source, weight, output = operation.inputs[0], operation.inputs[1], operation.outputs[0]
    bits = OperandBits(_bits(source), _bits(weight), _bits(output))
    reuse = 1.0
    if operation.kind == "convolution":
        reuse = max(1.0, product.batch * product.m * product.k / max(1, source.num_elements))
    return best_tiling(product, bits, capacity, reuse)


def _bits(operand: Operand) -> float:
    """Bits of an element, scales and tables included."""
    return 8 * operand.size_bytes / operand.num_elements if operand.num_elements else 8.0


def _folds_into_weights(operation: BoundOperation) -> bool:
    """Scale and shift by channel after a product: the compiler multiplies them into its weights."""
    return operation.kind == "normalization" and operation.function == "batch_norm"


def _layers(operations: Sequence[BoundOperation], params: NpuParams) -> int:
    """Layers of the compiled program: operations, less those folded into the one before, more for split heads."""
    layers = 0
    for index, operation in enumerate(operations):
        if operation.kind == "attention":
            layers += max(1, params.head_layers * math.prod(operation.inputs[0].shape[:-2]))
        elif not index or not (_folds_into_weights(operation) or operation.function in _CLAMPS):
            layers += 1
    return layers


_CLAMPS = ("relu", "relu6", "hardtanh", "clamp")


def _is_concatenation(operation: BoundOperation) -> bool:
    return operation.kind == "data_movement" and operation.function == "concat"


def _scores_bytes(operation: BoundOperation) -> int:
    """Bytes of the scores of an attention, as it writes its result."""
    if operation.kind != "attention":
        return 0
    return math.ceil(softmax_elements(operation) * _bits(operation.outputs[0]) / 8)


def _serial_cycles(operation: BoundOperation, params: NpuParams) -> float:
    softmax_rate = params.softmax_elements_per_cycle or params.special_elements_per_cycle
    if not params.softmax_over_channels:
        softmax_rate *= params.last_axis_softmax_fraction
    resample_rate = params.resample_elements_per_cycle or params.vector_elements_per_cycle
    return (
        softmax_elements(operation) / softmax_rate
        + gathered_elements(operation) / params.gather_elements_per_cycle
        + resampled_elements(operation) / resample_rate
    )
