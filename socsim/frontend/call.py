"""One call of an operator, as the function that lowers it sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from socsim.frontend.origin import dtype_name, label_of, module_class_of
from socsim.frontend.sizes import Size, hint, size_of
from socsim.frontend.value import DeferredCopy, Value
from socsim.workload.operation import Attribute, Kind

if TYPE_CHECKING:
    from socsim.frontend.lowering import Lowering


class Call:
    """A node with its arguments by name, and the means to turn it into an operation or a view."""

    def __init__(self, lowering: Lowering, node: Any, operator: str) -> None:
        self.lowering = lowering
        self.node = node
        self.operator = operator
        self.arguments = _by_name(node)

    @property
    def mutates(self) -> bool:
        schema = getattr(self.node.target, "_schema", None)
        return schema is not None and bool(schema.is_mutable)

    @property
    def base_name(self) -> str:
        """The operator without namespace and without the underscore of its in-place form: `relu` of `aten.relu_`."""
        short = self.operator.split(".")[-1]
        return short.rstrip("_") if not short.startswith("_") else short

    def value(self, name: str) -> Value:
        """The value of a tensor argument."""
        found = self.lowering.resolve(self.arguments[name])
        assert isinstance(found, Value), f"{self.operator}: argument {name} is {found!r}"
        return found

    def optional(self, name: str) -> Value | None:
        """The value of a tensor argument that may be absent."""
        found = self.lowering.resolve(self.arguments.get(name))
        return found if isinstance(found, Value) else None

    def values(self, name: str) -> list[Value]:
        """The values of a list of tensors."""
        return [v for v in self.lowering.resolve(self.arguments[name]) if isinstance(v, Value)]

    def tensors(self) -> list[Value]:
        """All tensor arguments in order."""
        found: list[Value] = []
        for argument in self.arguments.values():
            resolved = self.lowering.resolve(argument)
            items = resolved if isinstance(resolved, list) else [resolved]
            found += [item for item in items if isinstance(item, Value)]
        return found

    def sizes(self, name: str) -> tuple[Size, ...]:
        """All sizes of a tensor argument, repeated elements included."""
        return tuple(size_of(size) for size in self.arguments[name].meta["val"].shape)

    def strides(self, name: str) -> tuple[Size, ...]:
        return tuple(size_of(stride) for stride in self.arguments[name].meta["val"].stride())

    def hints(self, sizes: Sequence[Size]) -> tuple[int, ...]:
        """The values that sizes had while the model was traced."""
        return tuple(hint(size, self.lowering.hints) for size in sizes)

    @property
    def label(self) -> str:
        """The innermost module's path."""
        return label_of(self.node, self.lowering.prefix)

    @property
    def name(self) -> str:
        """Module path and operator: what the call's operation is named after."""
        return f"{self.label}/{self.base_name}" if self.label else self.base_name

    def sizes_of_first(self) -> tuple[Size, ...]:
        """All sizes of the first tensor argument."""
        return tuple(size_of(size) for size in self._first().meta["val"].shape)

    def _first(self) -> Any:
        return next(argument for argument in self.arguments.values() if type(argument).__name__ == "Node")

    def reshape_copies(self) -> bool:
        """Whether the result of a reshape (or of making contiguous) cannot be a view of its operand."""
        import torch

        source, target = self._first().meta["val"], self.node.meta["val"]
        sizes, strides = self.hints(sizes_in(source.shape)), self.hints(sizes_in(source.stride()))
        wanted = self.hints(sizes_in(target.shape))
        if self.operator == "aten.contiguous":
            return strides != self.hints(sizes_in(target.stride()))
        try:
            torch.empty_strided(sizes, strides, device="meta").view(wanted)
        except RuntimeError:
            return True
        return False

    def outputs(self) -> list[Value]:
        """What the node yields, as new values without storage."""
        value = self.node.meta["val"]
        items = value if isinstance(value, (list, tuple)) else [value]
        return [
            Value(None, tuple(size_of(s) for s in item.shape), dtype_name(item.dtype))
            for item in items
            if hasattr(item, "shape")
        ]

    def viewed(self, value: Value, index: int | None = None) -> Value:
        """A view of `value` with the sizes of the node's result (its `index`-th); repeated dimensions count once."""
        meta = self.node.meta["val"] if index is None else self.node.meta["val"][index]
        sizes = tuple(
            1 if isinstance(stride, int) and stride == 0 else size_of(size)
            for size, stride in zip(meta.shape, meta.stride(), strict=True)
        )
        return value.viewed(sizes)

    def deferred_copy(self, sizes: tuple[Size, ...]) -> DeferredCopy:
        """This call as a copy to be made only where a consumer needs it."""
        return DeferredCopy(self.node.name, sizes, self.label, self.operator, module_class_of(self.node))

    def repeated_constant(self, inputs: Sequence[Value]) -> Value | None:
        """The result of an element-wise operator on constants that are only repeated along named lengths: a constant of
        the distinct elements, to be repeated where a consumer needs it. None where they are not."""
        out = self.outputs()[0]
        distinct: list[Size] = []
        nodes = [argument for argument in self.arguments.values() if type(argument).__name__ == "Node"]
        if len(nodes) != len(inputs):
            return None
        for axis in range(1, len(out.sizes) + 1):
            found = set()
            for node, value in zip(nodes, inputs, strict=True):
                full = sizes_in(node.meta["val"].shape)
                if len(full) >= axis and full[-axis] != 1:
                    found.add(value.sizes[-axis])
            if len(found) > 1 or not all(isinstance(size, int) for size in found):
                return None
            distinct.append(found.pop() if found else 1)
        name = self.lowering.builder.unique(self.name)
        positional = any(value.positional for value in inputs)
        return Value(
            None, tuple(reversed(distinct)), out.dtype, "constant", name, positional=positional,
            copy=self.deferred_copy(out.sizes),
        )  # fmt: skip

    def append_to_state(self, new: Value, slot: str) -> Value:
        """Write new rows into the module's state `slot`, which the result stands for."""
        builder = self.lowering.builder
        state = self.state(slot)
        operation = builder.unique(self.name)
        read = builder.read(self.lowering.materialized(replace(new, copy=None)), operation, 0)
        attributes: dict[str, Attribute] = {"function": "kv_append"}
        written = (str(state.root),)
        builder.add(
            operation,
            "data_movement",
            (read,),
            written,
            attributes,
            self.label,
            self.operator,
            module_class_of(self.node),
        )
        return state

    def state(self, slot: str) -> Value:
        """The module's state `slot`, with the sizes of the node's result."""
        value = self.outputs()[0]
        name = f"{self.label}/{slot}" if self.label else slot
        return replace(value, root=self.lowering.builder.declare(name, value.sizes, value.dtype, "state"))

    def _writes_part(self, target: Value) -> bool:
        root = self.lowering.builder.tensors[str(target.root)]
        return self.lowering.builder.dims(target.sizes) != root.shape and root.role != "weight"

    def emit(
        self,
        kind: Kind,
        inputs: Sequence[Value],
        *,
        strided: bool = False,
        free_layout: bool = False,
        into: Value | None = None,
        **attributes: Size | str,
    ) -> Any:
        """Add an operation and return its result (a value, or a list where the operator returns several).

        `strided`: the operation reads its operands as they lie, repeated or in any order. `into`: the result is written
        into this value's storage instead of a new tensor.
        """
        lowering, builder = self.lowering, self.lowering.builder
        ready = [replace(value, copy=None) if strided and value.copy is not None else value for value in inputs]
        ready = [lowering.materialized(value) for value in ready]
        operation = builder.unique(self.name)
        read = tuple(builder.read(value, operation, index) for index, value in enumerate(ready))
        results: list[Value] = []
        if into is None and self.mutates and self._writes_part(ready[0]):
            into = ready[0]
        for index, value in enumerate(self.outputs()):
            if into is not None:
                results.append(replace(into, copy=None))
                continue
            name = operation if index == 0 else f"{operation}:{index}"
            root = builder.declare(name, value.sizes, value.dtype, "activation")
            results.append(replace(value, root=root, free_layout=free_layout))
        if into is not None:
            written = tuple(builder.read(value, f"{operation}:out", index) for index, value in enumerate(results))
        else:
            written = tuple(str(value.root) for value in results)
        sizes = {
            key: value if isinstance(value, (str, tuple)) else builder.text.dim(value)
            for key, value in attributes.items()
        }
        builder.add(operation, kind, read, written, sizes, self.label, self.operator, module_class_of(self.node))
        return results if isinstance(self.node.meta["val"], (list, tuple)) else results[0]


def sizes_in(sizes: Sequence[Any]) -> tuple[Size, ...]:
    """torch sizes or strides as sizes of the frontend."""
    return tuple(size_of(size) for size in sizes)


def _by_name(node: Any) -> dict[str, Any]:
    """A node's arguments under the names of the operator's schema, defaults filled in."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return {str(index): argument for index, argument in enumerate(node.args)} | dict(node.kwargs)
    named: dict[str, Any] = {}
    for index, argument in enumerate(schema.arguments):
        if index < len(node.args):
            named[argument.name] = node.args[index]
        elif argument.name in node.kwargs:
            named[argument.name] = node.kwargs[argument.name]
        elif argument.has_default_value():
            named[argument.name] = argument.default_value
    return named


__all__ = ["Attribute", "Call"]
