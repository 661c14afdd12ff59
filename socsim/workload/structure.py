"""What a well-formed workload is: ids that resolve, sizes that can be, operations in topological order, and for each
kind of operation the operands and attributes that its formulas need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socsim.errors import WorkloadError
from socsim.registry import did_you_mean
from socsim.workload.expression import symbols_of
from socsim.workload.operation import KINDS, SIZE_ATTRIBUTES, Operation
from socsim.workload.tensor import ROLES, Tensor

if TYPE_CHECKING:
    from socsim.workload.graph import Workload


@dataclass(frozen=True, slots=True)
class _Needs:
    inputs: int = 0
    outputs: int = 1
    attributes: tuple[str, ...] = ()


_NEEDS: Mapping[str, _Needs] = {
    "matmul": _Needs(2, 1, ("m", "n", "k")),
    "grouped_matmul": _Needs(2, 1, ("m", "n", "k", "experts", "experts_per_token")),
    "convolution": _Needs(2),
    "attention": _Needs(3),
    "normalization": _Needs(1),
    "softmax": _Needs(1),
    "embedding": _Needs(1),
    "reduction": _Needs(1),
    "pooling": _Needs(1),
    "resample": _Needs(1),
    "media": _Needs(0, 0, ("function", "pixels")),
}
_MATRIX_RANK = 2
MAX_ROUTING_SKEW = 10
"""Beyond it all tokens go to the same experts."""
_TUPLES = frozenset({"stride", "padding", "dilation", "kernel"})
_WHOLE = frozenset({"groups", "transposed", "causal", "experts", "experts_per_token"})


def validate(workload: Workload) -> None:
    """Check the structure of a workload; `WorkloadError` names the first offender."""
    where = workload.name
    _check_tensors(where, workload.tensors, {symbol.name for symbol in workload.symbols})
    _check_operations(where, workload.operations, workload.tensors, {symbol.name for symbol in workload.symbols})


def _check_tensors(where: str, tensors: Mapping[str, Tensor], symbols: set[str]) -> None:
    for key, tensor in tensors.items():
        if key != tensor.id:
            raise WorkloadError(where, f"tensor '{tensor.id}' is filed under '{key}'")
        if tensor.role not in ROLES:
            raise WorkloadError(where, f"tensor '{key}' has role '{tensor.role}': {did_you_mean(tensor.role, ROLES)}")
        for dim in tensor.shape:
            if isinstance(dim, int):
                if dim < 0:
                    raise WorkloadError(where, f"tensor '{key}' has a negative size {dim}")
            elif not symbols_of(dim) <= symbols:
                missing = min(symbols_of(dim) - symbols)
                raise WorkloadError(where, f"tensor '{key}' uses the undeclared length '{missing}'")
        root = tensor.alias_of
        if root is not None and (root not in tensors or tensors[root].alias_of is not None):
            raise WorkloadError(where, f"tensor '{key}' views '{root}', which is not a tensor of its own")


def _check_operations(
    where: str, operations: tuple[Operation, ...], tensors: Mapping[str, Tensor], symbols: set[str]
) -> None:
    written: set[str] = {t.id for t in tensors.values() if t.role in ("weight", "input", "state")}
    seen: set[str] = set()
    for operation in operations:
        if operation.id in seen:
            raise WorkloadError(where, f"operation '{operation.id}' appears twice")
        seen.add(operation.id)
        if operation.kind not in KINDS:
            near = did_you_mean(operation.kind, KINDS)
            raise WorkloadError(where, f"operation '{operation.id}' has kind '{operation.kind}': {near}")
        for name in (*operation.inputs, *operation.outputs):
            if name not in tensors:
                raise WorkloadError(where, f"operation '{operation.id}' uses tensor '{name}', which is not declared")
        _check_needs(where, operation, tensors, symbols)
        for name in operation.inputs:
            if (tensors[name].alias_of or name) not in written:
                raise WorkloadError(
                    where, f"operation '{operation.id}' reads '{name}' {_why(name, operations, tensors)}"
                )
        written.update(tensors[name].alias_of or name for name in operation.outputs)


def _why(name: str, operations: tuple[Operation, ...], tensors: Mapping[str, Tensor]) -> str:
    root = tensors[name].alias_of or name
    if any(root == (tensors[o].alias_of or o) for op in operations for o in op.outputs if o in tensors):
        return "before an operation writes it: the graph has a cycle or is not in topological order"
    return "which nothing writes and which is no input, weight or state"


def _check_needs(where: str, operation: Operation, tensors: Mapping[str, Tensor], symbols: set[str]) -> None:
    needs = _NEEDS.get(operation.kind, _Needs())
    what = f"operation '{operation.id}' ({operation.kind})"
    if len(operation.inputs) < needs.inputs or len(operation.outputs) < needs.outputs:
        raise WorkloadError(where, f"{what} needs at least {needs.inputs} inputs and {needs.outputs} outputs")
    for name in needs.attributes:
        if name not in operation.attributes:
            raise WorkloadError(where, f"{what} lacks the attribute '{name}'")
    if operation.kind == "attention":
        for name in operation.inputs[:3]:
            if len(tensors[name].shape) < _MATRIX_RANK:
                raise WorkloadError(where, f"{what} reads '{name}', which is no matrix")
    _check_attributes(where, what, operation, symbols)


def _check_attributes(where: str, what: str, operation: Operation, symbols: set[str]) -> None:
    given = operation.attributes
    for name, value in given.items():
        if name in _TUPLES and not isinstance(value, tuple):
            raise WorkloadError(where, f"{what} has {name} = {value!r}, which is no list of whole numbers")
        if (name in _WHOLE and not isinstance(value, int)) or (name == "function" and not isinstance(value, str)):
            kind = "name" if name == "function" else "whole number"
            raise WorkloadError(where, f"{what} has {name} = {value!r}, which is no {kind}")
        if name not in SIZE_ATTRIBUTES:
            continue
        if isinstance(value, str):
            if not symbols_of(value) <= symbols:
                raise WorkloadError(where, f"{what} uses the undeclared length '{min(symbols_of(value) - symbols)}'")
        elif not isinstance(value, int) or value < 0:
            raise WorkloadError(where, f"{what} has {name} = {value!r}, which is no size")
    if operation.kind == "grouped_matmul":
        experts, picked = given["experts"], given["experts_per_token"]
        if not (isinstance(experts, int) and isinstance(picked, int) and 1 <= picked <= experts):
            raise WorkloadError(where, f"{what} picks {picked} of {experts} experts for each token")
        skew = given.get("routing_skew", 0)
        if not (isinstance(skew, int | float) and 0 <= skew <= MAX_ROUTING_SKEW):
            raise WorkloadError(where, f"{what} has routing_skew = {skew!r}, which is no number from 0 to 10")
