"""The contract of a kind of compute unit: its parameters, what it supports, and what a group of operations costs.

One file under `socsim/cost/` per kind: a `Params` model derived from `UnitParams`, a `UnitModel`, one registration.
An outside package does the same in a module named by an entry point of the group `socsim.components`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from socsim.hardware import UnitParams
from socsim.registry import Registry
from socsim.workload import BoundOperation

P = TypeVar("P", bound=UnitParams)


@dataclass(frozen=True, slots=True)
class GroupCost:
    """What the body of one task costs, apart from moving its bytes.

    `cycles` of the unit's clock with all its slots; `operation_counts` are ((kind, precision), count) for the energy
    model; `weight_passes` and `activation_passes` say how often operands stream from memory because they do not fit
    on chip (1 = once); `num_launches` how many programs or kernels the front end starts for it. `scratch_bytes` are
    of an intermediate that does not stay on the unit: written and read `scratch_passes` times.

    A task may leave a part of the unit idle: on a unit that shares itself out it takes `slots` of them (None: all);
    `active_fraction` of the cores draw power (None: those of the slots); it moves at most `most_bytes_per_s` beyond the
    unit's own caches (0: what the unit can) and has at most `in_flight_bytes` outstanding (0: as the unit). `in_place`:
    what it makes already lies where its inputs lie, so it moves nothing.
    """

    cycles: int
    operation_counts: tuple[tuple[tuple[str, str], int], ...] = ()
    weight_passes: float = 1.0
    activation_passes: float = 1.0
    num_launches: int = 1
    scratch_bytes: int = 0
    scratch_passes: float = 0.0
    slots: int | None = None
    active_fraction: float | None = None
    most_bytes_per_s: float = 0.0
    in_flight_bytes: int = 0
    in_place: bool = False


class UnitModel(ABC, Generic[P]):
    """Costs of one kind of unit. Stateless: everything that varies stands in `Params`."""

    Params: ClassVar[type[UnitParams]]

    @abstractmethod
    def supports(self, operation: BoundOperation, params: P) -> bool:
        """Whether the unit can run the operation at all."""

    @abstractmethod
    def cost(self, operations: Sequence[BoundOperation], params: P) -> GroupCost:
        """The cost of operations fused into one task, producer first; all are supported. Pure."""

    @abstractmethod
    def peaks(self, params: P) -> dict[str, float]:
        """Peak arithmetic rates for people to read: precision -> FLOP per second."""

    def launch_cycles(self, operations: Sequence[BoundOperation], params: P, starts_program: bool) -> int:
        """Cycles of the unit's own clock that its front end takes for a task, beside `launch`; `starts_program` where
        the task is the first of a run on this unit."""
        return 0

    def activation_memory_bytes(self, params: P) -> int:
        """Memory on the unit that keeps activations from one task to the next, besides what the running task needs."""
        return 0

    def tile_memory_bytes(self, params: P) -> int:
        """Memory on the unit for the tiles of the running task; 0: it cannot keep what lies between layers there, so it
        cannot work depth-first."""
        return 0

    def weight_memory_bytes(self, params: P) -> int:
        """Memory on the unit that keeps weights from one run to the next."""
        return 0

    def prefetch_memory_bytes(self, params: P) -> int:
        """Weights that may wait on the unit, or in a cache near it, for tasks to come; 0: each task fetches its own."""
        return 0

    def on_chip_memory_bytes(self, params: P) -> int:
        """All memory inside the unit that its parameters size, for the area of the die."""
        return 0

    def can_fuse(self, operation: BoundOperation, group: Sequence[BoundOperation], params: P) -> bool:
        """Whether `operation` may join the task of its producers (chains of cheap work do, by default)."""
        return operation.kind in FUSIBLE_KINDS


FUSIBLE_KINDS = frozenset({"elementwise", "normalization", "softmax"})
"""Kinds that compilers fold into the operation that produces their input."""

unit_models: Registry[type[UnitModel]] = Registry("kind of unit")  # type: ignore[type-arg]
