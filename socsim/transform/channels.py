"""Which widths of a network are free: channels that some layers produce, others consume, and nothing else counts on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from socsim.workload import Operation, Tensor, Workload

_CONVOLUTION_AXIS = 1
_LAST_AXIS = -1


@dataclass
class ChannelGroup:
    """Channels that must change together: the `producers` that write them, `tensors` (id, axis) that carry them and
    `attributes` (operation id, key) that count them."""

    channels: int
    producers: list[str] = field(default_factory=list)
    tensors: list[tuple[str, int]] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)


def channel_groups(workload: Workload) -> list[ChannelGroup]:
    """All groups of free channels, in order of their first producer."""
    graph = _Graph(workload)
    groups: list[ChannelGroup] = []
    taken: set[str] = set()
    for operation in workload.operations:
        if operation.id not in taken and graph.produces(operation):
            group = _Walk(graph, operation).run()
            if group is not None:
                groups.append(group)
                taken.update(group.producers)
    return groups


class _Graph:
    """Who reads and writes each tensor, and which tensors have views."""

    def __init__(self, workload: Workload) -> None:
        self.tensors: Mapping[str, Tensor] = workload.tensors
        self.readers: dict[str, list[Operation]] = {}
        self.writer: dict[str, Operation] = {}
        for operation in workload.operations:
            for name in operation.inputs:
                self.readers.setdefault(name, []).append(operation)
            for name in operation.outputs:
                self.writer[name] = operation
        self.viewed = {tensor.alias_of for tensor in workload.tensors.values() if tensor.alias_of is not None}

    def produces(self, operation: Operation) -> bool:
        """Whether an operation decides how many channels its output has, by weights of its own."""
        return _is_dense_convolution(operation, self.tensors) or _is_linear(operation, self.tensors)

    def is_free(self, name: str) -> bool:
        """Whether a tensor is an activation without views."""
        tensor = self.tensors[name]
        return tensor.role == "activation" and tensor.alias_of is None and name not in self.viewed


class _Walk:
    """Follows channels from one producer through what keeps them apart, to what sums them up."""

    def __init__(self, graph: _Graph, first: Operation) -> None:
        self.graph = graph
        self.axis = _CONVOLUTION_AXIS if first.kind == "convolution" else _LAST_AXIS
        width = graph.tensors[first.outputs[0]].shape[self.axis]
        self.group = ChannelGroup(width if isinstance(width, int) else 0)
        self.frontier: list[str] = []
        self.seen: set[str] = set()
        self.first = first

    def run(self) -> ChannelGroup | None:
        if self.group.channels < 2 or not self._produce(self.first):
            return None
        while self.frontier:
            name = self.frontier.pop()
            readers = self.graph.readers.get(name, [])
            if not readers or not self.graph.is_free(name):
                return None
            if not all(self._read(operation, name) for operation in readers):
                return None
        return self.group

    def _produce(self, operation: Operation) -> bool:
        """Take a producer in: the rows of its weights, its bias, its output."""
        if not self.graph.produces(operation):
            return False
        tensors, group = self.graph.tensors, self.group
        group.producers.append(operation.id)
        weight = operation.inputs[1]
        if len(self.graph.readers[weight]) > 1 or tensors[weight].alias_of is not None or weight in self.graph.viewed:
            return False
        group.tensors.append((weight, 0))
        if operation.kind == "matmul":
            group.attributes.append((operation.id, "n"))
        for extra in operation.inputs[2:]:
            if not self._vector(extra):
                return False
        return self._carry(operation.outputs[0])

    def _carry(self, name: str) -> bool:
        """Take an activation in whose axis of channels is the group's."""
        if name in self.seen:
            return True
        self.seen.add(name)
        shape = self.graph.tensors[name].shape
        if len(shape) < 2 or shape[self.axis] != self.group.channels or not self.graph.is_free(name):
            return False
        self.group.tensors.append((name, self.axis))
        self.frontier.append(name)
        return True

    def _vector(self, name: str) -> bool:
        """Take in a weight with one entry per channel, or leave one with a single entry."""
        tensor = self.graph.tensors[name]
        if tensor.role != "weight" or tensor.alias_of is not None or name in self.graph.viewed:
            return False
        if name in self.seen:
            return True
        wide = [axis for axis, size in enumerate(tensor.shape) if size == self.group.channels]
        rest = [size for axis, size in enumerate(tensor.shape) if axis not in wide[:1] and size != 1]
        if rest or (not wide and any(size != 1 for size in tensor.shape)):
            return False
        if wide:
            self.seen.add(name)
            self.group.tensors.append((name, wide[0]))
        return True

    def _read(self, operation: Operation, name: str) -> bool:
        tensors = self.graph.tensors
        if operation.kind == "convolution":
            return self._convolve(operation, name)
        if _is_linear(operation, tensors):
            if operation.inputs[0] != name or self.axis != _LAST_AXIS:
                return False
            self.group.attributes.append((operation.id, "k"))
            self.group.tensors.append((operation.inputs[1], _LAST_AXIS))
            return operation.attributes["k"] == self.group.channels
        keeps = operation.kind in ("elementwise", "pooling", "resample") or (
            operation.kind == "normalization" and operation.attributes.get("function") != "group_norm"
        )
        return keeps and all(self._beside(other) for other in operation.inputs) and self._carry(operation.outputs[0])

    def _convolve(self, operation: Operation, name: str) -> bool:
        weight = operation.inputs[1]
        if operation.inputs[0] != name or self.axis != _CONVOLUTION_AXIS or operation.attributes.get("transposed"):
            return False
        if operation.attributes.get("groups", 1) == 1:
            self.group.tensors.append((weight, 1))
            return True
        if operation.attributes.get("groups") != self.group.channels or self.graph.tensors[weight].shape[0] != (
            self.group.channels
        ):
            return False
        self.group.tensors.append((weight, 0))
        self.group.attributes.append((operation.id, "groups"))
        return all(self._vector(extra) for extra in operation.inputs[2:]) and self._carry(operation.outputs[0])

    def _beside(self, name: str) -> bool:
        """Another operand of an operation that keeps channels: of this group already, a vector, or a producer's."""
        if name in self.seen:
            return True
        if self.graph.tensors[name].role == "weight":
            return self._vector(name)
        writer = self.graph.writer.get(name)
        return writer is not None and self._produce(writer)


def _is_dense_convolution(operation: Operation, tensors: Mapping[str, Tensor]) -> bool:
    return (
        operation.kind == "convolution"
        and operation.attributes.get("groups", 1) == 1
        and not operation.attributes.get("transposed")
        and tensors[operation.inputs[1]].role == "weight"
    )


def _is_linear(operation: Operation, tensors: Mapping[str, Tensor]) -> bool:
    if operation.kind != "matmul" or operation.attributes.get("batch", 1) != 1:
        return False
    weight = tensors[operation.inputs[1]]
    return weight.role == "weight" and weight.shape == (operation.attributes["n"], operation.attributes["k"])
