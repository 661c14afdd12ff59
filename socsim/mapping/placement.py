"""Placement: on which unit each operation runs. What a policy is asked, and where policies are registered.

A policy is one file of this package with a function registered by name; it sees a `PlacementProblem` and returns a
unit name per operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from socsim.cost import UnitModel
from socsim.errors import MappingError
from socsim.hardware import Soc, UnitParams
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


_FREE: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PlacementProblem:
    """What a policy is asked: `operations[i]` is the workload's operation i with every size a number, `candidates` are
    the units that may be used, the preferred one first, and `pins` say where some operations have to run.

    `trial_ps` maps a placement as a whole and simulates it alone on the chip: its latency. None where nobody can.
    """

    soc: Soc
    workload: Workload
    operations: Sequence[BoundOperation]
    candidates: tuple[Candidate, ...]
    pins: Mapping[int, str] = field(default_factory=lambda: _FREE)
    trial_ps: Callable[[Sequence[str]], int] | None = None
    seed: int = 0
    notes: list[str] = field(default_factory=list)
    """What the policy has to say to the user."""

    def may_run(self, index: int, candidate: Candidate) -> bool:
        """Whether a unit may run operation `index`: it supports it, and no pin says otherwise."""
        return self.pins.get(index, candidate.params.name) == candidate.params.name and candidate.supports(
            self.operations[index]
        )

    def homeless(self, indices: Sequence[int]) -> MappingError:
        """The error that names operations which no unit may run."""
        pinned = [index for index in indices if index in self.pins]
        if pinned:
            operation = self.workload.operations[pinned[0]]
            return MappingError(
                f"{self.workload.name}: {operation.kind} '{operation.id}' is pinned to unit '{self.pins[pinned[0]]}', "
                "which does not support it"
            )
        operations = [self.workload.operations[index] for index in indices]
        shown = "; ".join(f"{operation.kind} {operation.label}" for operation in operations[:5])
        shown += f" and {len(operations) - 5} more" if len(operations) > 5 else ""
        names = ", ".join(candidate.params.name for candidate in self.candidates)
        return MappingError(f"{self.workload.name}: none of the units {names} supports {shown}")


Placement = Callable[[PlacementProblem], list[str]]

placements: Registry[Placement] = Registry("placement policy")
