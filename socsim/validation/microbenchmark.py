"""Workloads of one operation, by name: `product 4096x4096x4096` (m x n x k), `product 32*64x32x1024` (a batch of them)
and `copy 256 MB`, in fp32."""

from __future__ import annotations

import re
from collections.abc import Mapping

from socsim.errors import ConfigError
from socsim.quantity import parse_int
from socsim.workload import Operation, Tensor, Workload, dtype

_PRODUCT = re.compile(r"product (?:(\d+)\*)?(\d+)x(\d+)x(\d+)")
_ELEMENT_BYTES = 4


def microbenchmark(name: str) -> Workload | None:
    """The workload of that name; None for a name of another form. Both matrices of a product are activations, so that
    nothing can be fetched ahead; a copy reads that many bytes and writes as many."""
    product = _PRODUCT.fullmatch(name)
    if product is not None:
        batch, m, n, k = (int(text or 1) for text in product.groups())
        if min(batch, m, n, k) < 1:
            raise ConfigError(name, "a product has at least one row, column and term")
        sizes = {"batch": batch, "m": m, "n": n, "k": k}
        operation = Operation("product", "matmul", ("a", "b"), ("out",), sizes)
        return _one(name, operation, {"a": (batch, m, k), "b": (batch, k, n)}, (batch, m, n))
    if name.startswith("copy "):
        elements = max(1, parse_int(name.removeprefix("copy "), "size", name) // _ELEMENT_BYTES)
        operation = Operation("copy", "data_movement", ("a",), ("out",), {"function": "copy"})
        return _one(name, operation, {"a": (elements,)}, (elements,))
    return None


def _one(name: str, operation: Operation, inputs: Mapping[str, tuple[int, ...]], output: tuple[int, ...]) -> Workload:
    fp32 = dtype("fp32")
    tensors = {key: Tensor(key, shape, fp32, "input") for key, shape in inputs.items()}
    tensors["out"] = Tensor("out", output, fp32, "output")
    return Workload(name, tensors, (operation,))
