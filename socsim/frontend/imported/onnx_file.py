"""Reading an ONNX file into steps. Weights stay on disk: only their shapes and formats matter.

Source of the format: https://onnx.ai/onnx/repo-docs/IR.html.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from socsim.errors import WorkloadError
from socsim.frontend.imported.host_operators import MOST_ELEMENTS
from socsim.frontend.imported.places import Places
from socsim.frontend.imported.steps import Constant, GraphInput, ImportedGraph, Step

_MOST_FRACTIONS = 16
"""A constant of more fractional numbers is a weight, not a scale or an exponent."""

_OWN_DOMAINS = ("", "ai.onnx")
_QUANTIZED = {"int8": "int8", "uint8": "int8", "int4": "int4", "uint4": "int4", "float8_e4m3fn": "fp8"}
_PLAIN = {"float": "float32", "double": "float64"}
"""Names of ONNX's formats that are not torch's."""
_NARROW = {"int4": "int8", "uint4": "uint8", "uint16": "int16", "uint32": "int32", "uint64": "int64"}
"""Formats that torch has no tensors of, and what stands for them while it traces."""


def read_onnx(path: Path, lengths: Mapping[str, int]) -> tuple[ImportedGraph, int]:
    """The main graph of a file, lengths of the given names fixed, and the version of its operators.

    Raises `WorkloadError` for a missing or foreign file, and for control flow.
    """
    try:
        import onnx
    except ImportError as error:
        raise WorkloadError(str(path), "reading ONNX needs the package 'onnx': pip install 'socsim[onnx]'") from error
    if not path.is_file():
        raise WorkloadError(str(path), "no such file")
    try:
        model = onnx.load(path, load_external_data=False)
        graph = model.graph
        if not graph.node:
            raise ValueError("it holds no operators")
    except Exception as error:  # protobuf and onnx raise errors of many types for a file that is not theirs
        raise WorkloadError(str(path), f"not an ONNX model: {str(error).strip() or type(error).__name__}") from error
    version = next((entry.version for entry in model.opset_import if entry.domain in _OWN_DOMAINS), 1)
    return _Reader(graph, path, lengths).read(), version


class _Reader:
    """One graph of a file."""

    def __init__(self, graph: Any, path: Path, lengths: Mapping[str, int]) -> None:
        import torch

        self._graph = graph
        self._path = path
        self._dequantized = {n.input[0]: n for n in graph.node if n.op_type == "DequantizeLinear"}
        self._lengths = lengths
        self._constants: dict[str, Constant] = {}
        self._quantized: dict[str, str] = {}
        self._places = Places(reserved=frozenset(dir(torch.nn.Module())))

    def read(self) -> ImportedGraph:
        for initializer in self._graph.initializer:
            self._add_constant(initializer, initializer.name)
        for node in self._graph.node:
            if node.op_type == "Constant":
                self._add_constant(_tensor_of(node), node.output[0])
        steps = [self._step(node) for node in self._graph.node if node.op_type != "Constant"]
        inputs = [self._input(value) for value in self._graph.input if value.name not in self._constants]
        outputs = tuple(value.name for value in self._graph.output)
        return ImportedGraph(tuple(steps), self._constants, tuple(inputs), outputs, self._quantized)

    def _step(self, node: Any) -> Step:
        attributes = {attribute.name: _value(attribute) for attribute in node.attribute}
        operator = node.op_type if node.domain in _OWN_DOMAINS else f"{node.domain}.{node.op_type}"
        if any(hasattr(value, "node") for value in attributes.values()):
            raise WorkloadError(
                str(self._path), f"the operator '{operator}' at '{node.name}' branches or loops; export it unrolled"
            )
        if operator == "Cast":
            attributes["to"] = _format_name(attributes["to"])
        elif operator == "ConstantOfShape":
            filled = attributes.get("value")
            attributes["value"] = 0.0 if filled is None else self._numbers(filled).reshape(-1)[0].item()
        module = _module_path(node)
        path = self._places.take(f"{module}.{node.op_type}" if module else node.op_type)
        return Step(operator, path, tuple(node.input), tuple(node.output), attributes)

    def _add_constant(self, made: Any, name: str) -> None:
        self._constants[name] = self._constant(made, name, self._places.take(name))

    def _constant(self, made: Any, name: str, path: str) -> Constant:
        import torch

        kind = _format_name(made.data_type)
        if name in self._dequantized:
            self._quantized[path] = _quantized_format(kind, self._dequantized[name])
            kind = "float32"  # what it is computed in; its format in memory is kept beside
        held = torch.empty(tuple(made.dims), dtype=getattr(torch, _NARROW.get(kind, kind)), device="meta")
        parameter = torch.nn.Parameter(held, requires_grad=False) if held.is_floating_point() else held
        count = math.prod(made.dims)
        few = count <= (_MOST_FRACTIONS if held.is_floating_point() else MOST_ELEMENTS)
        return Constant(path, parameter, self._numbers(made) if few else None)

    def _numbers(self, made: Any) -> Any:
        import onnx

        return onnx.numpy_helper.to_array(made, base_dir=str(self._path.parent))

    def _input(self, value: Any) -> GraphInput:
        shape = value.type.tensor_type.shape
        sizes: list[int | str | None] = []
        for axis, dim in enumerate(shape.dim):
            name = dim.dim_param or re.sub(r"\W", "_", value.name) + f"_{axis}"
            if dim.HasField("dim_value"):
                sizes.append(int(dim.dim_value))
            else:
                sizes.append(self._lengths.get(name, name))
        return GraphInput(value.name, _format_name(value.type.tensor_type.elem_type), tuple(sizes))


def _value(attribute: Any) -> Any:
    """An attribute as Python has it; tensors and graphs stay what they are."""
    import onnx

    found = onnx.helper.get_attribute_value(attribute)
    if isinstance(found, bytes):
        return found.decode()
    if isinstance(found, Sequence) or (isinstance(found, Iterable) and not hasattr(found, "dims")):
        return [item.decode() if isinstance(item, bytes) else item for item in found]
    return found


def _format_name(number: int) -> str:
    """torch's name of a format that ONNX numbers; `WorkloadError` for text and the like."""
    import onnx

    name: str = onnx.TensorProto.DataType.Name(number).lower()
    name = {"float8e4m3fn": "float8_e4m3fn", "float8e5m2": "float8_e5m2"}.get(name, name)
    if name in ("undefined", "string"):
        raise WorkloadError("", f"the model holds values of the format '{name}', which no unit computes on")
    return _PLAIN.get(name, name)


