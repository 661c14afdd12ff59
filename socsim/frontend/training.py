"""A training step as a workload: forward, backward and optimizer, in full or by low-rank adapters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from socsim.errors import ConfigError
from socsim.frontend.builder import Builder
from socsim.frontend.example import Example
from socsim.frontend.joint_graph import joint_graph
from socsim.frontend.lowering import Lowering
from socsim.frontend.origin import dtype_name
from socsim.frontend.sizes import SizeText
from socsim.frontend.value import Status, Value
from socsim.workload import Workload
from socsim.workload.operation import Attribute

OPTIMIZERS: Mapping[str, tuple[int, int]] = {"sgd": (2, 0), "adamw": (14, 2)}
"""Operations per parameter, and fp32 moments that it keeps.

sgd: w -= r g. adamw: decay (2), both moments (3 and 4), root, sum and quotient (3), step (2). **Source:** the update
rules of Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2.
"""

DEFAULT_LENGTHS = {"batch": 8, "seq": 128}
"""Lengths of a training step where the user gives none."""


def trace_training(
    example: Example,
    name: str,
    optimizer: str = "sgd",
    lora_rank: int | None = None,
    checkpoint: bool = False,
    lengths: Mapping[str, int] | None = None,
) -> Workload:
    """The training step of an example: loss, gradients and update, at fixed lengths (`batch`, `seq`, ...).

    The loss is the cross entropy of a classifier or language model and a mean square for any other. With `lora_rank`
    every linear layer gets an adapter of that rank and only adapters are trained. With `checkpoint` each block keeps
    its input only and runs again in the backward pass. Dropout is left out. A language model starts with an empty cache
    and predicts every position. Raises `WorkloadError` where torch cannot trace it.
    """
    from socsim.frontend.training_module import training_module

    check_training_options(optimizer, lora_rank)
    chosen = {**DEFAULT_LENGTHS, **(lengths or {})}
    made = training_module(example, chosen, lora_rank, checkpoint)
    graph = joint_graph(made.module, made.inputs, made.target, made.loss)

    builder = Builder(SizeText({}))
    lowering = Lowering(builder, {}, made.prefix)
    placeholders = [node for node in graph.module.graph.nodes if node.op == "placeholder"]
    data = graph.names[-1 - len(made.inputs) :]
    arguments = [
        _argument(builder, node, _shortened(name_in_graph, made.prefix), name_in_graph in graph.trained, data)
        for node, name_in_graph in zip(placeholders, graph.names, strict=True)
    ]
    loss, *gradients = lowering.run(graph.module, arguments)
    lowering.raise_for_unknown()
    roots = [str(lowering.materialized(loss).root)]
    for parameter, gradient in zip(graph.trained, gradients, strict=True):
        if gradient is None:
            continue
        roots.append(_update(builder, lowering.materialized(gradient), _shortened(parameter, made.prefix), optimizer))
    source = {"frontend": "joint graph", "optimizer": optimizer}
    source |= {"lora_rank": str(lora_rank)} if lora_rank else {}
    source |= {"checkpoint": "yes"} if checkpoint else {}
    return builder.finish(name, roots, (), "training", source, partial=False)


def check_training_options(optimizer: str, lora_rank: int | None) -> None:
    """`ConfigError` for an optimizer that nobody knows or a rank that is none; quick, imports no torch."""
    if optimizer not in OPTIMIZERS:
        raise ConfigError("--optimizer", f"unknown '{optimizer}': {' or '.join(OPTIMIZERS)}")
    if lora_rank is not None and lora_rank < 1:
        raise ConfigError("--lora", "the rank must be at least 1")


def _argument(builder: Builder, node: Any, name: str, is_trained: bool, data: tuple[str, ...]) -> Value:
    value = node.meta["val"]
    sizes, dtype = tuple(int(size) for size in value.shape), dtype_name(value.dtype)
    if name in data:
        status: Status = "real" if dtype.startswith(("fp", "bf", "complex")) else "bookkeeping"
        return Value(builder.declare(name, sizes, dtype, "input"), sizes, dtype, status)
    root = builder.declare(name, sizes, dtype, "weight")
    return Value(root, sizes, dtype, "real" if is_trained else "constant", origin=name)


def _update(builder: Builder, gradient: Value, weight: str, optimizer: str) -> str:
    """One operation per parameter that reads gradient, weight and moments and writes weight and moments."""
    flop, num_moments = OPTIMIZERS[optimizer]
    tensor = builder.tensors[weight]
    moments = []
    for number in range(num_moments):
        moments.append(f"{weight}/moment_{number + 1}")
        builder.declare(moments[-1], tuple(int(dim) for dim in tensor.shape), "fp32", "state")
    operation = builder.unique(f"{weight}/{optimizer}")
    read = builder.read(gradient, operation, 0)
    attributes: dict[str, Attribute] = {"function": optimizer, "flop_per_element": flop}
    written = (weight, *moments)
    builder.add(operation, "elementwise", (read, *written), written, attributes, weight, optimizer, "Optimizer")
    return weight


def _shortened(name: str, prefix: str) -> str:
    return name.removeprefix(f"{prefix}.") if prefix else name
