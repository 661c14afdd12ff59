"""What stays on a unit and never goes to memory: activations between tasks, weights between runs.

A tensor that tasks of one unit alone write and read may stay in the memory that the unit keeps for activations, from
the task that writes it to the last that reads it. Tasks are taken in order; each new tensor gets what is free, whole or
a part, which a compiler makes of it by tiling; what does not fit goes to memory and back. Weights fill the memory that
a unit keeps for them in the order of their first use and are there from the start (a warm run).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from socsim.mapping.fusion import Group
from socsim.mapping.memory_plan import MemoryPlan

_PIECES = 64
"""Parts of a tensor are counted in so many pieces, so that equal layers stay equal."""


@dataclass(frozen=True, slots=True)
class OnUnit:
    """Bytes that a unit keeps for activations between tasks, and for weights between runs."""

    activation_bytes: int = 0
    weight_bytes: int = 0


def resident_parts(
    plan: MemoryPlan, groups: Sequence[Group], memories: Mapping[str, OnUnit], values: Mapping[str, int]
) -> dict[str, Fraction]:
    """Tensor (root) -> the part of it that stays on its unit; those of which nothing stays are left out."""
    lives = _lives(plan, groups)
    parts = _activations(plan, lives, len(groups), {unit: m.activation_bytes for unit, m in memories.items()}, values)
    return parts | _weights(plan, lives, {unit: m.weight_bytes for unit, m in memories.items()})


@dataclass(slots=True)
class _Life:
    """The tasks that use a tensor first and last, and the one unit that uses it (None: several)."""

    first: int
    last: int
    unit: str | None
    written: bool


def _lives(plan: MemoryPlan, groups: Sequence[Group]) -> dict[str, _Life]:
    """Of every tensor that leaves its task, in the order of first use."""
    workload = plan.workload
    lives: dict[str, _Life] = {}
    for position, group in enumerate(groups):
        for index in group.operations:
            operation = workload.operations[index]
            for written, names in ((False, operation.inputs), (True, operation.outputs)):
                for root in (workload.root(name) for name in names):
                    if root in plan.internal:
                        continue
                    life = lives.setdefault(root, _Life(position, position, group.unit, written))
                    life.last = position
                    life.unit = life.unit if life.unit == group.unit else None
    return lives


def _activations(
    plan: MemoryPlan,
    lives: Mapping[str, _Life],
    num_groups: int,
    capacity: Mapping[str, int],
    values: Mapping[str, int],
) -> dict[str, Fraction]:
    free = dict(capacity)
    if not any(free.values()):
        return {}
    tensors = plan.workload.tensors
    begins: list[list[str]] = [[] for _ in range(num_groups)]
    for root, life in lives.items():
        if life.written and life.unit is not None and tensors[root].role == "activation":
            begins[life.first].append(root)
    ends: list[list[tuple[str, int]]] = [[] for _ in range(num_groups)]
    parts: dict[str, Fraction] = {}
    for position in range(num_groups):
        for root in begins[position]:
            unit = lives[root].unit or ""
            pieces, taken = _fitting(tensors[root].bind(values).size_bytes, free.get(unit, 0))
            if pieces:
                parts[root] = Fraction(pieces, _PIECES)
                free[unit] -= taken
                ends[lives[root].last].append((unit, taken))
        for unit, taken in ends[position]:
            free[unit] += taken
    return parts


def _weights(plan: MemoryPlan, lives: Mapping[str, _Life], capacity: Mapping[str, int]) -> dict[str, Fraction]:
    free = dict(capacity)
    parts: dict[str, Fraction] = {}
    for root, life in lives.items():
        tensor = plan.workload.tensors[root]
        if tensor.role == "weight" and life.unit is not None and free.get(life.unit):
            pieces, taken = _fitting(tensor.bind({}).size_bytes, free[life.unit])
            if pieces:
                parts[root] = Fraction(pieces, _PIECES)
                free[life.unit] -= taken
    return parts


def _fitting(size_bytes: int, free_bytes: int) -> tuple[int, int]:
    """(pieces of a tensor that fit, bytes they take)."""
    pieces = min(_PIECES, _PIECES * free_bytes // size_bytes) if size_bytes else 0
    return pieces, -(-size_bytes * pieces // _PIECES)
