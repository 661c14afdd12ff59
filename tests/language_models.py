"""Tiny language models for tests: one matrix per step, and a key-value cache that grows."""

from __future__ import annotations

import math

from socsim.workload import Operation, Symbol, Tensor, Workload, dtype

WIDTH = 64
"""Elements of a token in the model and in one of its two caches."""


def tiny_model(name: str, weight_megabytes: int, kv_width: int = WIDTH, context: int = 100_000) -> Workload:
    """`extend(batch, seq, past, logits)`: reads `weight_megabytes` of weights and the cache, of `4 kv_width` bytes per
    token, appends the new tokens."""
    fp16 = dtype("fp16")
    side = math.isqrt(weight_megabytes * 10**6 // 2)
    tensors = [
        Tensor("x", ("batch", "seq", side), fp16, "input"),
        Tensor("w", (side, side), fp16, "weight"),
        Tensor("y", ("batch", "seq", side), fp16, "output"),
        Tensor("keys", ("batch", 1, "past + seq", kv_width), fp16, "state"),
        Tensor("values", ("batch", 1, "past + seq", kv_width), fp16, "state"),
        Tensor("q", ("batch", 1, "seq", kv_width), fp16, "input"),
        Tensor("o", ("batch", 1, "seq", kv_width), fp16, "output"),
    ]
    operations = (
        Operation("attend", "attention", ("q", "keys", "values"), ("o",)),
        Operation("project", "matmul", ("x", "w"), ("y",), {"m": "batch * seq", "n": side, "k": side}),
    )
    symbols = (
        Symbol("batch", 1, 1, 4096), Symbol("seq", 1, 1, context), Symbol("past", 16, 0, context),
        Symbol("logits", 1, 1, context),
    )  # fmt: skip
    return Workload(name, {t.id: t for t in tensors}, operations, symbols, graph="extend")
