"""What all templates of a workload under one placement share: groups, dependencies, buffers, recipes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from socsim.mapping.fusion import Group
from socsim.mapping.memory_plan import MemoryPlan
from socsim.mapping.prefetch import Fetch
from socsim.mapping.recipe import Recipe, Sized
from socsim.mapping.segments import new_programs
from socsim.taskgraph import Access, Buffer, Task, TaskGraph, Variant
from socsim.workload import Workload
from socsim.workload.expression import symbols_of
from socsim.workload.graph import CACHE_LENGTHS


class Structure:
    """Placement and fusion of a workload, and the tasks and buffers that have been made for it so far.

    `resident` are the parts of tensors that stay on their unit; `slot_buffers[i]` is the buffer of each tensor slot of
    group i. Buffers of tensors come first, then one for each group with an intermediate that does not stay on its unit,
    then one for each piece of a weight that is fetched during an earlier task.
    """

    def __init__(
        self,
        plan: MemoryPlan,
        groups: tuple[Group, ...],
        resident: Mapping[str, Fraction],
        recipes: dict[object, Recipe],
        sized: SizedBy,
        values: Mapping[str, int],
    ) -> None:
        self.workload = workload = plan.workload
        self.groups = groups
        self.plan = plan
        self.resident = resident
        self.predecessors = _predecessors(workload, groups)
        self.starts_segment = new_programs([group.unit for group in groups], self.predecessors)
        self.recipes: list[Recipe] = []
        self.slot_buffers: list[tuple[int, ...]] = []
        for group, starts in zip(groups, self.starts_segment, strict=True):
            recipe, buffers = Recipe.of(self.plan, group, starts, resident)
            self.recipes.append(recipes.setdefault(recipe.signature, recipe))
            self.slot_buffers.append(buffers)
        self.buffer_symbols = [
            tuple(sorted(frozenset().union(*(symbols_of(dim) for dim in workload.tensors[root].shape))))
            for root in self.plan.roots
        ]
        shapes: dict[object, int] = {}
        self._shapes = [
            shapes.setdefault((tensor.shape, tensor.dtype, resident.get(root)), len(shapes))
            for root in self.plan.roots
            for tensor in (workload.tensors[root],)
        ]
        self._sizes: dict[tuple[int, tuple[int, ...]], int] = {}
        self.first: TaskGraph | None = None
        self._tasks: list[dict[int, Task]] = [{} for _ in groups]
        self._buffers: list[dict[tuple[int, ...], Buffer]] = [{} for _ in self.plan.roots]
        self._moving_groups = [i for i, recipe in enumerate(self.recipes) if CACHE_LENGTHS & set(recipe.symbols)]
        self._moving_buffers = [i for i, symbols in enumerate(self.buffer_symbols) if CACHE_LENGTHS & set(symbols)]
        self._scratch = {
            group: len(self.plan.roots) + number
            for number, group in enumerate(
                [i for i in range(len(groups)) if sized(self, i, values).cost.scratch_passes]
            )
        }
        self._scratch_buffers: dict[tuple[int, int], Buffer] = {}
        self._pieces: list[Buffer] = []
        self._fetches: dict[int, list[int]] = {}
        self._fetched_bytes: dict[int, int] = {}

    def fetchable(self, position: int, sized: SizedBy, values: Mapping[str, int]) -> list[tuple[int, int]]:
        """(buffer, bytes) of the weights that a group reads once and whole and no other group reads."""
        buffers = self.slot_buffers[position]
        return [
            (buffers[moved.slot], moved.read_bytes)
            for moved in sized(self, position, values).movements
            if moved.ahead and moved.whole and self.plan.is_used_once(buffers[moved.slot])
        ]

    def fetch_ahead(self, fetches: Sequence[Fetch], sized: SizedBy, values: Mapping[str, int]) -> None:
        """Cut weights into pieces that earlier tasks of their segment fetch, before any task or buffer is made."""
        first = len(self.plan.roots) + len(self._scratch)
        for fetch in fetches:
            left = fetch.size_bytes
            for buffer, size_bytes in self.fetchable(fetch.of, sized, values):
                fetched = self._fetched_bytes.get(buffer, 0)
                taken = min(left, size_bytes - fetched)
                if taken:
                    left -= taken
                    self._fetched_bytes[buffer] = fetched + taken
                    self._fetches.setdefault(fetch.during, []).append(first + len(self._pieces))
                    whole = self.plan.buffer(buffer, values)
                    ends = f"{whole.name} from {fetched}", f"{whole.key}@{fetched}"
                    self._pieces.append(whole._replace(name=ends[0], key=ends[1], size_bytes=taken))

    def buffers(self, sized: SizedBy, values: Mapping[str, int], base: Sequence[Buffer] | None) -> list[Buffer]:
        """All buffers at given lengths; where `base` differs in `past` alone, only what mentions it is renewed."""
        if base is not None:
            chosen = list(base)
            for position in self._moving_buffers:
                chosen[position] = self._buffer(position, values)
        else:
            chosen = [self._buffer(i, values) for i in range(len(self.plan.roots))]
            chosen += [_NOTHING] * len(self._scratch) + self._pieces
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
            # caches of keys and values grow with every step, one like the other
            like = (self._shapes[position], key)
            size_bytes = self._sizes.get(like)
            if size_bytes is None:
                kept = self.resident.get(self.plan.roots[position], Fraction(0))
                size_bytes = self._sizes[like] = self.plan.buffer(position, values, kept).size_bytes
            size_bytes -= self._fetched_bytes.get(position, 0)
            known = self._buffers[position][key] = self.plan.buffer_of_size(position, size_bytes)
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
            accesses=self._accesses(position, size, buffers),
            launch_ps=size.launch_ps,
            submit_ps=size.submit_ps,
            slots=size.slots,
            first_tile_bytes=size.first_tile_bytes,
            ahead_tile_bytes=size.ahead_tile_bytes,
            last_tile_bytes=size.last_tile_bytes,
            handover_ps=size.handover_ps,
            operation_counts=size.cost.operation_counts,
            active_fraction=size.cost.active_fraction,
            most_bytes_per_s=size.cost.most_bytes_per_s,
            in_flight_bytes=size.cost.in_flight_bytes,
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

    def _accesses(self, position: int, size: Sized, buffers: Sequence[int]) -> tuple[Access, ...]:
        accesses = []
        for m in size.movements:
            read = m.read_bytes - (self._fetched_bytes.get(buffers[m.slot], 0) if m.ahead else 0)
            if read or m.write_bytes:
                accesses.append(Access(buffers[m.slot], read, m.write_bytes, m.pattern, m.ahead, m.whole))
        first = len(self.plan.roots) + len(self._scratch)
        for piece in self._fetches.get(position, ()):
            accesses.append(Access(piece, self._pieces[piece - first].size_bytes, 0, ahead=True))
        return tuple(accesses)


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
