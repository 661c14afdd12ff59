"""Workload x Soc -> task graphs: one template per symbol binding, sharing every task that the binding does not touch.

The structure (placement, fusion groups, dependencies, buffers) is found once per workload and kind of step; a decode
step at another `past` only renews the tasks whose operations mention `past`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from socsim.errors import ConfigError
from socsim.hardware import Soc
from socsim.mapping.depth_first import deepened
from socsim.mapping.fusion import Group, fuse
from socsim.mapping.map_file import MapFile
from socsim.mapping.memory_plan import MemoryPlan
from socsim.mapping.pinned_tasks import check_tasks
from socsim.mapping.pins import NO_PINS, Pins, check_units, entry_for, pins_of, splits_of
from socsim.mapping.placement import Candidate, PlacementProblem, placements
from socsim.mapping.prefetch import Fetch, Load, prefetch
from socsim.mapping.recipe import Recipe, Sized
from socsim.mapping.residency import OnUnit, resident_parts
from socsim.mapping.saved_map import saved_entries
from socsim.mapping.split import Cut, cut
from socsim.mapping.split_search import proposals
from socsim.mapping.structure import Structure
from socsim.registry import did_you_mean
from socsim.taskgraph import TaskGraph
from socsim.workload import BoundOperation, Workload
from socsim.workload.graph import CACHE_LENGTHS

FUSIONS = ("layer", "none", "depth-first")
"""What may become one task: a layer with the cheap operations after it, nothing but one operation, or chains of layers,
too."""


class Mapper:
    """Maps workloads onto one SoC. Keeps what it has computed, so ask the same mapper for every step of a run.

    `trial_ps` simulates a task graph alone on the chip, for policies that try placements out; `notes` is what policies
    have to say. A `map_file` pins what it names.
    """

    def __init__(
        self,
        soc: Soc,
        candidates: Sequence[Candidate],
        placement: str = "rule",
        trial_ps: Callable[[TaskGraph], int] | None = None,
        seed: int = 0,
        map_file: MapFile | None = None,
        fuse: str = "layer",
    ) -> None:
        if fuse not in FUSIONS:
            raise ConfigError("--fuse", f"unknown way to fuse '{fuse}': {did_you_mean(fuse, FUSIONS)}")
        self._is_depth_first = fuse == "depth-first"
        self._fuses = fuse != "none"
        self.soc = soc
        self.notes: list[str] = []
        self._trial_ps = trial_ps
        self._seed = seed
        self._map_file = map_file
        if map_file is not None:
            check_units(map_file, [candidate.params.name for candidate in candidates])
        self._used_entries: set[int] = set()
        self._cut_by_entry: dict[tuple[int, int], Cut] = {}
        self._cuts: dict[int, Cut] = {}
        self.candidates = {candidate.params.name: candidate for candidate in candidates}
        self._place = placements.get(placement, "--place")
        self._reuses = placement != "rule"
        self._searches = placement == "search" and trial_ps is not None
        self._placements: dict[Any, list[str]] = {}
        self._memories = {
            c.params.name: OnUnit(c.model.activation_memory_bytes(c.params), c.model.weight_memory_bytes(c.params))
            for c in candidates
        }
        self._workloads: list[Workload] = []
        self._structures: dict[Any, Structure] = {}
        self._lengths: list[tuple[Structure, dict[str, int]]] = []
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
            workload = self._cut(workload, values)
            bound: Sequence[BoundOperation] = [workload.bind(operation, values) for operation in workload.operations]
            pins = self._pins(workload, values)
            unit_of = self._placed(workload, bound, values, pins)
            if self._searches and id(workload) not in self._cuts:
                workload, bound, unit_of, pins = self._shared_out(workload, bound, values, unit_of)
            groups, plan, resident = self._grouped(workload, bound, unit_of, pins, values)
            same = [
                s
                for s in self._structures.values()
                if s.workload is workload and s.groups == groups and s.resident == resident
            ]
            known = same[0] if same else self._new_structure(plan, groups, resident, values)
            self._structures[key] = known
            self._lengths.append((known, {name: value for name, value in values.items() if name not in CACHE_LENGTHS}))
        return known

    def _pins(self, workload: Workload, values: Mapping[str, int]) -> Pins:
        file = self._map_file
        number = entry_for(file, workload.name, values) if file is not None else None
        if file is None or number is None:
            return NO_PINS
        self._used_entries.add(number)
        return pins_of(file, number, workload, self._cuts[id(workload)].units)

    def _cut(self, workload: Workload, values: Mapping[str, int]) -> Workload:
        """The workload with the operations cut that the map file cuts; the same object for the same question."""
        file = self._map_file
        number = entry_for(file, workload.name, values) if file is not None else None
        if file is None or number is None:
            return workload
        key = (self._number(workload), number)
        made = self._cut_by_entry.get(key)
        if made is None:
            splits = splits_of(file, number, workload)
            made = cut(workload, splits) if splits else Cut(workload, {}, {})
            self._cut_by_entry[key] = self._cuts[id(made.workload)] = made
        for operation in made.workload.operations:
            if operation.id in made.units and made.workload.bind(operation, values).outputs[0].num_elements == 0:
                where = str(file.mark("mappings", number, "splits"))
                raise ConfigError(where, f"'{operation.id}' would have nothing to do at these lengths")
        return made.workload

    def unused_entries(self) -> list[int]:
        """Entries of the map file that no workload has asked for so far."""
        count = len(self._map_file.entries) if self._map_file is not None else 0
        return [number for number in range(count) if number not in self._used_entries]

    def mappings(self) -> list[dict[str, Any]]:
        """What was chosen so far, as the entries of a map file that chooses the same."""
        return saved_entries(self._lengths, self._cuts)

    def _shared_out(
        self, workload: Workload, bound: Sequence[BoundOperation], values: Mapping[str, int], unit_of: Sequence[str]
    ) -> tuple[Workload, Sequence[BoundOperation], Sequence[str], Pins]:
        """Cut operations over pairs of units where a trial says that this is faster than the placement found."""
        problem = self._problem(workload, bound, values, NO_PINS)
        assert problem.trial_ps is not None
        whole_ps = best_ps = problem.trial_ps(unit_of)
        best = (workload, bound, unit_of, NO_PINS)
        where = dict(zip([operation.id for operation in workload.operations], unit_of, strict=True))
        for splits in proposals(problem):
            made = cut(workload, splits)
            parts = [made.workload.bind(operation, values) for operation in made.workload.operations]
            if not made.splits or any(not item.outputs[0].num_elements for item in parts if item.outputs):
                continue
            placed = [made.units.get(operation.id) or where[operation.id] for operation in made.workload.operations]
            trial = self._problem(made.workload, parts, values, NO_PINS)
            if not all(trial.may_run(index, self.candidates[unit]) for index, unit in enumerate(placed)):
                continue
            assert trial.trial_ps is not None
            taken_ps = trial.trial_ps(placed)
            if taken_ps < best_ps:
                best_ps, best = taken_ps, (made.workload, parts, placed, NO_PINS)
                self._cuts[id(made.workload)] = made
        if best_ps < whole_ps:
            split = next(iter(self._cuts[id(best[0])].splits.values()))
            over = " and ".join(unit for unit, _ in split.over)
            self.notes.append(
                f"{workload.name}: search cuts by {split.by} over {over}: {best_ps / 1e9:.4g} ms, "
                f"{1 - best_ps / whole_ps:.1%} less than uncut"
            )
        return best

    def _placed(
        self, workload: Workload, bound: Sequence[BoundOperation], values: Mapping[str, int], pins: Pins
    ) -> Sequence[str]:
        """A unit per operation. Weighing units is dear, so lengths within a factor of two share what a policy other
        than rule has chosen, where the units can still run it."""
        problem = self._problem(workload, bound, values, pins)
        if not self._reuses or pins.units:
            return self._place(problem)
        key = (self._number(workload), *[value.bit_length() for value in _without_past(values)])
        known = self._placements.get(key)
        if known is None or not all(problem.may_run(i, self.candidates[unit]) for i, unit in enumerate(known)):
            known = self._placements[key] = self._place(problem)
        return known

    def _grouped(
        self,
        workload: Workload,
        bound: Sequence[BoundOperation],
        unit_of: Sequence[str],
        pins: Pins,
        values: Mapping[str, int],
    ) -> tuple[tuple[Group, ...], MemoryPlan, Mapping[str, Fraction]]:
        """Tasks, memory plan, and what stays on its unit."""
        groups = self._fused(workload, bound, unit_of, pins)
        plan = MemoryPlan(workload, groups)
        resident = resident_parts(plan, groups, self._memories, values)
        if self._is_depth_first and not pins.tasks:
            rates = {name: self._rate(candidate) for name, candidate in self.candidates.items()}
            groups = deepened(workload, bound, groups, self.candidates, resident, rates)
            plan = MemoryPlan(workload, groups)
            resident = resident_parts(plan, groups, self._memories, values)
        return groups, plan, resident

    def _rate(self, candidate: Candidate) -> float:
        """Bytes per second that a unit gets alone."""
        dram = self.soc.dram
        return min(self.soc.port_bytes_per_s(candidate.params), dram.peak_bytes_per_s * dram.controller_efficiency)

    def _fused(
        self, workload: Workload, bound: Sequence[BoundOperation], unit_of: Sequence[str], pins: Pins
    ) -> tuple[Group, ...]:
        def can_fuse(index: int, group: Sequence[int], unit: str) -> bool:
            candidate = self.candidates[unit]
            return self._fuses and candidate.model.can_fuse(bound[index], [bound[i] for i in group], candidate.params)

        groups = fuse(workload, unit_of, can_fuse, pins)
        check_tasks(workload, bound, groups, pins, self.candidates)
        return groups

    def _problem(
        self, workload: Workload, bound: Sequence[BoundOperation], values: Mapping[str, int], pins: Pins
    ) -> PlacementProblem:
        simulate_ps = self._trial_ps

        def trial_ps(unit_of: Sequence[str]) -> int:
            assert simulate_ps is not None
            groups, plan, resident = self._grouped(workload, bound, unit_of, pins, values)
            return simulate_ps(self._graph(self._new_structure(plan, groups, resident, values), values))

        return PlacementProblem(
            soc=self.soc,
            workload=workload,
            operations=bound,
            candidates=tuple(self.candidates.values()),
            pins=pins.units,
            trial_ps=None if simulate_ps is None else trial_ps,
            seed=self._seed,
            notes=self.notes,
        )

    def _new_structure(
        self, plan: MemoryPlan, groups: tuple[Group, ...], resident: Mapping[str, Fraction], values: Mapping[str, int]
    ) -> Structure:
        structure = Structure(plan, groups, resident, self._recipes, self._sized, values)
        start = 0
        for end in range(1, len(groups) + 1):
            if end == len(groups) or groups[end].unit != groups[start].unit:
                candidate = self.candidates[groups[start].unit]
                capacity = candidate.model.prefetch_memory_bytes(candidate.params)
                if capacity:
                    fetches = self._fetches(structure, range(start, end), candidate, capacity, values)
                    structure.fetch_ahead(fetches, self._sized, values)
                start = end
        return structure

    def _fetches(
        self, structure: Structure, segment: range, candidate: Candidate, capacity: int, values: Mapping[str, int]
    ) -> list[Fetch]:
        """When the weights of a segment are fetched, at the rate that the unit alone gets."""
        params = candidate.params
        loads = []
        for position in segment:
            size = self._sized(structure, position, values)
            weights = sum(read_bytes for _, read_bytes in structure.fetchable(position, self._sized, values))
            others = sum(m.read_bytes + m.write_bytes for m in size.movements) - weights
            loads.append(Load(size.cost.cycles / params.clock, weights, others))
        rate = self._rate(candidate)
        return [
            Fetch(fetch.during + segment.start, fetch.of + segment.start, fetch.size_bytes)
            for fetch in prefetch(loads, rate, capacity)
        ]

    def _number(self, workload: Workload) -> int:
        """A small number for a workload object (hashing its content would cost more than mapping it)."""
        for number, known in enumerate(self._workloads):
            if known is workload:
                return number
        self._workloads.append(workload)
        return len(self._workloads) - 1

    def _build(self, number: int, structure: Structure, values: Mapping[str, int]) -> TaskGraph:
        base_key = (number, *_without_past(values))
        graph = self._graph(structure, values, self._bases.get(base_key))
        self._bases.setdefault(base_key, graph)
        return graph

    def _graph(self, structure: Structure, values: Mapping[str, int], base: TaskGraph | None = None) -> TaskGraph:
        workload = structure.workload
        graph = TaskGraph(
            name=workload.name,
            tasks=tuple(structure.tasks(self._sized, values, base.tasks if base else None)),
            buffers=tuple(structure.buffers(self._sized, values, base.buffers if base else None)),
            bindings=" ".join(f"{name}={value}" for name, value in values.items()),
            workload=workload.weights_hash,
            partial=workload.partial,
            structure=structure.first,
        )
        structure.first = structure.first or graph
        return graph

    def _sized(self, structure: Structure, position: int, values: Mapping[str, int]) -> Sized:
        recipe = structure.recipes[position]
        candidate = self.candidates[recipe.unit]
        return recipe.sized(values, candidate.params, candidate.model)


def _without_past(values: Mapping[str, int]) -> tuple[int, ...]:
    return tuple([value for name, value in values.items() if name not in CACHE_LENGTHS])
