"""Operations cut into parts that several units work on at the same time, and what joins the parts again.

`columns` gives each unit some of the output channels (it reads the whole input and its slice of the weights), `rows`
some of the rows (its slice of the input, with the kernel's overhang, and all weights), `batch` some of the inputs side
by side. Where the next operation is cut in the same way its parts go on without meeting; anything else needs the whole
result, which a copy puts together (a concatenation: every byte is read and written once more).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from socsim.mapping.split_axes import Axes, axes_of
from socsim.workload import Dim, Operation, Tensor, Workload
from socsim.workload.operation import Attribute


@dataclass(frozen=True, slots=True)
class Split:
    """How an operation is cut: `by` columns, rows or batch, and (unit, weight): a part in proportion to its weight."""

    by: str
    over: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A workload after cutting: `units` says where each part runs and `splits` how each operation was cut, by id."""

    workload: Workload
    units: Mapping[str, str]
    splits: Mapping[str, Split]


def cut(workload: Workload, splits: Mapping[int, Split]) -> Cut:
    """The workload with operations (by number) cut in parts `ID#UNIT`; those that cannot be cut so stay whole."""
    return _Cutter(workload).run(splits)


def part_size(size: Dim, before: int, after: int, whole: int) -> Dim:
    """Part of a size from `before` to `after` of `whole` shares, so that the parts of a size add up to it."""
    if isinstance(size, int):
        return size * after // whole - size * before // whole
    return f"({size})*{after}//{whole} - ({size})*{before}//{whole}"


@dataclass(frozen=True, slots=True)
class _Pieces:
    split: Split
    axis: int
    names: tuple[str, ...]
    producer: Operation


class _Cutter:
    def __init__(self, workload: Workload) -> None:
        self.workload = workload
        self.tensors = dict(workload.tensors)
        self.operations: list[Operation] = []
        self.units: dict[str, str] = {}
        self.pieces: dict[str, _Pieces] = {}
        self.joined: set[str] = set()
        self.readers: dict[str, int] = {}
        for operation in workload.operations:
            for name in operation.inputs:
                root = workload.root(name)
                self.readers[root] = self.readers.get(root, 0) + 1

    def run(self, splits: Mapping[int, Split]) -> Cut:
        done: dict[str, Split] = {}
        for index, operation in enumerate(self.workload.operations):
            split = splits.get(index)
            axes = axes_of(operation, self.workload.tensors, split.by) if split is not None else None
            if split is None or axes is None:
                for name in (*operation.inputs, *operation.outputs):
                    self._join(name)
                self.operations.append(operation)
            else:
                done[operation.id] = split
                self._cut(operation, split, axes)
        for name, tensor in self.workload.tensors.items():
            if tensor.role in ("output", "state"):
                self._join(name)
        used = {name for operation in self.operations for name in (*operation.inputs, *operation.outputs)}
        used |= {root for name in used if (root := self.tensors[name].alias_of) is not None}
        kept = {
            name: tensor
            for name, tensor in self.tensors.items()
            if name in used or (name in self.workload.tensors and tensor.role not in ("activation", "weight"))
        }
        workload = dataclasses.replace(self.workload, tensors=kept, operations=tuple(self.operations))
        return Cut(workload, self.units, done)

    def _join(self, name: str) -> None:
        """Put the whole of a tensor together, once, where only its parts are there."""
        root = self.workload.root(name)
        found = self.pieces.get(root)
        if found is None or root in self.joined:
            return
        self.joined.add(root)
        home = max(found.split.over, key=lambda item: item[1])[0]
        identity = f"{found.producer.id}#join"
        self.units[identity] = home
        self.operations.append(
            Operation(identity, "data_movement", found.names, (root,), {"function": "concat"}, found.producer.label)
        )

    def _cut(self, operation: Operation, split: Split, axes: Axes) -> None:
        whole = sum(weight for _, weight in split.over)
        output = operation.outputs[0]
        before = 0
        names = []
        sources = [
            self._source(name, axis, split, axes) for name, axis in zip(operation.inputs, axes.inputs, strict=True)
        ]
        for position, (unit, weight) in enumerate(split.over):
            share = (before, before + weight, whole)
            before += weight
            inputs = tuple(
                [
                    name if axis is None else source[position] if source else self._slice(name, axis, share, axes)
                    for name, axis, source in zip(operation.inputs, axes.inputs, sources, strict=True)
                ]
            )
            tensor = self.tensors[output]
            shape = _with(tensor.shape, axes.output, part_size(tensor.shape[axes.output], *share))
            part = f"{output}#{unit}"
            self.tensors[part] = Tensor(part, shape, tensor.dtype, "activation")
            names.append(part)
            identity = f"{operation.id}#{unit}"
            self.units[identity] = unit
            attributes = _attributes(operation, shape)
            self.operations.append(
                dataclasses.replace(operation, id=identity, inputs=inputs, outputs=(part,), attributes=attributes)
            )
        self.pieces[output] = _Pieces(split, axes.output, tuple(names), operation)

    def _source(self, name: str, axis: int | None, split: Split, axes: Axes) -> tuple[str, ...]:
        """The parts of an input that are there already, cut in the same way; none: the whole is made to be there."""
        root = self.workload.root(name)
        found = self.pieces.get(root)
        if found is not None and found.split == split and found.axis == axis and not axes.overhang:
            if name == root:
                return found.names
            tensor, storage = self.tensors[name], self.tensors[root]
            if axis == 0 and tensor.shape[0] == storage.shape[0]:
                return tuple([self._view(name, part) for part in found.names])
        self._join(name)
        return ()

    def _view(self, name: str, part: str) -> str:
        """The same view of a part as of the whole, along the first axis."""
        identity = f"{name}#{part.rpartition('#')[2]}"
        if identity not in self.tensors:
            tensor, storage = self.tensors[name], self.tensors[part]
            shape = (storage.shape[0], *tensor.shape[1:])
            self.tensors[identity] = dataclasses.replace(tensor, id=identity, shape=shape, alias_of=part)
        return identity

    def _slice(self, name: str, axis: int, share: tuple[int, int, int], axes: Axes) -> str:
        """The slice of a whole tensor that a part reads: storage of its own for a weight that nobody else reads."""
        tensor = self.tensors[name]
        size = part_size(tensor.shape[axis], *share)
        identity = f"{name}#{axis}.{share[0]}-{share[1]}/{share[2]}"
        length = tensor.shape[axis]
        if axes.overhang and axis == axes.inputs[0] and isinstance(size, int) and isinstance(length, int):
            size = min(length, size + axes.overhang)
            identity = f"{name}#{axis}.{share[0]}-{share[1]}/{share[2]}+{axes.overhang}"
        root = self.workload.root(name)
        own = tensor.role == "weight" and tensor.alias_of is None and self.readers[root] == 1
        self.tensors[identity] = dataclasses.replace(
            tensor, id=identity, shape=_with(tensor.shape, axis, size), alias_of=None if own else root
        )
        return identity


def _with(shape: tuple[Dim, ...], axis: int, size: Dim) -> tuple[Dim, ...]:
    return (*shape[:axis], size, *shape[axis + 1 :])


def _attributes(operation: Operation, shape: Sequence[Dim]) -> Mapping[str, Attribute]:
    """The sizes of a product follow from the shape of its part."""
    if operation.kind != "matmul":
        return operation.attributes
    rows: Dim = 1
    for size in shape[:-1]:
        rows = rows * size if isinstance(rows, int) and isinstance(size, int) else f"({rows})*({size})"
    return {**operation.attributes, "m": rows, "n": shape[-1]}