def _quantized_format(kind: str, node: Any) -> str:
    """The format of a constant that a node expands; of blocks where each block has a scale of its own."""
    name = _QUANTIZED.get(kind)
    if name is None:
        raise WorkloadError("", f"weights of the format '{kind}' are expanded at '{node.name}': expected int8 or int4")
    block = next((attribute.i for attribute in node.attribute if attribute.name == "block_size"), 0)
    return f"{name}_g{block}" if block and name.startswith("int") else name


def _tensor_of(node: Any) -> Any:
    """What a node `Constant` holds."""
    import numpy as np
    import onnx

    given = node.attribute[0]
    if given.name == "value":
        return given.t
    array = np.array(_value(given))
    return onnx.numpy_helper.from_array(array.astype(np.float32 if array.dtype.kind == "f" else np.int64))


def _module_path(node: Any) -> str:
    """The module that a node belongs to, where its exporter wrote that down: torch's newer one as properties of the
    node, its older one as the node's name.

    `/layer1/layer1.0/conv1/Conv` -> `layer1.0.conv1`: each part says where it is from the part before it or from the
    root.
    """
    for entry in node.metadata_props:
        if entry.key == "pkg.torch.onnx.name_scopes":
            scopes = ast.literal_eval(entry.value)
            return str(scopes[-2]) if len(scopes) > 1 else ""
    path: list[str] = []
    for part in node.name.strip("/").split("/")[:-1]:
        pieces = part.split(".")
        if path and len(pieces) > 1 and pieces[0] == path[-1]:
            pieces = pieces[1:]
        path += pieces
    return ".".join(path)
