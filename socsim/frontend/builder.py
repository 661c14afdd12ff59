"""Collects tensors and operations while a model is lowered, and makes the workload of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from socsim.frontend.sizes import Size, SizeText
from socsim.frontend.value import Value
from socsim.workload import Dim, Operation, Symbol, Tensor, Workload, dtype
from socsim.workload.operation import Attribute, Kind
from socsim.workload.tensor import Role


@dataclass
class Builder:
    """Tensors and operations in order of appearance, with ids made of module paths.

    An operation's id is `<module path>/<operator>`, with `_1`, `_2`, ... where a module calls the same operator again;
    its output tensor has the same id. An operand that is a view is `<operation id>[<operand index>]`.
    """

    text: SizeText
    tensors: dict[str, Tensor] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    _used: dict[str, int] = field(default_factory=dict)

    def unique(self, wanted: str) -> str:
        """`wanted`, or `wanted_1`, `wanted_2`, ... where it is taken."""
        count = self._used.get(wanted, 0)
        self._used[wanted] = count + 1
        return wanted if count == 0 else f"{wanted}_{count}"

    def dims(self, sizes: tuple[Size, ...]) -> tuple[Dim, ...]:
        return tuple(self.text.dim(size) for size in sizes)

    def declare(
        self, name: str, sizes: tuple[Size, ...], dtype_name: str, role: Role, alias_of: str | None = None
    ) -> str:
        """Add a tensor under exactly this id (once)."""
        if name not in self.tensors:
            self.tensors[name] = Tensor(name, self.dims(sizes), dtype(dtype_name), role, alias_of)
        return name

    def read(self, value: Value, operation_id: str, index: int) -> str:
        """The id under which operand `index` of an operation reads this value: the tensor itself or a view of it."""
        assert value.root is not None, value.origin
        root = self.tensors[value.root]
        shape = self.dims(value.sizes)
        if shape == root.shape:
            return root.id
        view = f"{operation_id}[{index}]"
        self.tensors[view] = Tensor(view, shape, root.dtype, root.role, root.id)
        return view

    def add(
        self,
        operation_id: str,
        kind: Kind,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        attributes: Mapping[str, Attribute],
        label: str,
        operator: str,
        module_class: str,
    ) -> None:
        self.operations.append(
            Operation(operation_id, kind, inputs, outputs, dict(attributes), label, operator, module_class)
        )

    def finish(
        self,
        name: str,
        outputs: list[str],
        symbols: tuple[Symbol, ...],
        graph: str,
        source: Mapping[str, str],
        partial: bool,
    ) -> Workload:
        """The workload without what no output and no state depends on."""
        for root in outputs:
            if self.tensors[root].role == "activation":
                self.tensors[root] = replace(self.tensors[root], role="output")
        live = set(outputs) | {t.id for t in self.tensors.values() if t.role == "state"}
        kept: list[Operation] = []
        for operation in reversed(self.operations):
            written = {self._root(tensor) for tensor in operation.outputs}
            if written & live:
                kept.append(operation)
                live.update(self._root(tensor) for tensor in operation.inputs)
        kept.reverse()
        return Workload(name, self._ordered(kept), tuple(kept), symbols, graph, dict(source), partial)

    def _root(self, tensor: str) -> str:
        return self.tensors[tensor].alias_of or tensor

    def _ordered(self, operations: list[Operation]) -> dict[str, Tensor]:
        """The tensors that operations use, in order of first use, each root before its views."""
        used: dict[str, Tensor] = {}
        for operation in operations:
            for name in (*operation.inputs, *operation.outputs):
                root = self._root(name)
                used.setdefault(root, self.tensors[root])
                tensor = self.tensors[name]
                if tensor.alias_of is not None:
                    tensor = replace(tensor, role=used[root].role)
                used.setdefault(name, tensor)
        return used
