"""An imported graph as a torch module: each step is a submodule named as the file names it, so labels survive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from socsim.frontend.imported.host_operators import on_host
from socsim.frontend.imported.steps import Constant, ImportedGraph, Step

Lower = Callable[..., Any]
"""`lower(attributes, *values)` -> a value, or a tuple of them. Values are tensors, `Constant`s, arrays of sizes, or
None where an optional input is left out."""


class ImportedGraphModule(torch.nn.Module):  # type: ignore[misc]
    """`forward(*inputs)` in the order of the graph's inputs; returns a tuple of its outputs."""

    def __init__(self, graph: ImportedGraph, operators: Mapping[str, Lower]) -> None:
        super().__init__()
        self._graph = graph
        for constant in graph.constants.values():
            _attach(self, constant.path.split("."), constant.tensor)
        self._runners = []
        for step in graph.steps:
            runner = _step_class(step.operator)(operators.get(step.operator), step)
            _attach(self, step.path.split("."), runner)
            self._runners.append(runner)

    def forward(self, *inputs: Any) -> tuple[Any, ...]:
        # The tensors as torch has them at this moment: those of a module that is being exported are not the ones given.
        values: dict[str, Any] = {
            name: replace(constant, tensor=_held(self, constant)) for name, constant in self._graph.constants.items()
        }
        values.update(zip((given.name for given in self._graph.inputs), inputs, strict=True))
        for step, runner in zip(self._graph.steps, self._runners, strict=True):
            results = runner(*[values[name] if name else None for name in step.inputs])
            values.update(zip(step.outputs, results, strict=False))
        return tuple(tensor(values[name]) for name in self._graph.outputs)


class _StepModule(torch.nn.Module):  # type: ignore[misc]
    """Runs one step: on the host where its operands are sizes, else with torch."""

    def __init__(self, lower: Lower | None, step: Step) -> None:
        super().__init__()
        self._lower = lower
        self._step = step

    def forward(self, *values: Any) -> Sequence[Any]:
        step = self._step
        try:
            result = on_host(step.operator, step.attributes, values)
            if result is None:
                if self._lower is None:
                    raise ValueError("known for sizes only, not for data")
                result = self._lower(step.attributes, *values)
        except Exception as error:
            shapes = ", ".join(_described(value) for value in values)
            raise RuntimeError(f"{step.operator} at '{step.path}' on ({shapes}): {error}") from error
        return result if isinstance(result, tuple) else (result,)


def tensor(value: Any) -> Any:
    """A value as torch wants it. Sizes that become a tensor are bookkeeping: their numbers do not matter."""
    if isinstance(value, Constant):
        return value.tensor
    if isinstance(value, torch.Tensor) or value is None:
        return value
    kind = torch.float32 if value.dtype.kind == "f" else torch.bool if value.dtype.kind == "b" else torch.int64
    return torch.empty(value.shape, dtype=kind, device="meta")


def _step_class(operator: str) -> type[_StepModule]:
    """The operator's name is the class that labels show."""
    return type(operator, (_StepModule,), {})


def _held(root: torch.nn.Module, constant: Constant) -> Any:
    is_parameter = isinstance(constant.tensor, torch.nn.Parameter)
    return root.get_parameter(constant.path) if is_parameter else root.get_buffer(constant.path)


def _attach(root: torch.nn.Module, path: Sequence[str], what: Any) -> None:
    """Hang a module or a tensor below the root under a dotted path, which nothing may hold yet."""
    for part in path[:-1]:
        inner = root._modules.get(part)
        if inner is None:
            inner = torch.nn.Module()
            root.add_module(part, inner)
        root = inner
    if isinstance(what, torch.nn.Parameter):
        root.register_parameter(path[-1], what)
    elif isinstance(what, torch.Tensor):
        root.register_buffer(path[-1], what)
    else:
        root.add_module(path[-1], what)


def _described(value: Any) -> str:
    value = value.tensor if isinstance(value, Constant) else value
    return "none" if value is None else f"{list(value.shape)}"
