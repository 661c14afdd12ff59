"""Placement policies: on which unit each operation runs.

A policy is a function registered by name; it sees the bound operations and the units that may be used and returns a
unit name per operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from socsim.cost import UnitModel
from socsim.errors import MappingError
from socsim.hardware import UnitParams
from socsim.registry import Registry
from socsim.workload import BoundOperation, Workload


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may be used, with its model, in order of preference."""

    params: UnitParams
    model: UnitModel[UnitParams]

    def supports(self, operation: BoundOperation) -> bool:
        """Whether the unit can run the operation, its own limits on operand size included."""
        limit = self.params.max_tensor_bytes
        if limit is not None and any(t.size_bytes > limit for t in (*operation.inputs, *operation.outputs)):
            return False
        return self.model.supports(operation, self.params)


Placement = Callable[[Workload, Sequence[BoundOperation], Sequence[Candidate]], list[str]]

placements: Registry[Placement] = Registry("placement policy")

MATRIX_KINDS = frozenset({"matmul", "grouped_matmul", "convolution", "attention", "scan"})
"""The kinds that decide where a graph runs; everything else follows them."""


@placements.register("rule")
def place_by_rule(
    workload: Workload, operations: Sequence[BoundOperation], candidates: Sequence[Candidate]
) -> list[str]:
    """The whole graph on the most preferred unit that supports all its matrix work; an operation that this unit cannot
    run goes to the next one that can. Where no unit supports all matrix work, each operation takes the most preferred
    unit that supports it. Raises `MappingError` naming operations that nothing can run."""
    matrix = [operation for operation in dict.fromkeys(operations) if operation.kind in MATRIX_KINDS]
    main = [c for c in candidates if all(c.supports(operation) for operation in matrix)]
    order = [*main[:1], *[c for c in candidates if c not in main[:1]]]
    choice: dict[BoundOperation, str | None] = {}
    homeless = []
    placed = []
    for index, operation in enumerate(operations):
        if operation not in choice:
            choice[operation] = next((c.params.name for c in order if c.supports(operation)), None)
        unit = choice[operation]
        if unit is None:
            homeless.append(f"{workload.operations[index].kind} {workload.operations[index].label}")
        placed.append(unit or "")
    if homeless:
        names = ", ".join(c.params.name for c in candidates)
        shown = "; ".join(homeless[:5]) + (f" and {len(homeless) - 5} more" if len(homeless) > 5 else "")
        raise MappingError(f"{workload.name}: none of the units {names} supports {shown}")
    return placed
