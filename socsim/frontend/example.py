"""A module with example inputs: what a zoo entry or a user's function hands to the tracer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from socsim.errors import WorkloadError
from socsim.frontend.torch_export import trace
from socsim.workload import Symbol, Workload
from socsim.workload.repeat import deepened


@dataclass(frozen=True)
class Example:
    """`inputs`: positional arguments or keyword arguments by name; `shapes`: names of lengths in the same structure;
    `prefix`: the attribute of a wrapper that holds the model; `layers`: path of the list of identical layers and how
    many the model has, where fewer were built."""

    module: Any
    inputs: Sequence[Any] | Mapping[str, Any]
    shapes: Any = None
    symbols: tuple[Symbol, ...] = ()
    graph: str = "forward"
    prefix: str = ""
    layers: tuple[str, int] | None = None


def trace_example(example: Example, name: str, source: Mapping[str, str], allow_unknown: bool = False) -> Workload:
    """Trace an example; where it was built with few layers, check that they are alike and repeat them."""
    workload = trace(
        example.module,
        example.inputs,
        name=name,
        shapes=example.shapes,
        symbols=example.symbols,
        graph=example.graph,
        prefix=example.prefix,
        allow_unknown=allow_unknown,
    )
    if example.layers is not None:
        workload = with_depth(workload, *example.layers)
    return replace(workload, source={**workload.source, **source})


def with_depth(workload: Workload, layers: str, depth: int) -> Workload:
    """The workload with its (identical) layers repeated `depth` times; `WorkloadError` where they are not identical."""
    deep = deepened(workload.operations, workload.tensors, layers, depth)
    if deep is None:
        raise WorkloadError(
            workload.name, f"the traced layers of '{layers}' are not identical, so they cannot be repeated"
        )
    operations, tensors = deep
    return replace(workload, operations=operations, tensors=tensors)
