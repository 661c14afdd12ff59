"""One pass over an exported graph: every node becomes a view, a constant, bookkeeping or an operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from socsim.errors import WorkloadError
from socsim.frontend import operators
from socsim.frontend.builder import Builder
from socsim.frontend.call import Call
from socsim.frontend.folds import Fold, find_folds
from socsim.frontend.origin import dtype_name, label_of, operator_name
from socsim.frontend.sizes import size_of
from socsim.frontend.value import DeferredCopy, Status, Value
from socsim.workload.tensor import Role

_MAX_LABELS_SHOWN = 3


class Lowering:
    """Walks the nodes of an exported graph and of its sub-graphs in order, and fills a `Builder`.

    `hints` are the values that the graph's symbols had while it was traced: they decide whether a reshape copies.
    `prefix` is cut off module paths (the attribute under which a wrapper holds the model). With `constant_ranges` a
    range or filled tensor of fixed size is a constant, computed before; else it is bookkeeping of each run, as it is
    where its size is a named length.
    """

    def __init__(
        self,
        builder: Builder,
        hints: Mapping[Any, int],
        prefix: str = "",
        allow_unknown: bool = False,
        constant_ranges: bool = True,
    ) -> None:
        self.builder = builder
        self.hints = hints
        self.prefix = prefix
        self.allow_unknown = allow_unknown
        self.constant_ranges = constant_ranges
        self.unknown: dict[str, list[str]] = defaultdict(list)
        self._environment: dict[Any, Any] = {}
        self._copies: dict[str, Value] = {}
        self.experts_per_token = 1
        """How many experts the router picked last (the k of its top-k)."""

    def run(self, module: Any, arguments: list[Any]) -> Any:
        """Lower a graph module whose placeholders stand for these values; returns what it returns, as values."""
        nodes = list(module.graph.nodes)
        folds, skipped = find_folds(nodes)
        given = iter(arguments)
        for node in nodes:
            if node.op == "placeholder":
                self._environment[node] = next(given)
            elif node.op == "get_attr":
                self._environment[node] = self._attribute(module, node)
            elif node.op == "output":
                return self.resolve(node.args[0])
            elif node in folds:
                self._environment[node] = self._fold(folds[node])
            elif node not in skipped:
                self._environment[node] = self._call(node)
        return None

    def resolve(self, argument: Any) -> Any:
        """A node's argument with nodes replaced by the values they stand for."""
        if type(argument).__name__ == "Node":
            return self._environment[argument]
        if isinstance(argument, (list, tuple)):
            return [self.resolve(item) for item in argument]
        return argument

    def raise_for_unknown(self) -> None:
        """`WorkloadError` that lists every operator without a cost, with counts and labels."""
        if not self.unknown or self.allow_unknown:
            return
        lines = []
        for name, labels in sorted(self.unknown.items()):
            shown = ", ".join(label or "(top level)" for label in labels[:_MAX_LABELS_SHOWN])
            more = f", and {len(labels) - _MAX_LABELS_SHOWN} more" if len(labels) > _MAX_LABELS_SHOWN else ""
            lines.append(f"  {name}: {len(labels)} × at {shown}{more}")
        raise WorkloadError(
            "",
            "operators without a cost:\n"
            + "\n".join(lines)
            + "\nRegister a lowering for each (socsim.frontend.operators) or price them by bytes: --allow-unknown",
        )

    def materialized(self, value: Value) -> Value:
        """The value as a tensor in memory: constants become weights, bookkeeping becomes an input, deferred copies
        run."""
        if value.copy is not None:
            return self._copied(value, value.copy)
        if value.root is not None:
            return value
        role: Role = "weight" if value.status == "constant" else "input"
        name = self.builder.declare(value.origin, value.sizes, value.dtype, role)
        return replace(value, root=name)

    def _copied(self, value: Value, copy: DeferredCopy) -> Value:
        done = self._copies.get(copy.node)
        if done is not None:
            return done
        source = self.materialized(replace(value, copy=None))
        operation = self.builder.unique(f"{copy.label}/{copy.operator.split('.')[-1]}")
        read = self.builder.read(source, operation, 0)
        written = self.builder.declare(operation, copy.sizes, value.dtype, "activation")
        attributes = {"function": "copy" if value.sizes == copy.sizes else "repeat"}
        self.builder.add(
            operation, "data_movement", (read,), (written,), attributes, copy.label, copy.operator, copy.module_class
        )
        result = self._copies[copy.node] = Value(written, copy.sizes, value.dtype)
        return result

    def _attribute(self, module: Any, node: Any) -> Any:
        found = module
        for part in node.target.split("."):
            found = getattr(found, part)
        if hasattr(found, "graph"):
            return found
        if not hasattr(found, "dtype"):
            return found
        sizes = tuple(size_of(size) for size in found.shape)
        return Value(None, sizes, dtype_name(found.dtype), "constant", origin=node.target)

    def _fold(self, fold: Fold) -> Any:
        call = Call(self, fold.result, fold.operator)
        inputs = [self._environment[node] for node in fold.inputs]
        attributes: dict[str, Any] = dict(fold.attributes)
        return call.emit(fold.kind, inputs, **attributes)

    def _call(self, node: Any) -> Any:
        name = operator_name(node.target)
        if name == "getitem":
            return self.resolve(node.args[0])[node.args[1]]
        if name in operators.SUBGRAPHS:
            graph, arguments = operators.SUBGRAPHS[name](node)
            return self.run(self.resolve(graph), self.resolve(arguments))
        if not _has_tensor(node.meta.get("val")):
            return None
        handler = operators.find(name)
        call = Call(self, node, name)
        if handler is None or not handler.is_view:
            settled = self._settled(call, is_product=handler is not None and handler.is_product)
            if settled is not None:
                return settled
        if handler is None:
            self.unknown[name].append(label_of(node, self.prefix))
            return call.emit("unknown", call.tensors())
        result = handler.lower(call)
        if call.mutates and isinstance(result, Value):
            self._rebind(call, result)
        return result

    def _settled(self, call: Call, is_product: bool) -> Any:
        """The value of a node that is no work in each run (constant or bookkeeping), or None."""
        inputs = call.tensors()
        if call.operator in operators.FACTORIES:
            inputs = []
        if any(value.status == "real" for value in inputs):
            return None
        if call.mutates and inputs[0].root is None:
            return inputs[0]
        outputs = call.outputs()
        fixed = all(isinstance(size, int) for value in outputs for size in value.sizes)
        constant = all(value.status == "constant" for value in inputs) and not is_product
        constant = constant and (bool(inputs) or self.constant_ranges)
        if constant and not fixed and inputs and len(outputs) == 1:
            repeated = call.repeated_constant(inputs)
            if repeated is not None:
                return repeated
        if fixed and constant:
            status: Status = "constant"
        elif not inputs or call.operator in operators.BOOKKEEPING or all(not _is_float(v.dtype) for v in outputs):
            status = "bookkeeping"
        else:
            return None
        positional = operators.is_positional(call) or any(value.positional for value in inputs)
        settled = []
        for value in outputs:
            name = self.builder.unique(call.name)
            settled.append(replace(value, root=None, status=status, origin=name, positional=positional))
        return settled[0] if not isinstance(call.node.meta["val"], (list, tuple)) else settled

    def _rebind(self, call: Call, result: Value) -> None:
        """After an in-place operator every view of the old tensor is a view of the new one."""
        old = call.tensors()[0]
        if old.root == result.root:
            return
        for node, value in self._environment.items():
            if isinstance(value, Value) and (value.root, value.origin) == (old.root, old.origin):
                self._environment[node] = replace(value, root=result.root, status="real", origin="")


def _has_tensor(value: Any) -> bool:
    items = value if isinstance(value, (list, tuple)) else [value]
    return any(hasattr(item, "dtype") and hasattr(item, "shape") for item in items)


def _is_float(name: str) -> bool:
    return name.startswith(("fp", "bf", "complex"))
