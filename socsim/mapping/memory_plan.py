"""The memory plan: which buffer each tensor lives in, and how much memory a run needs at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from socsim.mapping.fusion import Group
from socsim.taskgraph import Buffer, Scope
from socsim.workload import Workload

_NONE = Fraction(0)
_SCOPES: dict[str, Scope] = {"weight": "shared", "state": "stream"}


class MemoryPlan:
    """Buffers of a workload: one for each tensor that has storage of its own and that some task reads or writes from
    memory. Weights are shared by all streams of one workload, state belongs to a stream, the rest to one instance."""

    def __init__(self, workload: Workload, groups: Sequence[Group]) -> None:
        self.workload = workload
        self._index: dict[str, int] = {}
        self.roots: list[str] = []
        last_group: dict[str, int] = {}
        first_group: dict[str, int] = {}
        inside = _internal_tensors(workload, groups)
        for position, group in enumerate(groups):
            for index in group.operations:
                operation = workload.operations[index]
                for name in (*operation.inputs, *operation.outputs):
                    root = workload.root(name)
                    if root in inside:
                        continue
                    if root not in self._index:
                        self._index[root] = len(self.roots)
                        self.roots.append(root)
                    first_group.setdefault(root, position)
                    last_group[root] = position
        self.internal = inside
        self._alive = [(first_group[root], last_group[root]) for root in self.roots]

    def buffer_of(self, tensor_id: str) -> int | None:
        """Index of a tensor's buffer, or None for one that never leaves its task."""
        return self._index.get(self.workload.root(tensor_id))

    def buffer(self, position: int, bindings: Mapping[str, int], resident: Fraction = _NONE) -> Buffer:
        """A buffer at given lengths, less the part that stays on its unit."""
        size = self.workload.operand(self.roots[position], bindings).size_bytes
        return self.buffer_of_size(position, size - math.floor(size * resident) if resident else size)

    def buffer_of_size(self, position: int, size_bytes: int) -> Buffer:
        """A buffer of so many bytes."""
        root = self.roots[position]
        role = self.workload.tensors[root].role
        scope = _SCOPES.get(role, "instance")
        return Buffer(root, size_bytes, role, scope, f"{self.workload.weights_hash}/{root}" if role == "weight" else "")

    def is_used_once(self, position: int) -> bool:
        """Whether one task alone uses a buffer."""
        first, last = self._alive[position]
        return first == last

    def peak_activation_bytes(self, buffers: Sequence[Buffer]) -> int:
        """The largest set of instance buffers alive at once, tasks taken in order."""
        change: dict[int, int] = {}
        for buffer, (first, last) in zip(buffers, self._alive, strict=True):
            if buffer.scope == "instance":
                change[first] = change.get(first, 0) + buffer.size_bytes
                change[last + 1] = change.get(last + 1, 0) - buffer.size_bytes
        live = peak = 0
        for position in sorted(change):
            live += change[position]
            peak = max(peak, live)
        return peak

    def memory_bytes(self, bindings: Mapping[str, int], streams: int = 1) -> int:
        """Memory that a run at these lengths needs at once: weights once, state and live activations per stream."""
        buffers = [self.buffer(position, bindings) for position in range(len(self.roots))]
        shared = sum(buffer.size_bytes for buffer in buffers if buffer.scope == "shared")
        state = sum(buffer.size_bytes for buffer in buffers if buffer.scope == "stream")
        return shared + streams * (state + self.peak_activation_bytes(buffers))


def _internal_tensors(workload: Workload, groups: Sequence[Group]) -> frozenset[str]:
    """Roots of tensors that one task writes, no other reads, and that are no output or state: they stay on the unit."""
    home: dict[str, int] = {}
    outside: set[str] = set()
    for position, group in enumerate(groups):
        for index in group.operations:
            operation = workload.operations[index]
            for name in operation.inputs:
                root = workload.root(name)
                if home.get(root) != position:
                    outside.add(root)
            for name in operation.outputs:
                root = workload.root(name)
                if home.setdefault(root, position) != position:
                    outside.add(root)
    persistent = {
        t.alias_of or t.id for t in workload.tensors.values() if t.role in ("output", "state", "weight", "input")
    }
    read = {workload.root(name) for operation in workload.operations for name in operation.inputs}
    return frozenset(root for root in home if root not in outside and root not in persistent and root in read)
