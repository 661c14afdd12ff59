"""Workload x Soc -> task graphs: one template per symbol binding, sharing every task that the binding does not touch.

The structure (placement, fusion groups, dependencies, buffers) is found once per workload and kind of step; a decode
step at another `past` only re-evaluates the tasks whose operations mention `past`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socsim.cost import GroupCost
from socsim.hardware import Soc, UnitParams
from socsim.mapping.accesses import group_accesses
from socsim.mapping.fusion import Group, fuse
from socsim.mapping.memory_plan import MemoryPlan
from socsim.mapping.placement import Candidate, placements
from socsim.taskgraph import Buffer, Task, TaskGraph, Variant
from socsim.workload import BoundOperation, Workload
from socsim.workload.work import work


class Structure:
    """What all templates of a workload under one placement share."""

    def __init__(self, workload: Workload, groups: tuple[Group, ...]) -> None:
        self.workload = workload
        self.groups = groups
        self.plan = MemoryPlan(workload, groups)
        self.predecessors = _predecessors(workload, groups)
        self.symbols = [
            tuple(sorted(frozenset().union(*(workload.symbols_used(workload.operations[i]) for i in group.operations))))
            for group in groups
        ]
        self.buffer_symbols = [_buffer_symbols(workload, root) for root in self.plan.roots]
        self.starts_segment = [
            position == 0 or group.unit != groups[position - 1].unit for position, group in enumerate(groups)
        ]
        self.tasks: list[dict[tuple[int, ...], Task]] = [{} for _ in groups]
        self.buffers: list[dict[tuple[int, ...], Buffer]] = [{} for _ in self.plan.roots]
        self.first: TaskGraph | None = None


class Mapper:
    """Maps workloads onto one SoC. Keeps what it has computed, so ask the same mapper for every step of a run."""

    def __init__(self, soc: Soc, candidates: Sequence[Candidate], placement: str = "rule") -> None:
        self.soc = soc
        self.candidates = {candidate.params.name: candidate for candidate in candidates}
        self._place = placements.get(placement, "--place")
        self._structures: dict[Any, Structure] = {}
        self._templates: dict[Any, TaskGraph] = {}
        self._costs: dict[tuple[str, tuple[BoundOperation, ...]], GroupCost] = {}

    def template(self, workload: Workload, bindings: Mapping[str, int] | None = None) -> TaskGraph:
        """The task graph of a workload at given lengths (defaults for the rest); the same object for the same lengths.

        Raises `MappingError` where no unit can run an operation, `WorkloadError` for lengths out of range.
        """
        values = workload.complete(bindings)
        key = (id(workload), *values.values())
        known = self._templates.get(key)
        if known is None:
            structure = self.structure(workload, values)
            known = self._templates[key] = self._build(structure, values)
        return known

    def memory_bytes(self, workload: Workload, bindings: Mapping[str, int] | None = None) -> int:
        """Memory that one stream of the workload needs at these lengths."""
        values = workload.complete(bindings)
        return self.structure(workload, values).plan.memory_bytes(values)

    def structure(self, workload: Workload, values: Mapping[str, int]) -> Structure:
        """Placement and fusion. They may depend on batch and step length (limits on operand size), not on `past`."""
        key = (id(workload), *(value for name, value in values.items() if name != "past"))
        known = self._structures.get(key)
        if known is None:
            bound = [workload.bind(operation, values) for operation in workload.operations]
            unit_of = self._place(workload, bound, tuple(self.candidates.values()))

            def can_fuse(index: int, group: Sequence[int], unit: str) -> bool:
                candidate = self.candidates[unit]
                return candidate.model.can_fuse(bound[index], [bound[i] for i in group], candidate.params)

            groups = fuse(workload, unit_of, can_fuse)
            for other in self._structures.values():
                if other.workload is workload and other.groups == groups:
                    known = other
                    break
            else:
                known = Structure(workload, groups)
            self._structures[key] = known
        return known

    def _build(self, structure: Structure, values: Mapping[str, int]) -> TaskGraph:
        tasks = []
        for position, symbols in enumerate(structure.symbols):
            key = tuple(values[name] for name in symbols)
            task = structure.tasks[position].get(key)
            if task is None:
                task = structure.tasks[position][key] = self._task(structure, position, values)
            tasks.append(task)
        buffers = []
        for position, symbols in enumerate(structure.buffer_symbols):
            key = tuple(values[name] for name in symbols)
            buffer = structure.buffers[position].get(key)
            if buffer is None:
                buffer = structure.buffers[position][key] = structure.plan.buffer(position, values)
            buffers.append(buffer)
        workload = structure.workload
        graph = TaskGraph(
            name=workload.name,
            tasks=tuple(tasks),
            buffers=tuple(buffers),
            bindings=" ".join(f"{name}={value}" for name, value in values.items()),
            workload=workload.content_hash,
            partial=workload.partial,
            structure=structure.first,
        )
        if structure.first is None:
            structure.first = graph
        return graph

    def _task(self, structure: Structure, position: int, values: Mapping[str, int]) -> Task:
        workload, group = structure.workload, structure.groups[position]
        operations = [workload.operations[index] for index in group.operations]
        bound = tuple(workload.bind(operation, values) for operation in operations)
        candidate = self.candidates[group.unit]
        params: UnitParams = candidate.params
        cost_key = (group.unit, bound)
        cost = self._costs.get(cost_key)
        if cost is None:
            cost = self._costs[cost_key] = candidate.model.cost(bound, params)
        accesses = group_accesses(structure.plan, operations, bound, cost)
        dependent = sum(access.read_bytes for access in accesses if not access.ahead)
        ahead = sum(access.read_bytes for access in accesses if access.ahead)
        written = sum(access.write_bytes for access in accesses)
        launch = cost.num_launches * params.launch + (params.run_overhead if structure.starts_segment[position] else 0)
        variant = Variant(
            unit=group.unit,
            cycles=cost.cycles,
            accesses=accesses,
            launch_ps=launch,
            submit_ps=params.submit * cost.num_launches,
            slots=params.slots if params.concurrency == "spatial" else 1,
            first_tile_bytes=min(dependent, params.tile),
            ahead_tile_bytes=min(ahead, params.tile),
            last_tile_bytes=min(written, params.tile),
            handover_ps=params.handover,
            operation_counts=cost.operation_counts,
        )
        totals = [work(operation) for operation in bound]
        lead = max(range(len(bound)), key=lambda i: (totals[i].matmul_flop, totals[i].flop, -i))
        return Task(
            name=operations[lead].id,
            label=operations[lead].label,
            kind=operations[lead].kind,
            predecessors=structure.predecessors[position],
            variants=(variant,),
            flop=sum(total.flop for total in totals),
            matmul_flop=sum(total.matmul_flop for total in totals),
            operations=tuple(operation.id for operation in operations),
        )


def _predecessors(workload: Workload, groups: Sequence[Group]) -> list[tuple[int, ...]]:
    """For each group the earlier groups whose results it reads, or whose storage it overwrites after they used it."""
    writer: dict[str, int] = {}
    readers: dict[str, set[int]] = {}
    result = []
    for position, group in enumerate(groups):
        before: set[int] = set()
        for index in group.operations:
            operation = workload.operations[index]
            for name in operation.inputs:
                root = workload.root(name)
                if root in writer:
                    before.add(writer[root])
                readers.setdefault(root, set()).add(position)
            for name in operation.outputs:
                root = workload.root(name)
                if root in writer:
                    before.add(writer[root])
                before |= readers.pop(root, set())
                writer[root] = position
        before.discard(position)
        result.append(tuple(sorted(before)))
    return result


def _buffer_symbols(workload: Workload, root: str) -> tuple[str, ...]:
    from socsim.workload.expression import symbols_of

    names: frozenset[str] = frozenset().union(*(symbols_of(dim) for dim in workload.tensors[root].shape))
    return tuple(sorted(names))
