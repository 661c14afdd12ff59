"""A workload: operations in topological order over tensors, with symbolic lengths.

A language model is one graph `extend(batch, seq, past)`: prefill is past = 0, decode is seq = 1, and chunked prefill,
verification of drafted tokens and prefix reuse are the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from socsim.errors import WorkloadError
from socsim.registry import did_you_mean
from socsim.workload.expression import symbols_of
from socsim.workload.operation import SIZE_ATTRIBUTES, BoundOperation, Operation, bind_attributes
from socsim.workload.structure import validate
from socsim.workload.tensor import Operand, Tensor
from socsim.workload.work import Work, work

CACHE_LENGTHS = frozenset({"past", "chunk_past"})
"""Lengths that grow from step to step; neither placement nor fusion depends on them."""

_MOST_KEPT = 20_000
"""Operations and tensors with numbers for sizes that a workload remembers."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A length that is chosen when the workload runs: `batch`, `seq`, `past`, ... with its default and its range."""

    name: str
    default: int
    minimum: int = 1
    maximum: int = 2**31
    description: str = ""


@dataclass(frozen=True)
class Workload:
    """What runs: validated on construction, frozen, without any notion of hardware or time.

    Raises `WorkloadError` where ids repeat, an operation reads what no earlier one wrote, or a kind is unknown.
    """

    name: str
    tensors: Mapping[str, Tensor]
    operations: tuple[Operation, ...]
    symbols: tuple[Symbol, ...] = ()
    graph: str = "forward"
    source: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    partial: bool = False
    """True where unknown operators were priced by their bytes alone, with the user's consent."""
    weights_of: str = ""
    """The hash of the workload whose weights these are, where this is another graph over them."""

    def __post_init__(self) -> None:
        validate(self)

    @property
    def is_language_model(self) -> bool:
        """True for a graph `extend(batch, seq, past)`, which can generate."""
        return self.graph == "extend"

    def complete(self, bindings: Mapping[str, int] | None = None) -> dict[str, int]:
        """Every symbol's value: the given ones, the defaults for the rest; `WorkloadError` out of range or unknown."""
        given = dict(bindings or {})
        known = {symbol.name for symbol in self.symbols}
        for name in given:
            if name not in known:
                raise WorkloadError(
                    self.name,
                    f"has no length '{name}': {did_you_mean(name, known) if known else 'its sizes are fixed'}",
                )
        values = {}
        for symbol in self.symbols:
            value = given.get(symbol.name, symbol.default)
            if not symbol.minimum <= value <= symbol.maximum:
                raise WorkloadError(
                    self.name, f"{symbol.name} = {value} is outside {symbol.minimum} … {symbol.maximum}"
                )
            values[symbol.name] = value
        return values

    def bind(self, operation: Operation, bindings: Mapping[str, int]) -> BoundOperation:
        """One operation with every size a number. Kept: a study asks for the same ones at every point."""
        used = self._symbols_used.get(operation.id)
        if used is None:
            return self._bind(operation, bindings)
        key = (operation.id, *[bindings[name] for name in sorted(used)]) if used else operation.id
        kept = self._bound
        known = kept.get(key)
        if known is not None and known[0] is operation:
            return known[1]
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        bound = self._bind(operation, bindings)
        kept[key] = operation, bound
        return bound

    def _bind(self, operation: Operation, bindings: Mapping[str, int]) -> BoundOperation:
        return BoundOperation(
            operation.kind,
            tuple([self.operand(name, bindings) for name in operation.inputs]),
            tuple([self.operand(name, bindings) for name in operation.outputs]),
            bind_attributes(operation.attributes, bindings),
        )

    def operand(self, tensor_id: str, bindings: Mapping[str, int]) -> Operand:
        """One tensor with every size a number."""
        used = self._tensor_symbols[tensor_id]
        key = (tensor_id, *[bindings[name] for name in used]) if used else tensor_id
        kept = self._operands
        known = kept.get(key)
        if known is None:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            known = kept[key] = self.tensors[tensor_id].bind(bindings)
        return known

    @cached_property
    def _bound(self) -> dict[object, tuple[Operation, BoundOperation]]:
        return {}

    @cached_property
    def _operands(self) -> dict[object, Operand]:
        return {}

    @cached_property
    def _tensor_symbols(self) -> dict[str, tuple[str, ...]]:
        return {
            tensor.id: tuple(sorted(frozenset().union(*(symbols_of(dim) for dim in tensor.shape))))
            for tensor in self.tensors.values()
        }

    def root(self, tensor_id: str) -> str:
        """The tensor whose storage `tensor_id` lives in: itself unless it is a view."""
        return self.tensors[tensor_id].alias_of or tensor_id

    def symbols_used(self, operation: Operation) -> frozenset[str]:
        """The lengths that the cost of an operation depends on."""
        return self._symbols_used[operation.id]

    @cached_property
    def _symbols_used(self) -> dict[str, frozenset[str]]:
        by_tensor = {
            tensor.id: frozenset().union(*(symbols_of(dim) for dim in tensor.shape)) for tensor in self.tensors.values()
        }
        used = {}
        for operation in self.operations:
            names: frozenset[str] = frozenset().union(
                *(by_tensor[name] for name in (*operation.inputs, *operation.outputs)),
                *(
                    symbols_of(v)
                    for k, v in operation.attributes.items()
                    if k in SIZE_ATTRIBUTES and isinstance(v, str)
                ),
            )
            used[operation.id] = names
        return used

    def total_work(self, bindings: Mapping[str, int] | None = None) -> Work:
        """Sums over all operations, unfused."""
        values = self.complete(bindings)
        memo: dict[BoundOperation, Work] = {}
        flop = matmul = read = write = 0
        for operation in self.operations:
            bound = self.bind(operation, values)
            done = memo.get(bound)
            if done is None:
                done = memo[bound] = work(bound)
            flop += done.flop
            matmul += done.matmul_flop
            read += done.read_bytes
            write += done.write_bytes
        return Work(flop, matmul, read, write)

    def weight_bytes(self) -> int:
        """Bytes of all weights (each storage once)."""
        return sum(t.bind({}).size_bytes for t in self.tensors.values() if t.role == "weight" and t.alias_of is None)

    @property
    def weights_hash(self) -> str:
        """Equal for workloads that share their weights."""
        return self.weights_of or self.content_hash

    @cached_property
    def content_hash(self) -> str:
        """A hash of everything that decides the result; the same on every machine and in every process."""
        digest = hashlib.sha256()
        for symbol in self.symbols:
            digest.update(repr((symbol.name, symbol.default, symbol.minimum, symbol.maximum)).encode())
        for tensor in sorted(self.tensors.values(), key=lambda tensor: tensor.id):
            digest.update(repr((tensor.id, tensor.shape, tensor.dtype, tensor.role, tensor.alias_of)).encode())
        for op in self.operations:
            digest.update(
                repr((op.id, op.kind, op.inputs, op.outputs, sorted(op.attributes.items()), op.label)).encode()
            )
        return digest.hexdigest()[:16]
