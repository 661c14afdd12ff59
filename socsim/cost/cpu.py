"""A CPU: cores with SIMD pipes in clusters, each of which may have a matrix engine that its cores share.

    cycles of a product = FLOP / (matrix engines at work * their rate * matrix_efficiency)
                     or = FLOP / (threads * SIMD rate * simd_efficiency)
    cycles of the rest  = FLOP / (threads * SIMD rate / 2 * vector_efficiency)

One thread keeps the matrix engine of its cluster busy, and the system puts threads with such work on different
clusters; so as many engines work as there are threads, or clusters. How many threads an operation gets, and what they
draw from memory: `socsim.cost.threads`.

**Source:** one thread reaches what an engine can, two threads twice as much: corsix/amx, fma.md (M1 Max).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from socsim.cost.counts import OperationCounts, arithmetic_precision
from socsim.cost.expansion import compressed_elements
from socsim.cost.products import rate
from socsim.cost.special import softmax_elements, special_operations
from socsim.cost.threads import ThreadParams, bandwidth_of, threads_for
from socsim.cost.unit_model import GroupCost, UnitModel, unit_models
from socsim.hardware import UnitParams
from socsim.hardware.fields import Rates
from socsim.quantity import PS_PER_S
from socsim.workload import BoundOperation
from socsim.workload.work import matmul_flop, other_flop, read_bytes, write_bytes


class CpuParams(ThreadParams):
    """Parameters of a CPU."""

    flop_per_cycle_per_core: Rates = Field(min_length=1, description="SIMD multiply and add, by precision")
    matrix_flop_per_cycle: Rates = Field(
        default_factory=dict, description="matrix engines of all clusters together, by precision; empty: none"
    )
    matrix_efficiency: float = Field(gt=0, le=1, description="fraction of peak that a large matrix product reaches")
    simd_efficiency: float | None = Field(
        default=None, gt=0, le=1, description="the same on the SIMD pipes; default: as matrix_efficiency"
    )
    vector_efficiency: float = Field(default=0.5, gt=0, le=1, description="the same for element-wise work")
    special_cycles: float = Field(default=8, gt=0, description="cycles of a core for one exponential, division or root")
    expand_operations: float = Field(default=2, ge=0, description="SIMD operations to expand one compressed weight")
    launch_overlap: bool = Field(
        default=False, description="true: the next task is prepared while the body works, which takes a core of its own"
    )


@unit_models.register("cpu")
class Cpu(UnitModel[CpuParams]):
    """Cost of a fused group on the threads that a runtime gives it."""

    Params: ClassVar[type[UnitParams]] = CpuParams

    def supports(self, operation: BoundOperation, params: CpuParams) -> bool:
        return True

    def cost(self, operations: Sequence[BoundOperation], params: CpuParams) -> GroupCost:
        cycles, threads = 0.0, 1
        counts = OperationCounts()
        for operation in operations:
            precision = counts.add(operation)
            mine, used = _cycles(operation, precision, params)
            cycles += mine
            threads = max(threads, used)
        most = bandwidth_of(threads, params)
        return GroupCost(
            math.ceil(cycles),
            counts.items(),
            slots=-(-threads * params.slots // params.cores),
            active_fraction=threads / params.cores,
            most_bytes_per_s=0.0 if math.isinf(most) else most,
            in_flight_bytes=0 if params.core_outstanding is None else threads * params.core_outstanding * params.line,
        )

    def launch_cycles(self, operations: Sequence[BoundOperation], params: CpuParams, starts_program: bool) -> int:
        used = max(_cycles(operation, arithmetic_precision(operation), params)[1] for operation in operations)
        return math.ceil((used - 1) * params.fork_join * params.clock / PS_PER_S)

    def peaks(self, params: CpuParams) -> dict[str, float]:
        simd = {name: value * params.cores for name, value in params.flop_per_cycle_per_core.items()}
        best = {name: max(simd.get(name, 0), params.matrix_flop_per_cycle.get(name, 0)) for name in
                sorted({*simd, *params.matrix_flop_per_cycle})}  # fmt: skip
        return {name: value * params.clock for name, value in best.items()}


def _cycles(operation: BoundOperation, precision: str, params: CpuParams) -> tuple[float, int]:
    """Cycles of an operation, and the threads it runs on."""
    simd = rate(precision, params.flop_per_cycle_per_core)
    product, other = _product(operation, precision, simd, params), _other(operation, simd, params)
    return product[0] + other[0], max(product[1], other[1])


def _product(operation: BoundOperation, precision: str, simd: float, params: CpuParams) -> tuple[float, int]:
    """Its matrix products, on whatever is faster: the engines or the pipes."""
    flop = matmul_flop(operation)
    if not flop:
        return 0.0, 1
    pipes = simd * (params.simd_efficiency or params.matrix_efficiency)
    engine = params.matrix_flop_per_cycle.get(precision, 0.0) / params.clusters * params.matrix_efficiency
    grain = params.matrix_grain_flop or params.thread_grain_cycles * max(pipes, engine)
    threads = max(threads_for(flop, grain, params), _threads_to_move(operation, params))
    return flop / max(pipes * threads, engine * min(threads, params.clusters)), threads


def _other(operation: BoundOperation, simd: float, params: CpuParams) -> tuple[float, int]:
    """Everything else: additions, exponentials, weights to expand."""
    lanes = simd / 2 * params.vector_efficiency
    cycles = (other_flop(operation) + compressed_elements(operation) * params.expand_operations) / lanes
    cycles += (special_operations(operation) + softmax_elements(operation)) * params.special_cycles
    threads = threads_for(cycles, params.thread_grain_cycles, params)
    if not matmul_flop(operation):
        threads = max(threads, _threads_to_move(operation, params))
    return cycles / threads, threads


def _threads_to_move(operation: BoundOperation, params: CpuParams) -> int:
    """Threads for what an operation reads and writes, at the rate of one core."""
    if params.core_bandwidth is None:
        return 1
    moved = read_bytes(operation) + write_bytes(operation)
    return threads_for(moved * params.clock / params.core_bandwidth, params.thread_grain_cycles, params)
