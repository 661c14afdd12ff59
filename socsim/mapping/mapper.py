"""Workload x Soc -> task graphs: one template per symbol binding, sharing every task that the binding does not touch.

The structure (placement, fusion groups, dependencies, buffers) is found once per workload and kind of step; a decode
step at another `past` only renews the tasks whose operations mention `past`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socsim.hardware import Soc
from socsim.mapping.fusion import fuse
from socsim.mapping.placement import Candidate, placements
from socsim.mapping.recipe import Recipe, Sized
from socsim.mapping.structure import Structure
from socsim.taskgraph import TaskGraph
from socsim.workload import Workload


class Mapper:
    """Maps workloads onto one SoC. Keeps what it has computed, so ask the same mapper for every step of a run."""

    def __init__(self, soc: Soc, candidates: Sequence[Candidate], placement: str = "rule") -> None:
        self.soc = soc
        self.candidates = {candidate.params.name: candidate for candidate in candidates}
        self._place = placements.get(placement, "--place")
        self._workloads: list[Workload] = []
        self._structures: dict[Any, Structure] = {}
        self._recipes: dict[object, Recipe] = {}
        self._templates: dict[Any, TaskGraph] = {}
        self._bases: dict[Any, TaskGraph] = {}

    def template(self, workload: Workload, bindings: Mapping[str, int] | None = None) -> TaskGraph:
        """The task graph of a workload at given lengths (defaults for the rest); the same object for the same lengths.

        Raises `MappingError` where no unit can run an operation, `WorkloadError` for lengths out of range.
        """
        values = workload.complete(bindings)
        number = self._number(workload)
        key = (number, *values.values())
        known = self._templates.get(key)
        if known is None:
            structure = self.structure(workload, values)
            known = self._templates[key] = self._build(number, structure, values)
        return known

    def memory_bytes(self, workload: Workload, bindings: Mapping[str, int] | None = None) -> int:
        """Memory that one stream of the workload needs at these lengths."""
        values = workload.complete(bindings)
        return self.structure(workload, values).memory_bytes(self._sized, values)

    def structure(self, workload: Workload, values: Mapping[str, int]) -> Structure:
        """Placement and fusion. They may depend on batch and step length (limits on operand size), not on `past`."""
        key = (self._number(workload), *_without_past(values))
        known = self._structures.get(key)
        if known is None:
            bound = [workload.bind(operation, values) for operation in workload.operations]
            unit_of = self._place(workload, bound, tuple(self.candidates.values()))

            def can_fuse(index: int, group: Sequence[int], unit: str) -> bool:
                candidate = self.candidates[unit]
                return candidate.model.can_fuse(bound[index], [bound[i] for i in group], candidate.params)

            groups = fuse(workload, unit_of, can_fuse)
            same = [s for s in self._structures.values() if s.workload is workload and s.groups == groups]
            known = same[0] if same else Structure(workload, groups, self._recipes, self._sized, values)
            self._structures[key] = known
        return known

    def _number(self, workload: Workload) -> int:
        """A small number for a workload object (hashing its content would cost more than mapping it)."""
        for number, known in enumerate(self._workloads):
            if known is workload:
                return number
        self._workloads.append(workload)
        return len(self._workloads) - 1

    def _build(self, number: int, structure: Structure, values: Mapping[str, int]) -> TaskGraph:
        base_key = (number, *_without_past(values))
        base = self._bases.get(base_key)
        workload = structure.workload
        graph = TaskGraph(
            name=workload.name,
            tasks=tuple(structure.tasks(self._sized, values, base.tasks if base else None)),
            buffers=tuple(structure.buffers(self._sized, values, base.buffers if base else None)),
            bindings=" ".join(f"{name}={value}" for name, value in values.items()),
            workload=workload.content_hash,
            partial=workload.partial,
            structure=structure.first,
        )
        structure.first = structure.first or graph
        self._bases.setdefault(base_key, graph)
        return graph

    def _sized(self, structure: Structure, position: int, values: Mapping[str, int]) -> Sized:
        recipe = structure.recipes[position]
        candidate = self.candidates[recipe.unit]
        return recipe.sized(values, candidate.params, candidate.model)


def _without_past(values: Mapping[str, int]) -> tuple[int, ...]:
    return tuple([value for name, value in values.items() if name != "past"])
