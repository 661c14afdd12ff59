"""What does an attention on a GPU read, fused and not?"""

from __future__ import annotations

from socsim.cost.gpu import Gpu, GpuParams
from socsim.workload import BoundOperation, Operand, dtype


def attention(query_heads: int, key_heads: int) -> BoundOperation:
    fp16 = dtype("fp16")
    query = Operand((1, query_heads, 1, 128), fp16, "activation")
    cache = Operand((1, key_heads, 2048, 128), fp16, "state")
    return BoundOperation("attention", (query, cache, cache), (query,))


def gpu(fused: bool) -> GpuParams:
    return GpuParams.model_validate(
        {
            "name": "gpu", "kind": "gpu", "clock": "1 GHz", "cores": 8, "flop_per_cycle_per_core": {"fp16": 256},
            "matrix_efficiency": 0.8, "fused_attention": fused,
        }
    )  # fmt: skip


def test_without_fusion_keys_and_values_are_read_for_each_head_that_shares_them() -> None:
    assert Gpu().cost([attention(32, 8)], gpu(fused=False)).activation_passes == 4
    assert Gpu().cost([attention(32, 32)], gpu(fused=False)).activation_passes == 1
    assert Gpu().cost([attention(32, 8)], gpu(fused=True)).activation_passes == 1
