"""A language model that takes in a chunk of one prompt beside a decode step of other sequences, in one run.

Made from the graph `extend(batch, seq, past, logits)`. What works token by token (linear layers, norms, experts) takes
the tokens of both, `batch * seq + chunk` rows, and so reads its weights once. What looks at a cache (attention, writing
to the cache, convolutions and scans with a state) is there twice: `ID#decode` over `batch` sequences of `seq` tokens
with `past` in the cache, `ID#chunk` over one sequence of `chunk` tokens with `chunk_past` in its own. Both read and
write their rows of the same tensors, without a copy. Of the chunk the last position's logits are computed.

**Source:** Yu et al., Orca, OSDI 2022 (selective batching); Agrawal et al., Sarathi-Serve, OSDI 2024 (chunks).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from socsim.errors import WorkloadError
from socsim.workload import Dim, Operation, Symbol, Tensor, Workload
from socsim.workload.operation import SIZE_ATTRIBUTES, Attribute

_WHOLE = {"batch": "1", "seq": "(batch*seq + chunk)", "logits": "(batch*logits + 1)"}
_PARTS: Mapping[str, Mapping[str, str]] = {
    "decode": {},
    "chunk": {"batch": "1", "seq": "chunk", "past": "chunk_past", "logits": "1"},
}
_LENGTHS = frozenset({"batch", "seq", "past", "logits"})


def mixed_batch(workload: Workload) -> Workload:
    """The graph over `batch`, `seq`, `past`, `logits`, `chunk` and `chunk_past`; its weights are the workload's."""
    if not workload.is_language_model:
        raise WorkloadError(workload.name, "is no language model: only one can take in a chunk beside a decode step")
    return _Mixer(workload).mixed()


class _Mixer:
    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self._tensors: dict[str, Tensor] = {}

    def mixed(self) -> Workload:
        workload = self._workload
        operations: list[Operation] = []
        for operation in workload.operations:
            if self._looks_at_a_cache(operation):
                operations += [self._part(operation, part) for part in _PARTS]
            else:
                for name in (*operation.inputs, *operation.outputs):
                    self._whole(name)
                attributes = _attributes(operation.attributes, _WHOLE)
                operations.append(dataclasses.replace(operation, attributes=attributes))
        return dataclasses.replace(
            workload,
            name=f"{workload.name}-mixed",
            tensors=self._tensors,
            operations=tuple(operations),
            symbols=(*workload.symbols, *_chunk_symbols(workload)),
            weights_of=workload.weights_hash,
        )

    def _looks_at_a_cache(self, operation: Operation) -> bool:
        workload = self._workload
        names = (*operation.inputs, *operation.outputs)
        is_stateful = any(workload.tensors[workload.root(name)].role == "state" for name in names)
        return is_stateful or "past" in workload.symbols_used(operation)

    def _part(self, operation: Operation, part: str) -> Operation:
        """The operation over the sequences of one part, on its rows of what they share."""
        lengths = _PARTS[part]
        return dataclasses.replace(
            operation,
            id=f"{operation.id}#{part}",
            inputs=tuple([self._rows(name, part) for name in operation.inputs]),
            outputs=tuple([self._rows(name, part) for name in operation.outputs]),
            attributes=_attributes(operation.attributes, lengths),
        )

    def _whole(self, name: str) -> str:
        """A tensor over the tokens of both parts."""
        tensor = self._workload.tensors[name]
        if name not in self._tensors:
            if tensor.alias_of is not None:
                self._whole(tensor.alias_of)
            self._tensors[name] = dataclasses.replace(tensor, shape=_shape(tensor.shape, _WHOLE))
        return name

    def _rows(self, name: str, part: str) -> str:
        """What one part has of a tensor: a cache of its own, or a view of its rows."""
        workload = self._workload
        tensor, root = workload.tensors[name], workload.root(name)
        if not any(_LENGTHS & _names(dim) for dim in (*tensor.shape, *workload.tensors[root].shape)):
            return self._whole(name)
        is_apart = self._is_apart(root)
        own = name if is_apart and part == "decode" else f"{name}#{part}"
        if own not in self._tensors:
            storage = self._rows(root, part) if is_apart and root != name else None if is_apart else self._whole(root)
            shape = _shape(tensor.shape, _PARTS[part])
            self._tensors[own] = Tensor(own, shape, tensor.dtype, tensor.role, storage)
        return own

    def _is_apart(self, root: str) -> bool:
        """Whether each part has a tensor of its own: caches, and what is as long as them."""
        tensor = self._workload.tensors[root]
        return tensor.role == "state" or any("past" in _names(dim) for dim in tensor.shape)


def _chunk_symbols(workload: Workload) -> tuple[Symbol, Symbol]:
    longest = next(symbol.maximum for symbol in workload.symbols if symbol.name == "seq")
    return (
        Symbol("chunk", 64, 1, longest, "tokens of a prompt that one sequence more takes in"),
        Symbol("chunk_past", 0, 0, longest, "tokens of that prompt in its cache already"),
    )


def _shape(shape: tuple[Dim, ...], lengths: Mapping[str, str]) -> tuple[Dim, ...]:
    return tuple([_renamed(dim, lengths) if isinstance(dim, str) else dim for dim in shape])


def _attributes(attributes: Mapping[str, Attribute], lengths: Mapping[str, str]) -> dict[str, Attribute]:
    return {
        key: _renamed(value, lengths) if key in SIZE_ATTRIBUTES and isinstance(value, str) else value
        for key, value in attributes.items()
    }


def _renamed(size: str, lengths: Mapping[str, str]) -> str:
    """A size with other lengths in it."""
    return re.sub(r"[A-Za-z_]\w*", lambda found: lengths.get(found[0], found[0]), size)


def _names(dim: Dim) -> frozenset[str]:
    return frozenset() if isinstance(dim, int) else frozenset(re.findall(r"[A-Za-z_]\w*", dim))
