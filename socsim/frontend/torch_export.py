"""A PyTorch module -> a workload, by way of `torch.export` (non-strict, on any device, best on meta)."""

from __future__ import annotations

import inspect
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from socsim.errors import WorkloadError
from socsim.frontend.builder import Builder
from socsim.frontend.lowering import Lowering
from socsim.frontend.origin import dtype_name
from socsim.frontend.sizes import SizeText, size_of
from socsim.frontend.value import Status, Value
from socsim.workload import Symbol, Workload

Shapes = Any
"""Named lengths in the structure of the example inputs: `({0: "batch"}, [{2: "past"}, ...])`; None where all is
fixed."""


def trace(
    module: Any,
    example_inputs: Sequence[Any] | Mapping[str, Any],
    *,
    name: str | None = None,
    shapes: Shapes = None,
    symbols: Sequence[Symbol] = (),
    graph: str = "forward",
    prefix: str = "",
    allow_unknown: bool = False,
) -> Workload:
    """Trace a PyTorch module into a workload.

    `example_inputs`: positional arguments, or keyword arguments as a mapping; only shapes and formats matter, so a
    module built under `torch.device("meta")` needs no memory. `shapes` gives lengths a name, in the structure of the
    example inputs, e.g. `({0: "batch"},)`; trace such lengths at 2 or more. `symbols` declares their defaults and
    ranges (default: the example's length, from 1). The module should be in eval mode. The number formats are the
    module's own.

    Raises `WorkloadError` where torch cannot export the module, a length turns out to be fixed by the model, or an
    operator has no cost (all such operators are listed; `allow_unknown` prices them by their bytes instead).
    """
    program = export(module, example_inputs, shapes)
    return lower(
        program,
        name or type(module).__name__,
        named=flat_shapes(example_inputs, shapes),
        symbols=symbols,
        graph=graph,
        prefix=prefix,
        allow_unknown=allow_unknown,
    )


def export(module: Any, example_inputs: Sequence[Any] | Mapping[str, Any], shapes: Shapes = None) -> Any:
    """The module as a `torch.export.ExportedProgram`; `WorkloadError` with torch's own words where it cannot."""
    import torch

    by_name = isinstance(example_inputs, Mapping)
    args = () if by_name else tuple(example_inputs)
    kwargs = dict(example_inputs) if by_name else {}
    dynamic = _automatic(shapes, torch.export.Dim.AUTO) if shapes is not None else None
    if isinstance(dynamic, tuple):
        dynamic = _gathered(module, dynamic)
    try:
        with torch.no_grad(), _quiet():
            return torch.export.export(module, args, kwargs, dynamic_shapes=dynamic, strict=False)
    except Exception as error:  # torch.export raises errors of many unrelated types
        raise WorkloadError(type(module).__name__, f"torch.export cannot trace it: {_first_lines(error)}") from error


def lower(
    program: Any,
    name: str,
    *,
    named: Sequence[Mapping[int, str] | None] = (),
    symbols: Sequence[Symbol] = (),
    graph: str = "forward",
    prefix: str = "",
    allow_unknown: bool = False,
    constant_ranges: bool = True,
) -> Workload:
    """An exported program as a workload. `named` holds, for each tensor input in order, its named dimensions;
    `constant_ranges` is explained with `Lowering`."""
    import torch

    placeholders = {node.name: node for node in program.graph.nodes if node.op == "placeholder"}
    inputs = [str(n) for n in program.graph_signature.user_inputs if _is_tensor(placeholders.get(str(n)))]
    names, hints = _symbol_names(name, [placeholders[n] for n in inputs], named)
    builder = Builder(SizeText(names))
    lowering = Lowering(builder, hints, prefix, allow_unknown, constant_ranges)
    arguments = [_placeholder(builder, spec, placeholders, prefix) for spec in program.graph_signature.input_specs]
    results = lowering.run(program.graph_module, arguments)
    lowering.raise_for_unknown()
    roots = [v.root for v in _flat(results) if isinstance(v, Value) and v.root is not None]
    source = {"frontend": "torch.export", "torch": torch.__version__.split("+")[0]}
    declared = _declared(symbols, names, hints)
    return builder.finish(name, roots, declared, graph, source, partial=bool(lowering.unknown))


