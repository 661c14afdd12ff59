"""Identical layers, stored once: a workload as plain runs of operations and repeated layers, and back.

A layer is found by its module path: operations labelled `model.layers.3...` that equal those of `model.layers.2...` but
for the number. In a template `{layer}` stands for the number and `{layer-1}` for the one before; `enter` says what the
first layer reads where the others read the layer before them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from socsim.workload.operation import Operation
from socsim.workload.tensor import Tensor

THIS, BEFORE = "{layer}", "{layer-1}"
_NUMBER = re.compile(r"(?<=\.)\d+(?=\.|$)|^\d+(?=\.|$)")
_AFTER_NUMBER = ("", ".", "/", "[", ":")


@dataclass(frozen=True, slots=True)
class Repeat:
    """`count` layers `<prefix>.<first>` ...: their operations and tensors as templates."""

    prefix: str
    first: int
    count: int
    enter: Mapping[str, str]
    tensors: tuple[Tensor, ...]
    operations: tuple[Operation, ...]


Part = Repeat | tuple[Operation, ...]
"""Repeated layers, or a plain run of operations."""


def split(operations: Sequence[Operation], tensors: Mapping[str, Tensor]) -> tuple[list[Part], list[Tensor]]:
    """The operations as parts, and the tensors that no repeated layer yields.

    `join` of the result gives back the same operations in the same order and the same tensors.
    """
    parts: list[Part] = []
    plain: list[Operation] = []
    position = 0
    while position < len(operations):
        found = _repeat_at(operations, tensors, position)
        if found is None:
            plain.append(operations[position])
            position += 1
            continue
        if plain:
            parts.append(tuple(plain))
            plain = []
        parts.append(found)
        position += found.count * len(found.operations)
    if plain:
        parts.append(tuple(plain))
    made = {tensor.id: tensor for part in parts if isinstance(part, Repeat) for tensor in _tensors_of(part)}
    return parts, [tensor for tensor in tensors.values() if made.get(tensor.id) != tensor]


def join(parts: Iterable[Part], tensors: Iterable[Tensor]) -> tuple[tuple[Operation, ...], dict[str, Tensor]]:
    """All operations in order, and all tensors in order of first use (each root before its views)."""
    operations: list[Operation] = []
    known: dict[str, Tensor] = {}
    for part in parts:
        if isinstance(part, Repeat):
            for tensor in _tensors_of(part):
                known[tensor.id] = tensor
            operations.extend(_operations_of(part))
        else:
            operations.extend(part)
    for tensor in tensors:
        known[tensor.id] = tensor
    return tuple(operations), in_order_of_use(operations, known)


def in_order_of_use(operations: Iterable[Operation], tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors in the order in which operations name them, roots before views, unused ones last."""
    ordered: dict[str, Tensor] = {}
    for operation in operations:
        for name in (*operation.inputs, *operation.outputs):
            if name in ordered or name not in tensors:
                continue
            root = tensors[name].alias_of
            if root is not None and root not in ordered and root in tensors:
                ordered[root] = tensors[root]
            ordered[name] = tensors[name]
    for name, tensor in tensors.items():
        ordered.setdefault(name, tensor)
    return ordered


def deepened(
    operations: Sequence[Operation], tensors: Mapping[str, Tensor], prefix: str, count: int
) -> tuple[tuple[Operation, ...], dict[str, Tensor]] | None:
    """The same model with `count` layers `<prefix>.0` ... instead of the few that it has; None where its layers are not
    all alike."""
    parts, rest = split(operations, tensors)
    layers = [part for part in parts if isinstance(part, Repeat) and part.prefix == prefix]
    if len(layers) != 1 or layers[0].first != 0:
        return None
    last_before, last_after = f"{prefix}.{layers[0].count - 1}", f"{prefix}.{count - 1}"
    rename = _renaming({last_before: last_after})
    stray = [t for t in rest if t.id.startswith(prefix + ".") and not _begins(t.id, last_before)]
    others = [op for part in parts if not isinstance(part, Repeat) for op in part]
    if stray or any(op.label.startswith(prefix + ".") for op in others):
        return None
    deep: list[Part] = []
    for part in parts:
        if not isinstance(part, Repeat):
            deep.append(tuple(_renamed(operation, rename) for operation in part))
        elif part is layers[0]:
            deep.append(replace(part, count=count))
        else:
            return None
    return join(deep, [_renamed_tensor(tensor, rename) for tensor in rest])


def _repeat_at(operations: Sequence[Operation], tensors: Mapping[str, Tensor], position: int) -> Repeat | None:
    """The longest run of equal layers that begins with this operation, the outermost number of its label first."""
    label = operations[position].label
    before = operations[position - 1].label if position else ""
    for number in _NUMBER.finditer(label):
        prefix, first = label[: number.start()].rstrip("."), int(number.group())
        path = _path(prefix, first)
        if position and _begins(before, path):
            continue
        runs = _runs(operations, position, prefix, first)
        if len(runs) >= 2:
            found = _template(runs, tensors, prefix, first)
            if found is not None:
                return found
    return None


def _path(prefix: str, number: int | str) -> str:
    return f"{prefix}.{number}" if prefix else str(number)


