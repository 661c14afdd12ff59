"""The recipe of a group: what is the same for all groups that compute the same thing (the layers of a model).

A recipe turns lengths into sizes (cost, traffic, tiles) once, however many layers share it; a layer only puts its own
buffers and names in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from socsim.cost import GroupCost, UnitModel
from socsim.hardware import UnitParams
from socsim.mapping.accesses import Movement, movements
from socsim.mapping.bands import banded
from socsim.mapping.depth_first import banded_cost, slots_of, weight_passes
from socsim.mapping.fusion import Group
from socsim.mapping.memory_plan import MemoryPlan
from socsim.quantity import cycles_to_ps
from socsim.workload import Operation, Workload
from socsim.workload.work import work


@dataclass(frozen=True, slots=True)
class Sized:
    """A group at given lengths: everything a task needs besides names and buffers. `lead` is its main operation."""

    cost: GroupCost
    movements: tuple[Movement, ...]
    lead: int
    flop: int
    matmul_flop: int
    launch_ps: int
    submit_ps: int
    slots: int
    first_tile_bytes: int
    ahead_tile_bytes: int
    last_tile_bytes: int
    handover_ps: int


class Recipe:
    """Operations of a group with tensors numbered instead of named. Equal signatures mean equal work."""

    __slots__ = (
        "_last",
        "_sized",
        "bands",
        "operations",
        "resident",
        "roles",
        "signature",
        "slots",
        "starts_segment",
        "symbols",
        "unit",
        "workload",
    )

    def __init__(
        self,
        workload: Workload,
        unit: str,
        operations: tuple[Operation, ...],
        slots: tuple[tuple[tuple[int | None, ...], tuple[int | None, ...]], ...],
        roles: dict[int, str],
        starts_segment: bool,
        resident: tuple[tuple[int, Fraction], ...] = (),
        bands: int = 1,
    ) -> None:
        self.bands = bands
        self.workload = workload
        self.unit = unit
        self.operations = operations
        self.slots = slots
        self.roles = roles
        self.starts_segment = starts_segment
        self.resident = dict(resident)
        used = frozenset().union(*(workload.symbols_used(operation) for operation in operations))
        self.symbols = tuple(sorted(used))
        tensors = workload.tensors
        self.signature = (
            unit,
            starts_segment,
            slots,
            resident,
            (bands, tuple(slots_of(workload, operations))) if bands > 1 else bands,
            tuple(
                (
                    op.kind,
                    tuple(sorted(op.attributes.items())),
                    tuple((tensors[n].shape, tensors[n].dtype, tensors[n].role) for n in (*op.inputs, *op.outputs)),
                )
                for op in operations
            ),
        )
        self._sized: dict[tuple[int, ...], Sized] = {}
        self._last: Sized | None = None

    @staticmethod
    def of(
        plan: MemoryPlan, group: Group, starts_segment: bool, resident: Mapping[str, Fraction]
    ) -> tuple[Recipe, tuple[int, ...]]:
        """The recipe of a group, and the buffer that each of its slots stands for. `resident` are the parts of tensors
        that stay on their unit."""
        workload = plan.workload
        operations = tuple(workload.operations[index] for index in group.operations)
        numbers: dict[int, int] = {}

        def slot(name: str) -> int | None:
            buffer = plan.buffer_of(name)
            return None if buffer is None else numbers.setdefault(buffer, len(numbers))

        slots = tuple(
            (tuple([slot(name) for name in op.inputs]), tuple([slot(name) for name in op.outputs])) for op in operations
        )
        roles = {number: workload.tensors[plan.roots[buffer]].role for buffer, number in numbers.items()}
        kept = tuple([(n, resident[plan.roots[b]]) for b, n in numbers.items() if plan.roots[b] in resident])
        recipe = Recipe(workload, group.unit, operations, slots, dict(roles), starts_segment, kept, group.bands)
        return recipe, tuple(numbers)

    def sized(self, values: Mapping[str, int], params: UnitParams, model: UnitModel[UnitParams]) -> Sized:
        """Cost, traffic and tiles at given lengths on the unit the group was placed on; memoised, and the same
        object while the result stays equal from one length to the next, so that unchanged tasks are recognised."""
        key = tuple([values[name] for name in self.symbols])
        known = self._sized.get(key)
        if known is None:
            fresh = self._size(values, params, model)
            if self._last is not None and self._last == fresh:
                fresh = self._last
            known = self._sized[key] = self._last = fresh
        return known

    def _size(self, values: Mapping[str, int], params: UnitParams, model: UnitModel[UnitParams]) -> Sized:
        bound = tuple([self.workload.bind(operation, values) for operation in self.operations])
        if self.bands == 1:
            cost = model.cost(bound, params)
            moved = movements(bound, self.slots, self.roles, cost, self.resident)
        else:
            chain = banded(bound, slots_of(self.workload, self.operations), self.bands)
            cost = banded_cost(model, params, chain, weight_passes(model, params, bound, chain, self.bands))
            read = [replace(wide, outputs=own.outputs) for wide, own in zip(chain.operations, bound, strict=True)]
            moved = movements(read, self.slots, self.roles, cost, self.resident)
        totals = [work(operation) for operation in bound]
        launch = cost.num_launches * params.launch + (params.run_overhead if self.starts_segment else 0)
        launch += cycles_to_ps(model.launch_cycles(bound, params, self.starts_segment), params.clock)
        return Sized(
            cost=cost,
            movements=moved,
            lead=max(range(len(bound)), key=lambda i: (totals[i].matmul_flop, totals[i].flop, -i)),
            flop=sum(total.flop for total in totals),
            matmul_flop=sum(total.matmul_flop for total in totals),
            launch_ps=launch,
            submit_ps=params.submit * cost.num_launches + (params.run_submit if self.starts_segment else 0),
            slots=_slots(cost, params),
            first_tile_bytes=min(sum(m.read_bytes for m in moved if not m.ahead), params.tile),
            ahead_tile_bytes=min(sum(m.read_bytes for m in moved if m.ahead), params.tile),
            last_tile_bytes=min(sum(m.write_bytes for m in moved), params.tile),
            handover_ps=params.handover,
        )


def _slots(cost: GroupCost, params: UnitParams) -> int:
    """How many of a unit's shares a task takes."""
    if params.concurrency != "spatial":
        return 1
    return params.slots if cost.slots is None else max(1, min(cost.slots, params.slots))