def flat_shapes(example_inputs: Any, shapes: Shapes) -> list[Mapping[int, str] | None]:
    """The named dimensions of each tensor among the example inputs, in order."""
    if hasattr(example_inputs, "dtype") and hasattr(example_inputs, "shape"):
        return [shapes if isinstance(shapes, Mapping) else None]
    if isinstance(example_inputs, Mapping):
        parts = [(value, (shapes or {}).get(key)) for key, value in example_inputs.items()]
    elif isinstance(example_inputs, (list, tuple)):
        parts = list(zip(example_inputs, shapes or [None] * len(example_inputs), strict=True))
    else:
        return []
    return [found for value, part in parts for found in flat_shapes(value, part)]


def _automatic(shapes: Shapes, automatic: Any) -> Any:
    if isinstance(shapes, Mapping):
        if all(isinstance(key, int) for key in shapes):
            return {dim: automatic for dim in shapes}
        return {key: _automatic(value, automatic) for key, value in shapes.items()}
    if isinstance(shapes, (list, tuple)):
        return type(shapes)(_automatic(value, automatic) for value in shapes)
    return shapes


def _gathered(module: Any, shapes: tuple[Any, ...]) -> tuple[Any, ...]:
    """torch wants the shapes of a `*inputs` parameter as one tuple."""
    parameters = list(inspect.signature(module.forward).parameters.values())
    for index, parameter in enumerate(parameters):
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            return (*shapes[:index], tuple(shapes[index:]))
    return shapes


def _symbol_names(
    model: str, inputs: Sequence[Any], named: Sequence[Mapping[int, str] | None]
) -> tuple[dict[Any, str], dict[Any, int]]:
    """Which symbol of the graph is which named length, and the value it had in the example."""
    names: dict[Any, str] = {}
    hints: dict[Any, int] = {}
    for node, dims in zip(inputs, named or [None] * len(inputs), strict=True):
        for dim, length in sorted((dims or {}).items()):
            size = node.meta["val"].shape[dim]
            symbol = size_of(size)
            if isinstance(symbol, int):
                raise WorkloadError(
                    model, f"the model fixes the length '{length}' (dimension {dim} of {node.name}) at {symbol}"
                )
            if names.setdefault(symbol, length) != length:
                raise WorkloadError(model, f"the model makes the lengths '{names[symbol]}' and '{length}' equal")
            hints[symbol] = int(size.node.hint)
    for node in inputs:
        for size in node.meta["val"].shape:
            symbol = size_of(size)
            if not isinstance(symbol, int) and symbol.is_Symbol and symbol not in names:
                names[symbol] = str(symbol)
                hints[symbol] = int(size.node.hint)
    return names, hints


def _declared(symbols: Sequence[Symbol], names: Mapping[Any, str], hints: Mapping[Any, int]) -> tuple[Symbol, ...]:
    given = {symbol.name for symbol in symbols}
    rest = {names[s]: hints[s] for s in names if names[s] not in given}
    return (*symbols, *(Symbol(name, default) for name, default in sorted(rest.items())))


def _placeholder(builder: Builder, spec: Any, placeholders: Mapping[str, Any], prefix: str) -> Any:
    node = placeholders.get(getattr(spec.arg, "name", ""))
    if not _is_tensor(node):
        return None
    assert node is not None
    value = node.meta["val"]
    sizes = tuple(size_of(size) for size in value.shape)
    dtype = dtype_name(value.dtype)
    if spec.kind.name == "USER_INPUT":
        status: Status = "real" if dtype.startswith(("fp", "bf", "complex")) else "bookkeeping"
        root = builder.declare(node.name, sizes, dtype, "input")
        return Value(root, sizes, dtype, status)
    target = str(spec.target)
    target = target[len(prefix) + 1 :] if prefix and target.startswith(prefix + ".") else target
    return Value(builder.declare(target, sizes, dtype, "weight"), sizes, dtype, "constant", origin=target)


def _is_tensor(node: Any) -> bool:
    return node is not None and hasattr(node.meta.get("val"), "dtype") and hasattr(node.meta["val"], "shape")


def _flat(values: Any) -> Iterator[Any]:
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _flat(value)
    else:
        yield values


def _first_lines(error: Exception, count: int = 3) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: " + " ".join(lines[:count])


@contextmanager
def _quiet() -> Iterator[None]:
    """torch and transformers warn about their own internals while they export, and torch logs the traceback of an error
    that it raises as well."""
    log = logging.getLogger("torch._subclasses.fake_tensor")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