def _runs(operations: Sequence[Operation], position: int, prefix: str, first: int) -> list[Sequence[Operation]]:
    """Consecutive stretches of operations of layer `first`, `first + 1`, ..."""
    runs: list[Sequence[Operation]] = []
    start, number = position, first
    while True:
        path = _path(prefix, number)
        end = start
        while end < len(operations) and _begins(operations[end].label, path):
            end += 1
        if end == start:
            return runs
        runs.append(operations[start:end])
        start, number = end, number + 1


def _template(runs: list[Sequence[Operation]], tensors: Mapping[str, Tensor], prefix: str, first: int) -> Repeat | None:
    template = tuple(_renamed(op, _generic(prefix, first + 1)) for op in runs[1])
    enter = _enter(template, runs[0], _generic(prefix, first))
    if enter is None:
        return None
    names = {name for op in template for name in (*op.inputs, *op.outputs)}
    own = _own_tensors(names, tensors, prefix, first + 1)
    layers = Repeat(prefix, first, 1, enter, own, template)
    if not _tensors_alike(layers, first, tensors, enter):
        return None
    count = 1
    while count < len(runs) and len(runs[count]) == len(template):
        number = first + count
        rename = _generic(prefix, number)
        if any(_renamed(op, rename) != t for op, t in zip(runs[count], template, strict=True)):
            break
        if not _tensors_alike(layers, number, tensors, None):
            break
        count += 1
    return replace(layers, count=count) if count >= 2 else None


def _tensors_alike(layers: Repeat, number: int, tensors: Mapping[str, Tensor], enter: dict[str, str] | None) -> bool:
    """Whether a layer has the template's tensors but for their roles; fills `enter` where a view's root differs."""
    generic, concrete = _generic(layers.prefix, number), _concrete(layers, number)
    for template in layers.tensors:
        actual = tensors.get(concrete(template.id))
        if actual is None or (actual.shape, actual.dtype) != (template.shape, template.dtype):
            return False
        root = None if actual.alias_of is None else generic(actual.alias_of)
        if root == template.alias_of:
            continue
        if enter is None or root is None or template.alias_of is None or BEFORE not in template.alias_of:
            return False
        if enter.setdefault(template.alias_of, root) != root:
            return False
    return True


def _own_tensors(names: set[str], tensors: Mapping[str, Tensor], prefix: str, number: int) -> tuple[Tensor, ...]:
    """Templates of the tensors of one layer, in a fixed order."""
    generic = _generic(prefix, number)
    path = _path(prefix, number)
    own = [t for t in tensors.values() if _begins(t.id, path)]
    roots = {t.alias_of for t in own}
    return tuple(_renamed_tensor(t, generic) for t in own if generic(t.id) in names or t.id in roots)


def _enter(
    template: Sequence[Operation], first: Sequence[Operation], generic: Callable[[str], str]
) -> dict[str, str] | None:
    """What the first layer reads where the template reads the layer before; None where they differ in anything else."""
    if len(template) != len(first):
        return None
    enter: dict[str, str] = {}
    for wanted, original in zip(template, first, strict=True):
        actual = _renamed(original, generic)
        if actual == wanted:
            continue
        if len(actual.inputs) != len(wanted.inputs) or replace(actual, inputs=()) != replace(wanted, inputs=()):
            return None
        for ours, theirs in zip(wanted.inputs, actual.inputs, strict=True):
            if ours != theirs and (BEFORE not in ours or enter.setdefault(ours, theirs) != theirs):
                return None
    return enter


def _tensors_of(layers: Repeat) -> Iterator[Tensor]:
    for number in range(layers.first, layers.first + layers.count):
        rename = _concrete(layers, number)
        for tensor in layers.tensors:
            yield _renamed_tensor(tensor, rename)


def _operations_of(layers: Repeat) -> Iterator[Operation]:
    for number in range(layers.first, layers.first + layers.count):
        rename = _concrete(layers, number)
        for operation in layers.operations:
            yield _renamed(operation, rename)


def _begins(text: str, path: str) -> bool:
    return text.startswith(path) and text[len(path) : len(path) + 1] in _AFTER_NUMBER


def _generic(prefix: str, number: int) -> Callable[[str], str]:
    return _renaming({_path(prefix, number): _path(prefix, THIS), _path(prefix, number - 1): _path(prefix, BEFORE)})


def _concrete(layers: Repeat, number: int) -> Callable[[str], str]:
    this, before = str(number), str(number - 1)
    enter = layers.enter if number == layers.first else {}

    def rename(text: str) -> str:
        if "{" not in text:
            return text
        text = enter.get(text, text)
        return text.replace(THIS, this).replace(BEFORE, before)

    return rename


def _renaming(paths: Mapping[str, str]) -> Callable[[str], str]:
    def rename(text: str) -> str:
        for old, new in paths.items():
            if _begins(text, old):
                return new + text[len(old) :]
        return text

    return rename


def _renamed(operation: Operation, rename: Callable[[str], str]) -> Operation:
    return Operation(
        rename(operation.id),
        operation.kind,
        tuple([rename(name) for name in operation.inputs]),
        tuple([rename(name) for name in operation.outputs]),
        operation.attributes,
        rename(operation.label),
        operation.operator,
        operation.module_class,
    )


def _renamed_tensor(tensor: Tensor, rename: Callable[[str], str]) -> Tensor:
    alias = None if tensor.alias_of is None else rename(tensor.alias_of)
    return Tensor(rename(tensor.id), tensor.shape, tensor.dtype, tensor.role, alias)
