"""What all templates of a workload under one placement share: groups, dependencies, buffers, recipes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from socsim.mapping.fusion import Group
from socsim.mapping.memory_plan import MemoryPlan
from socsim.mapping.recipe import Recipe, Sized
from socsim.taskgraph import Access, Buffer, Task, TaskGraph, Variant
from socsim.workload import Workload
from socsim.workload.expression import symbols_of


class Structure:
    """Placement and fusion of a workload, and the tasks and buffers that have been made for it so far.

    `slot_buffers[i]` is the buffer of each tensor slot of group i. Buffers of tensors come first, then one for each
    group with an intermediate that does not stay on its unit.
    """

    def __init__(
        self,
        workload: Workload,
        groups: tuple[Group, ...],
        recipes: dict[object, Recipe],
        sized: SizedBy,
        values: Mapping[str, int],
    ) -> None:
        self.workload = workload
        self.groups = groups
        self.plan = MemoryPlan(workload, groups)
        self.predecessors = _predecessors(workload, groups)
        self.starts_segment = [
            position == 0 or group.unit != groups[position - 1].unit for position, group in enumerate(groups)
        ]
        self.recipes: list[Recipe] = []
        self.slot_buffers: list[tuple[int, ...]] = []
        for group, starts in zip(groups, self.starts_segment, strict=True):
            recipe, buffers = Recipe.of(self.plan, group, starts)
            self.recipes.append(recipes.setdefault(recipe.signature, recipe))
            self.slot_buffers.append(buffers)
        self.buffer_symbols = [
            tuple(sorted(frozenset().union(*(symbols_of(dim) for dim in workload.tensors[root].shape))))
            for root in self.plan.roots
        ]
        self.first: TaskGraph | None = None
        self._tasks: list[dict[int, Task]] = [{} for _ in groups]
        self._buffers: list[dict[tuple[int, ...], Buffer]] = [{} for _ in self.plan.roots]
        self._moving_groups = [i for i, recipe in enumerate(self.recipes) if "past" in recipe.symbols]
        self._moving_buffers = [i for i, symbols in enumerate(self.buffer_symbols) if "past" in symbols]
        self._scratch = {
            group: len(self.plan.roots) + number
            for number, group in enumerate(
                [i for i in range(len(groups)) if sized(self, i, values).cost.scratch_passes]
            )
        }
        self._scratch_buffers: dict[tuple[int, int], Buffer] = {}

    def buffers(self, sized: SizedBy, values: Mapping[str, int], base: Sequence[Buffer] | None) -> list[Buffer]:
        """All buffers at given lengths; where `base` differs in `past` alone, only what mentions it is renewed."""
        if base is not None:
            chosen = list(base)
            for position in self._moving_buffers:
                chosen[position] = self._buffer(position, values)
        else:
            chosen = [self._buffer(i, values) for i in range(len(self.plan.roots))] + [_NOTHING] * len(self._scratch)
        for group, position in self._scratch.items():
            chosen[position] = self._scratch_buffer(group, sized(self, group, values).cost.scratch_bytes)
        return chosen

    def memory_bytes(self, sized: SizedBy, values: Mapping[str, int]) -> int:
        """Memory that one stream needs at these lengths: the plan's, and the largest scratch buffer."""
        scratch = [sized(self, group, values).cost.scratch_bytes for group in self._scratch]
        return self.plan.memory_bytes(values) + max(scratch, default=0)

    def tasks(self, sized: SizedBy, values: Mapping[str, int], base: Sequence[Task] | None) -> list[Task]:
        """All tasks at given lengths; where `base` differs in `past` alone, only what mentions it is renewed."""
        chosen = list(base) if base is not None else [self._task(i, sized, values) for i in range(len(self.groups))]
        for position in self._moving_groups if base is not None else ():
            chosen[position] = self._task(position, sized, values)
        return chosen

    def _buffer(self, position: int, values: Mapping[str, int]) -> Buffer:
        key = tuple([values[name] for name in self.buffer_symbols[position]])
        known = self._buffers[position].get(key)
        if known is None:
            known = self._buffers[position][key] = self.plan.buffer(position, values)
        return known

    def _scratch_buffer(self, group: int, size_bytes: int) -> Buffer:
        key = (group, size_bytes)
        known = self._scratch_buffers.get(key)
        if known is None:
            first = self.workload.operations[self.groups[group].operations[0]].id
            known = self._scratch_buffers[key] = Buffer(f"{first} scratch", size_bytes, "activation", "instance")
        return known

    def _task(self, position: int, sized: SizedBy, values: Mapping[str, int]) -> Task:
        size = sized(self, position, values)
        known = self._tasks[position].get(id(size))
        if known is None:
            known = self._tasks[position][id(size)] = self._new_task(position, size)
        return known

    def _new_task(self, position: int, size: Sized) -> Task:
        group = self.groups[position]
        buffers = self.slot_buffers[position]
        if position in self._scratch:
            buffers = (*buffers, self._scratch[position])  # slot SCRATCH is the last
        operations = self.workload.operations
        lead = operations[group.operations[size.lead]]
        variant = Variant(
            unit=group.unit,
            cycles=size.cost.cycles,
            accesses=tuple(
                [
                    Access(buffers[m.slot], m.read_bytes, m.write_bytes, m.pattern, m.ahead, m.whole)
                    for m in size.movements
                ]
            ),
            launch_ps=size.launch_ps,
            submit_ps=size.submit_ps,
            slots=size.slots,
            first_tile_bytes=size.first_tile_bytes,
            ahead_tile_bytes=size.ahead_tile_bytes,
            last_tile_bytes=size.last_tile_bytes,
            handover_ps=size.handover_ps,
            operation_counts=size.cost.operation_counts,
        )
        return Task(
            name=lead.id,
            label=lead.label,
            kind=lead.kind,
            predecessors=self.predecessors[position],
            variants=(variant,),
            flop=size.flop,
            matmul_flop=size.matmul_flop,
            operations=tuple([operations[index].id for index in group.operations]),
        )


_NOTHING = Buffer("", 0, "activation", "instance")

SizedBy = Callable[[Structure, int, Mapping[str, int]], Sized]
"""The cost of a structure's group at given lengths: asked of the mapper, which knows the units."""


def _predecessors(workload: Workload, groups: Sequence[Group]) -> list[tuple[int, ...]]:
    """For each group the earlier groups whose results it reads, or whose storage it overwrites after they used it."""
    writer: dict[str, int] = {}
    readers: dict[str, list[int]] = {}
    result = []
    for position, group in enumerate(groups):
        before: list[int] = []
        for index in group.operations:
            operation = workload.operations[index]
            for name in operation.inputs:
                root = workload.root(name)
                if root in writer:
                    before.append(writer[root])
                readers.setdefault(root, []).append(position)
            for name in operation.outputs:
                root = workload.root(name)
                if root in writer:
                    before.append(writer[root])
                before += readers.pop(root, [])
                writer[root] = position
        result.append(tuple(sorted({other for other in before if other != position})))
    return result
