"""How much work an operation is: FLOP and least bytes, from its kind and shapes alone.

One multiply-accumulate is 2 FLOP. `matmul_flop` is what torch's FlopCounterMode counts (matrix products, convolutions,
attention); element-wise work is kept apart in `flop`. Bytes are the least an operation must move when nothing is fused:
every input once, every output once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from socsim.workload.operation import BoundOperation
from socsim.workload.tensor import Operand

FLOP_PER_MAC = 2

# Work per element of operations that are not matrix products: operations on values, an exponential or a division
# counted as one. These are definitions of what is counted, not properties of hardware.
_SOFTMAX_OPERATIONS = 5  # max, subtract, exponential, sum, divide
_NORMALIZATION_OPERATIONS = {
    "layer_norm": 8,
    "group_norm": 8,
    "rms_norm": 5,
    "batch_norm": 2,
    "instance_norm": 8,
}
_RESAMPLE_OPERATIONS = {"nearest": 0, "bilinear": 7, "bicubic": 31, "area": 4}


@dataclass(frozen=True, slots=True)
class Work:
    """FLOP and least bytes of one operation."""

    flop: int
    matmul_flop: int
    read_bytes: int
    write_bytes: int


def work(operation: BoundOperation) -> Work:
    """FLOP and least bytes of an operation.

    Formulas (MAC = 2 FLOP): matmul `2 batch m n k`; grouped matmul `2 m n k`; convolution `2 out C_in/groups
    prod(kernel)` (transposed: `2 in C_out/groups prod(kernel)`); attention `2 B H Q S (D + D_v)`, not halved for a
    causal mask.
    """
    matmul = matmul_flop(operation)
    return Work(matmul + other_flop(operation), matmul, read_bytes(operation), write_bytes(operation))


def matmul_flop(operation: BoundOperation) -> int:
    """FLOP of the matrix products in an operation, 0 for a kind that has none."""
    match operation.kind:
        case "matmul":
            o = operation.integer
            return FLOP_PER_MAC * o("batch", 1) * o("m") * o("n") * o("k")
        case "grouped_matmul":
            return FLOP_PER_MAC * operation.integer("m") * operation.integer("n") * operation.integer("k")
        case "convolution":
            weight = operation.inputs[1].shape
            moved = operation.inputs[0] if operation.integer("transposed") else operation.outputs[0]
            return FLOP_PER_MAC * moved.num_elements * math.prod(weight[1:])
        case "attention":
            query, key, value = (operand.shape for operand in operation.inputs[:3])
            return FLOP_PER_MAC * math.prod(query[:-1]) * key[-2] * (query[-1] + value[-1])
        case _:
            return 0


def other_flop(operation: BoundOperation) -> int:
    """FLOP outside the matrix products: element-wise, normalization, softmax, reductions."""
    elements = operation.outputs[0].num_elements if operation.outputs else 0
    match operation.kind:
        case "elementwise" | "scan":
            return elements * operation.integer("flop_per_element", 1)
        case "media":
            return operation.integer("pixels") * operation.integer("flop_per_pixel")
        case "normalization":
            return elements * _NORMALIZATION_OPERATIONS.get(operation.function, 8)
        case "softmax":
            return elements * _SOFTMAX_OPERATIONS
        case "attention":
            query, key = operation.inputs[0].shape, operation.inputs[1].shape
            return _SOFTMAX_OPERATIONS * math.prod(query[:-1]) * key[-2]
        case "reduction":
            return operation.inputs[0].num_elements if operation.inputs else 0
        case "pooling":
            return elements * math.prod(operation.sizes("kernel", (1,)))
        case "resample":
            return elements * _RESAMPLE_OPERATIONS.get(operation.function, 7)
        case "matmul" | "convolution":
            return elements if len(operation.inputs) > 2 else 0
        case _:
            return 0


def experts_hit(num_experts: int, experts_per_token: int, num_tokens: int, skew: float = 0.0) -> int:
    """Expected number of distinct experts that `num_tokens` tokens use, rounded up, at most all.

    Each token picks `experts_per_token` of `num_experts` without replacement, independent of each other: an expert
    that a token picks with probability p is missed by all with probability (1 - p)^T. One token hits exactly
    `experts_per_token`. `skew` as in `expert_shares`.
    """
    shares = expert_shares(num_experts, experts_per_token, skew)
    hit = sum(1 - (1 - share) ** num_tokens for share in shares)
    return min(num_experts, math.ceil(hit - 1e-9))


@lru_cache(maxsize=256)
def expert_shares(num_experts: int, experts_per_token: int, skew: float = 0.0) -> tuple[float, ...]:
    """The probability of each expert, the most popular first, to be among those that a token picks.

    Popularity falls with rank r as r^-skew (Zipf; 0: all alike). Picking one after the other without replacement gives
    about p = 1 - exp(-c r^-skew), with c such that all p sum to `experts_per_token`.

    **Source:** Rosén, Asymptotic theory for successive sampling, Annals of Mathematical Statistics 43(2), 1972.
    """
    if skew == 0 or experts_per_token == num_experts:
        return (experts_per_token / num_experts,) * num_experts
    popularity = [rank**-skew for rank in range(1, num_experts + 1)]

    def shares(scale: float) -> tuple[float, ...]:
        return tuple(-math.expm1(-scale * weight) for weight in popularity)

    low, high = 0.0, 1.0
    while sum(shares(high)) < experts_per_token:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(shares(middle)) < experts_per_token else (low, middle)
    return shares(high)


def operand_read_bytes(operation: BoundOperation, index: int) -> int:
    """Bytes that the operation reads of its input `index`, once."""
    operand = operation.inputs[index]
    match operation.kind:
        case "embedding" if index == 0:
            return _like(operation.outputs[0], operand)
        case "scatter" if index == 0:
            return 0
        case "grouped_matmul" if index == 1:
            experts = operation.integer("experts")
            per_token = operation.integer("experts_per_token")
            skew = operation.attribute("routing_skew", 0.0)
            assert isinstance(skew, float | int)
            hit = experts_hit(experts, per_token, -(-operation.integer("m") // per_token), skew)
            return -(-operand.size_bytes * hit // experts)
        case "data_movement" if operation.function == "kv_append" and operand.role == "state":
            return 0
        case _:
            return operand.size_bytes


def operand_write_bytes(operation: BoundOperation, index: int) -> int:
    """Bytes that the operation writes of its output `index`, once."""
    operand = operation.outputs[index]
    if operation.kind == "data_movement" and operation.function == "kv_append":
        new = [operand_in for operand_in in operation.inputs if operand_in.role != "state"]
        return operand.dtype.size_bytes(sum(tensor.num_elements for tensor in new))
    if operation.kind == "scatter" and len(operation.inputs) > 2:
        return _like(operation.inputs[2], operand)
    return operand.size_bytes


def read_bytes(operation: BoundOperation) -> int:
    return sum(operand_read_bytes(operation, index) for index in range(len(operation.inputs)))


def write_bytes(operation: BoundOperation) -> int:
    return sum(operand_write_bytes(operation, index) for index in range(len(operation.outputs)))


def _like(shape_of: Operand, format_of: Operand) -> int:
    """Bytes of as many elements as `shape_of` has, in the format of the other operand."""
    return format_of.dtype.size_bytes(shape_of.num_elements)
