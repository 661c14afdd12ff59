"""An ONNX file -> a workload."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from socsim.errors import ConfigError, WorkloadError
from socsim.frontend.imported.onnx_file import read_onnx
from socsim.frontend.imported.onnx_folds import folded
from socsim.frontend.imported.steps import GraphInput, ImportedGraph
from socsim.registry import did_you_mean
from socsim.workload import Symbol, Workload, dtype
from socsim.workload.expression import evaluate, symbols_of

_FIRST_EXAMPLE = 2
_EXAMPLE_STEP = 3
"""Lengths that stay open are traced at 2, 5, 8, ...: apart from each other, so that torch does not take two for one."""


def trace_onnx(path: Path, lengths: Mapping[str, int] | None = None) -> Workload:
    """The workload of an ONNX file. Named lengths of its inputs stay open; `lengths` fixes some of them. A length that
    the file leaves unnamed is `<input>_<axis>`. Number formats are the file's own, of quantized weights too.

    Raises `WorkloadError` for a foreign file, for operators that socsim does not know (all are listed) and for a model
    that needs a length fixed; `ConfigError` for a length that the file does not have.
    """
    from socsim.frontend.imported.module import ImportedGraphModule
    from socsim.frontend.imported.onnx_operators import operators
    from socsim.frontend.torch_export import trace

    whole, version = read_onnx(path, {})
    fixed = dict(lengths or {})
    open_lengths = sorted({name for given in whole.inputs for size in given.sizes for name in _names(size)})
    for name in fixed:
        if name not in open_lengths:
            near = did_you_mean(name, open_lengths) if open_lengths else "all of its sizes are fixed"
            raise ConfigError("--length", f"{path} has no length '{name}': {near}")
    graph = folded(whole)
    _require_known(graph, path, set(operators()))
    _require_written(graph, path)
    free = [name for name in open_lengths if name not in fixed]
    example = fixed | {name: _FIRST_EXAMPLE + _EXAMPLE_STEP * index for index, name in enumerate(free)}
    module = ImportedGraphModule(graph, operators()).eval()
    inputs = tuple(_empty(given, example) for given in graph.inputs)
    shapes = tuple(_named(given, free) for given in graph.inputs) if free else None
    symbols = tuple(Symbol(name, 1 if _is_batch(name, graph) else example[name]) for name in free)
    try:
        workload = trace(module, inputs, name=path.stem, shapes=shapes, symbols=symbols)
    except WorkloadError as error:
        some = " ".join(f"--length {name}=N" for name in free)
        hint = f" (fix lengths that the model needs to know: {some})" if free else ""
        raise WorkloadError(str(path), f"{str(error).removeprefix(f'{type(module).__name__}: ')}{hint}") from error
    source = {**workload.source, "model": f"onnx:{path.name}", "onnx_operators": str(version)}
    return replace(_labelled(_formatted(workload, graph)), source=source)


def _require_known(graph: ImportedGraph, path: Path, known: set[str]) -> None:
    from socsim.frontend.imported.host_operators import HOST_ONLY

    unknown: dict[str, list[str]] = defaultdict(list)
    for step in graph.steps:
        if step.operator not in known and step.operator not in HOST_ONLY:
            unknown[step.operator].append(step.path)
    if unknown:
        lines = [f"  {name}: {len(paths)} × at {', '.join(paths[:3])}" for name, paths in sorted(unknown.items())]
        raise WorkloadError(
            str(path),
            "ONNX operators that socsim does not know:\n"
            + "\n".join(lines)
            + "\nRegister each in one function (socsim/frontend/imported/onnx_operators)",
        )


def _require_written(graph: ImportedGraph, path: Path) -> None:
    """Each value comes from the file, the inputs or an earlier step."""
    written = {"", *graph.constants, *(given.name for given in graph.inputs)}
    for step in graph.steps:
        for name in step.inputs:
            if name not in written:
                raise WorkloadError(str(path), f"{step.operator} at '{step.path}' reads '{name}', which nothing wrote")
        written.update(step.outputs)
    for name in graph.outputs:
        if name not in written:
            raise WorkloadError(str(path), f"its output '{name}' is written by nothing")


def _names(size: int | str | None) -> frozenset[str]:
    return symbols_of(size) if isinstance(size, str) else frozenset()


def _empty(given: GraphInput, example: Mapping[str, int]) -> Any:
    import torch

    sizes = [evaluate(size, example) if isinstance(size, str) else size for size in given.sizes]
    return torch.empty(sizes, dtype=getattr(torch, given.dtype), device="meta")


def _named(given: GraphInput, free: list[str]) -> dict[int, str]:
    return {axis: size for axis, size in enumerate(given.sizes) if isinstance(size, str) and size in free}


def _is_batch(name: str, graph: ImportedGraph) -> bool:
    """A length that comes first in every input that has it: one picture or sequence by default."""
    return all(size != name or axis == 0 for given in graph.inputs for axis, size in enumerate(given.sizes))


def _labelled(workload: Workload) -> Workload:
    """A step hangs below its module under its operator's name; the label is the module."""
    operations = tuple(replace(op, label=op.label.rpartition(".")[0] or op.label) for op in workload.operations)
    return replace(workload, operations=operations)


def _formatted(workload: Workload, graph: ImportedGraph) -> Workload:
    """Weights and activations in the formats that the file quantizes them to: torch has traced what they are expanded
    to."""
    paths = _quantized_steps(graph)
    formats = dict(graph.quantized)
    for operation in workload.operations:
        if operation.label in paths:
            formats |= dict.fromkeys(operation.outputs, paths[operation.label])
    if not formats:
        return workload
    tensors = {
        name: replace(tensor, dtype=dtype(formats[tensor.alias_of or name]))
        if (tensor.alias_of or name) in formats
        else tensor
        for name, tensor in workload.tensors.items()
    }
    return replace(workload, tensors=tensors)


def _quantized_steps(graph: ImportedGraph) -> dict[str, str]:
    """The paths of steps whose result is quantized as it is written, and to what (8 bits: the standard has no other for
    activations that units compute on)."""
    writers = {name: step for step in graph.steps for name in step.outputs}
    quantized = [step.inputs[0] for step in graph.steps if step.operator == "QuantizeLinear"]
    return {writers[name].path: "int8" for name in quantized if name in writers}
