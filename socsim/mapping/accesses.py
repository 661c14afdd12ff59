"""What a fused task moves from and to memory: each outside tensor once per pass, nothing that stays inside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from socsim.cost import GroupCost
from socsim.workload import BoundOperation
from socsim.workload.work import operand_read_bytes, operand_write_bytes


@dataclass(frozen=True, slots=True)
class Movement:
    """Bytes to and from one outside tensor of a group; `slot` numbers the group's tensors in order of first use."""

    slot: int
    read_bytes: int
    write_bytes: int
    pattern: Literal["sequential", "random"]
    ahead: bool
    whole: bool


SCRATCH = -1
"""The slot of a group's scratch buffer: an intermediate that does not stay on the unit."""

Slots = Sequence[tuple[Sequence[int | None], Sequence[int | None]]]
"""For each operation the slots of its inputs and of its outputs; None for a tensor that never leaves the group."""


_NOTHING: Mapping[int, Fraction] = MappingProxyType({})


def movements(
    bound: Sequence[BoundOperation],
    slots: Slots,
    roles: Mapping[int, str],
    cost: GroupCost,
    resident: Mapping[int, Fraction] = _NOTHING,
) -> tuple[Movement, ...]:
    """What a group of operations moves, in order of first use.

    A tensor that two operations of the group read is read once (the larger of the two). What an earlier operation of
    the group has written is read from the unit, not from memory. Of a tensor that is `resident` in part (by slot) only
    the rest moves. Weights can be fetched ahead of the task's turn. A scratch buffer is written and read once per pass.
    What is swept several times within a task streams past caches. A task in place moves nothing.
    """
    if cost.in_place:
        return ()
    reads: dict[int, int] = {}
    writes: dict[int, int] = {}
    random: list[int] = []
    sizes: dict[int, int] = {}
    for operation, (inputs, outputs) in zip(bound, slots, strict=True):
        for index, slot in enumerate(inputs):
            if slot is not None and slot not in writes:
                sizes[slot] = max(sizes.get(slot, 0), operation.inputs[index].size_bytes)
                reads[slot] = max(reads.get(slot, 0), operand_read_bytes(operation, index))
                if operation.kind in ("embedding", "scatter") and index == 0:
                    random.append(slot)
        for index, slot in enumerate(outputs):
            if slot is not None:
                sizes[slot] = max(sizes.get(slot, 0), operation.outputs[index].size_bytes)
                writes[slot] = max(writes.get(slot, 0), operand_write_bytes(operation, index))
    result = []
    for slot in dict.fromkeys((*reads, *writes)):
        is_weight = roles[slot] == "weight"
        once, write = reads.get(slot, 0), writes.get(slot, 0)
        read = math.ceil(once * (cost.weight_passes if is_weight else cost.activation_passes))
        whole = max(once, write) >= sizes[slot] > 0 and read <= once
        if slot in resident:
            away = 1 - resident[slot]
            read, write = math.ceil(read * away), math.ceil(write * away)
        if read or write:
            pattern: Literal["sequential", "random"] = "random" if slot in random else "sequential"
            result.append(Movement(slot, read, write, pattern, is_weight and not write, whole))
    return (*result, *_scratch(cost))


def _scratch(cost: GroupCost) -> tuple[Movement, ...]:
    moved = math.ceil(cost.scratch_bytes * cost.scratch_passes)
    return (Movement(SCRATCH, moved, moved, "sequential", False, False),) if moved else ()
