"""Workloads of one operator by name, in fp32, with sizes in elements:

product 4096x4096x4096             m x n x k, both matrices activations; `product 32*64x32x1024` is a batch of them
linear 1x4096x4096                 the same with a matrix of weights; `biased ...` adds a bias in an operation after it
convolution 1x64x28x28 256x3x3     batch x channels x height x width, filters x height x width of the kernel; stride 1,
                                   padded so that the picture keeps its size; `8*1x64x28x28 64x3x3` is eight in a row
elementwise relu 64x128x1024       a function of each element
softmax 64x1000                    over the last axis
reduction sum 64x1000              to one number
copy 256 MB                        reads that many bytes and writes as many
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import prod

from socsim.errors import ConfigError
from socsim.quantity import parse_int
from socsim.workload import Operation, Tensor, Workload, dtype
from socsim.workload.tensor import Role

_SIZES = r"\d+(?:x\d+)*"
_ELEMENT_BYTES = 4

Shape = tuple[int, ...]


def microbenchmark(name: str) -> Workload | None:
    """The workload of that name; None for a name of another form, `ConfigError` where a size is zero."""
    for pattern, build in _FORMS:
        found = re.fullmatch(pattern, name)
        if found is not None:
            return build(name, found)
    return None


def _product(name: str, found: re.Match[str]) -> Workload:
    """Nothing can be fetched ahead, since both matrices are activations."""
    batch, (m, n, k) = _count(name, found[1]), _shape(name, found[2])
    operation = Operation("product", "matmul", ("a", "b"), ("out",), {"batch": batch, "m": m, "n": n, "k": k})
    return _workload(name, [operation], {"a": (batch, m, k), "b": (batch, k, n), "out": (batch, m, n)})


def _linear(name: str, found: re.Match[str]) -> Workload:
    m, n, k = _shape(name, found[2])
    product = Operation("product", "matmul", ("a", "weights"), ("out",), {"m": m, "n": n, "k": k})
    shapes: dict[str, Shape] = {"a": (m, k), "weights": (n, k), "out": (m, n)}
    if found[1] == "linear":
        return _workload(name, [product], shapes, weights=("weights",))
    addition = Operation(
        "bias", "elementwise", ("out", "bias_weights"), ("sum",), {"function": "add", "flop_per_element": 1}
    )
    shapes |= {"bias_weights": (n,), "sum": (m, n)}
    return _workload(name, [product, addition], shapes, weights=("weights", "bias_weights"))


def _convolution(name: str, found: re.Match[str]) -> Workload:
    depth, picture, (filters, *kernel) = _count(name, found[1]), _shape(name, found[2]), _shape(name, found[3])
    batch, channels, *pixels = picture
    attributes: dict[str, int | float | str | tuple[int, ...]] = {
        "stride": (1,) * len(kernel), "padding": tuple(size // 2 for size in kernel), "dilation": (1,) * len(kernel),
        "groups": 1, "transposed": 0,
    }  # fmt: skip
    shapes: dict[str, Shape] = {"x0": (batch, channels, *pixels)}
    operations = []
    for layer in range(depth):
        shapes[f"w{layer}"] = (filters, channels, *kernel)
        shapes[f"x{layer + 1}"] = (batch, filters, *pixels)
        operations.append(
            Operation(f"layer{layer}", "convolution", (f"x{layer}", f"w{layer}"), (f"x{layer + 1}",), attributes)
        )
        channels = filters
    return _workload(name, operations, shapes, weights=tuple(f"w{layer}" for layer in range(depth)))


def _elementwise(name: str, found: re.Match[str]) -> Workload:
    shape = _shape(name, found[2])
    attributes = {"function": found[1], "flop_per_element": 1}
    return _workload(name, [Operation("op", "elementwise", ("a",), ("out",), attributes)], {"a": shape, "out": shape})


def _softmax(name: str, found: re.Match[str]) -> Workload:
    shape = _shape(name, found[1])
    return _workload(name, [Operation("op", "softmax", ("a",), ("out",), {})], {"a": shape, "out": shape})


def _reduction(name: str, found: re.Match[str]) -> Workload:
    operation = Operation("op", "reduction", ("a",), ("out",), {"function": found[1]})
    return _workload(name, [operation], {"a": _shape(name, found[2]), "out": (1,)})


def _copy(name: str, found: re.Match[str]) -> Workload:
    elements = max(1, parse_int(found[1], "size", name) // _ELEMENT_BYTES)
    operation = Operation("copy", "data_movement", ("a",), ("out",), {"function": "copy"})
    return _workload(name, [operation], {"a": (elements,), "out": (elements,)})


_FORMS: tuple[tuple[str, Callable[[str, re.Match[str]], Workload]], ...] = (
    (r"product (?:(\d+)\*)?(\d+x\d+x\d+)", _product),
    (r"(linear|biased) (\d+x\d+x\d+)", _linear),
    (r"convolution (?:(\d+)\*)?(\d+x\d+(?:x\d+)+) (\d+(?:x\d+)+)", _convolution),
    (rf"elementwise (\w+) ({_SIZES})", _elementwise),
    (rf"softmax ({_SIZES})", _softmax),
    (rf"reduction (\w+) ({_SIZES})", _reduction),
    (r"copy (.+)", _copy),
)


def _shape(name: str, text: str) -> Shape:
    shape = tuple(int(size) for size in text.split("x"))
    if prod(shape) == 0:
        raise ConfigError(name, "a size is at least one")
    return shape


def _count(name: str, text: str | None) -> int:
    return _shape(name, text or "1")[0]


def _workload(
    name: str, operations: list[Operation], shapes: Mapping[str, Shape], weights: tuple[str, ...] = ()
) -> Workload:
    """What nothing reads is an output, what nothing writes a weight or an input."""
    fp32 = dtype("fp32")
    read = {key for operation in operations for key in operation.inputs}
    written = {key for operation in operations for key in operation.outputs}
    tensors = {}
    for key, shape in shapes.items():
        if key not in written:
            role: Role = "weight" if key in weights else "input"
        else:
            role = "activation" if key in read else "output"
        tensors[key] = Tensor(key, shape, fp32, role)
    return Workload(name, tensors, tuple(operations))
