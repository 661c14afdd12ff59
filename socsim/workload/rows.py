"""Tensors, operations and symbols as JSON objects and back, strictly: unknown keys and wrong types are errors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

from socsim.errors import WorkloadError
from socsim.registry import did_you_mean
from socsim.workload.dtype import dtype
from socsim.workload.expression import Dim
from socsim.workload.graph import Symbol
from socsim.workload.operation import Attribute, Kind, Operation
from socsim.workload.tensor import Role, Tensor

MAX_SIZE = 2**53
"""Largest size or attribute in a file: beyond it JSON readers of other languages lose digits."""

_TENSOR_KEYS = frozenset({"id", "shape", "dtype", "role", "alias_of"})
_OPERATION_KEYS = frozenset({"id", "kind", "inputs", "outputs", "attributes", "label", "operator", "module_class"})
_SYMBOL_KEYS = frozenset({"name", "default", "minimum", "maximum", "description"})


def tensor_row(tensor: Tensor) -> dict[str, Any]:
    row: dict[str, Any] = {"id": tensor.id, "shape": list(tensor.shape), "dtype": tensor.dtype.name}
    if tensor.role != "activation":
        row["role"] = tensor.role
    if tensor.alias_of is not None:
        row["alias_of"] = tensor.alias_of
    return row


def operation_row(operation: Operation) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": operation.id,
        "kind": operation.kind,
        "inputs": list(operation.inputs),
        "outputs": list(operation.outputs),
    }
    attributes = {k: list(v) if isinstance(v, tuple) else v for k, v in sorted(operation.attributes.items())}
    texts = {"label": operation.label, "operator": operation.operator, "module_class": operation.module_class}
    return row | ({"attributes": attributes} if attributes else {}) | {k: v for k, v in texts.items() if v}


def symbol_row(symbol: Symbol) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": symbol.name,
        "default": symbol.default,
        "minimum": symbol.minimum,
        "maximum": symbol.maximum,
    }
    return row | ({"description": symbol.description} if symbol.description else {})


def read_tensor(row: Any, where: str) -> Tensor:
    check_keys(row, _TENSOR_KEYS, ("id", "shape", "dtype"), "tensor", where)
    name = text(row["id"], "id", where)
    here = f"tensor '{name}'"
    shape = tuple([_dim(dim, here, where) for dim in sequence(row["shape"], f"{here}: shape", where)])
    alias = row.get("alias_of")
    return Tensor(
        name,
        shape,
        dtype(text(row["dtype"], f"{here}: dtype", where), where),
        cast(Role, text(row.get("role", "activation"), f"{here}: role", where)),
        None if alias is None else text(alias, f"{here}: alias_of", where),
    )


def read_operation(row: Any, where: str) -> Operation:
    check_keys(row, _OPERATION_KEYS, ("id", "kind", "inputs", "outputs"), "operation", where)
    name = text(row["id"], "id", where)
    here = f"operation '{name}'"
    attributes = row.get("attributes", {})
    if not isinstance(attributes, dict):
        raise WorkloadError(where, f"{here}: attributes is not an object")
    return Operation(
        name,
        cast(Kind, text(row["kind"], f"{here}: kind", where)),
        tuple([text(v, f"{here}: inputs", where) for v in sequence(row["inputs"], f"{here}: inputs", where)]),
        tuple([text(v, f"{here}: outputs", where) for v in sequence(row["outputs"], f"{here}: outputs", where)]),
        MappingProxyType({k: _attribute(v, f"{here}: {k}", where) for k, v in attributes.items()}),
        text(row.get("label", ""), f"{here}: label", where),
        text(row.get("operator", ""), f"{here}: operator", where),
        text(row.get("module_class", ""), f"{here}: module_class", where),
    )


def read_symbol(row: Any, where: str) -> Symbol:
    check_keys(row, _SYMBOL_KEYS, ("name", "default", "minimum", "maximum"), "symbol", where)
    name = text(row["name"], "symbol name", where)
    low, default, high = (whole(row[k], f"symbol '{name}': {k}", where) for k in ("minimum", "default", "maximum"))
    if not low <= default <= high:
        raise WorkloadError(where, f"symbol '{name}': default {default} is outside {low} … {high}")
    return Symbol(name, default, low, high, text(row.get("description", ""), f"symbol '{name}'", where))


def text(value: Any, what: str, where: str) -> str:
    """A string of a file, or `WorkloadError`."""
    if not isinstance(value, str):
        raise WorkloadError(where, f"{what} is {value!r}, not a string")
    return value


def whole(value: Any, what: str, where: str) -> int:
    """A non-negative whole number of a file, or `WorkloadError`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise WorkloadError(where, f"{what} is {value!r}, not a whole number")
    if value < 0:
        raise WorkloadError(where, f"{what} is negative: {value}")
    if value > MAX_SIZE:
        raise WorkloadError(where, f"{what} is larger than 2^53")
    return value


def sequence(value: Any, what: str, where: str) -> list[Any]:
    """A list of a file, or `WorkloadError`."""
    if not isinstance(value, list):
        raise WorkloadError(where, f"{what} is not a list")
    return value


def mapping(value: Any, what: str, where: str) -> Mapping[str, Any]:
    """An object of a file, or `WorkloadError`."""
    if not isinstance(value, dict):
        raise WorkloadError(where, f"{what} is not an object")
    return value


def check_keys(row: Any, known: frozenset[str], required: tuple[str, ...], what: str, where: str) -> None:
    """`WorkloadError` where `row` is no object, lacks a required key or has one that is not known."""
    if not isinstance(row, dict):
        raise WorkloadError(where, f"a {what} is not an object")
    named = f"{what} '{row['id']}'" if isinstance(row.get("id"), str) else what
    if not row.keys() <= known:
        unknown = min(row.keys() - known)
        raise WorkloadError(where, f"{named}: unknown key '{unknown}': {did_you_mean(unknown, known)}")
    for key in required:
        if key not in row:
            raise WorkloadError(where, f"{named} lacks '{key}'")


def _dim(value: Any, what: str, where: str) -> Dim:
    return value if isinstance(value, str) else whole(value, f"{what}: size", where)


def _attribute(value: Any, what: str, where: str) -> Attribute:
    if isinstance(value, list):
        return tuple([whole(item, what, where) for item in value])
    if isinstance(value, str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return whole(value, what, where)
