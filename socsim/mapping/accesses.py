"""What a fused task moves from and to memory: each outside buffer once per pass, nothing that stays inside."""

from __future__ import annotations

import math
from collections.abc import Sequence

from socsim.cost import GroupCost
from socsim.mapping.memory_plan import MemoryPlan
from socsim.taskgraph import Access
from socsim.workload import BoundOperation, Operation
from socsim.workload.work import operand_read_bytes, operand_write_bytes


def group_accesses(
    plan: MemoryPlan, operations: Sequence[Operation], bound: Sequence[BoundOperation], cost: GroupCost
) -> tuple[Access, ...]:
    """Accesses of a group of operations, in order of first use.

    A tensor that two operations of the group read is read once (the larger of the two). What an earlier operation of
    the group has written is read from the unit, not from memory. Weights can be fetched ahead of the task's turn.
    """
    reads: dict[int, int] = {}
    writes: dict[int, int] = {}
    random: set[int] = set()
    written_here: set[int] = set()
    for operation, sizes in zip(operations, bound, strict=True):
        for index, name in enumerate(operation.inputs):
            buffer = plan.buffer_of(name)
            if buffer is None or buffer in written_here:
                continue
            size = operand_read_bytes(sizes, index)
            reads[buffer] = max(reads.get(buffer, 0), size)
            if operation.kind in ("embedding", "scatter") and index == 0:
                random.add(buffer)
        for index, name in enumerate(operation.outputs):
            buffer = plan.buffer_of(name)
            if buffer is None:
                continue
            writes[buffer] = max(writes.get(buffer, 0), operand_write_bytes(sizes, index))
            written_here.add(buffer)
    accesses = []
    for buffer in dict.fromkeys((*reads, *writes)):
        role = plan.workload.tensors[plan.roots[buffer]].role
        passes = cost.weight_passes if role == "weight" else cost.activation_passes
        read, write = reads.get(buffer, 0), writes.get(buffer, 0)
        if read or write:
            accesses.append(
                Access(
                    buffer,
                    math.ceil(read * passes),
                    write,
                    "random" if buffer in random else "sequential",
                    ahead=role == "weight" and not write,
                )
            )
    return tuple(accesses)
