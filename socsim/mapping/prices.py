"""What a workload's pieces cost on each unit, for policies that weigh one unit against another.

The pieces are `atoms`: an operation and the cheap ones that every unit would fold into it. Alone on a unit one takes

    launch + max(cycles / clock, bytes / rate)

(where launches overlap the body, the longer of the two), with the bytes of what it reads from and writes to memory; an
activation that the unit can keep on chip moves none. Data that crosses from one unit to another costs the hand-over of
the receiving unit and moves out and in again; a unit that compiles programs pays `run_overhead` for each new one.
"""

from __future__ import annotations

from dataclasses import dataclass

from socsim.cost import GroupCost
from socsim.mapping.fusion import fuse
from socsim.mapping.placement import PlacementProblem
from socsim.quantity import PS_PER_S
from socsim.workload import BoundOperation
from socsim.workload.work import operand_read_bytes, operand_write_bytes


@dataclass(frozen=True, slots=True)
class Atom:
    """Operations that are placed together. `units` are the numbers of the candidates that may run them and `alone_ps`
    what they take there; `producers` are (earlier atom, bytes of its results that are read here)."""

    operations: tuple[int, ...]
    units: tuple[int, ...]
    alone_ps: tuple[int, ...]
    producers: tuple[tuple[int, int], ...]

    def on(self, unit: int) -> int:
        """Time on a candidate."""
        return self.alone_ps[self.units.index(unit)]


@dataclass(frozen=True, slots=True)
class Prices:
    """The atoms of a problem in topological order, and what it costs to go from one candidate to another."""

    problem: PlacementProblem
    atoms: tuple[Atom, ...]
    handover_ps: tuple[int, ...]
    run_overhead_ps: tuple[int, ...]
    rates: tuple[float, ...]

    @staticmethod
    def of(problem: PlacementProblem) -> Prices:
        """Prices everything; `MappingError` names operations that nothing may run."""
        units = [_units_of(problem, index) for index in range(len(problem.operations))]
        homeless = [index for index, allowed in enumerate(units) if not allowed]
        if homeless:
            raise problem.homeless(homeless)
        soc, params = problem.soc, [candidate.params for candidate in problem.candidates]
        most = soc.dram.peak_bytes_per_s * soc.dram.controller_efficiency
        rates = tuple(min(soc.port_bytes_per_s(unit), most) for unit in params)
        return Prices(
            problem,
            _atoms(problem, units, rates),
            tuple(unit.handover for unit in params),
            tuple(unit.run_overhead for unit in params),
            rates,
        )

    def crossing_ps(self, source: int, target: int, size_bytes: int) -> int:
        """Data goes from one candidate to another: hand-over, out and in again. Nothing where they are the same."""
        if source == target:
            return 0
        moved = size_bytes / self.rates[source] + size_bytes / self.rates[target]
        return self.handover_ps[target] + round(moved * PS_PER_S)

    def units_of(self, choice: list[int]) -> list[str]:
        """Unit names per operation, of a candidate per atom."""
        names = [candidate.params.name for candidate in self.problem.candidates]
        placed = [""] * len(self.problem.operations)
        for atom, unit in zip(self.atoms, choice, strict=True):
            for index in atom.operations:
                placed[index] = names[unit]
        return placed

    def choice_of(self, placed: list[str]) -> list[int]:
        """A candidate per atom, of unit names per operation: that of its first operation, where it may run there."""
        numbers = {candidate.params.name: i for i, candidate in enumerate(self.problem.candidates)}
        chosen = [numbers[placed[atom.operations[0]]] for atom in self.atoms]
        return [unit if unit in atom.units else atom.units[0] for unit, atom in zip(chosen, self.atoms, strict=True)]


def _units_of(problem: PlacementProblem, index: int) -> tuple[int, ...]:
    return tuple([i for i, candidate in enumerate(problem.candidates) if problem.may_run(index, candidate)])


def _atoms(problem: PlacementProblem, units: list[tuple[int, ...]], rates: tuple[float, ...]) -> tuple[Atom, ...]:
    workload, bound, candidates = problem.workload, problem.operations, problem.candidates

    def folds(index: int, group: object, _: str) -> bool:
        assert isinstance(group, list)
        inside = [bound[i] for i in group]
        return units[index] == units[group[0]] and all(
            candidates[u].model.can_fuse(bound[index], inside, candidates[u].params) for u in units[index]
        )

    groups = fuse(workload, [""] * len(bound), folds)
    home: dict[str, int] = {}
    known: dict[object, tuple[int, ...]] = {}
    readers: dict[str, int] = {}
    for operation in workload.operations:
        for name in operation.inputs:
            readers[workload.root(name)] = readers.get(workload.root(name), 0) + 1
    atoms = []
    for number, group in enumerate(groups):
        producers: dict[int, int] = {}
        inside: dict[str, int] = {}
        moved: list[tuple[str, int, str]] = []
        for index in group.operations:
            operation = workload.operations[index]
            for position, name in enumerate(operation.inputs):
                root = workload.root(name)
                size = operand_read_bytes(bound[index], position)
                if root in inside:
                    inside[root] += 1
                    continue
                moved.append((workload.tensors[root].role, size, "read"))
                if root in home:
                    producers[home[root]] = producers.get(home[root], 0) + size
            for name in operation.outputs:
                inside.setdefault(workload.root(name), 0)
        for index in group.operations:
            for position, name in enumerate(workload.operations[index].outputs):
                root = workload.root(name)
                role = workload.tensors[root].role
                if role != "activation" or readers.get(root, 0) > inside[root]:
                    moved.append((role, operand_write_bytes(bound[index], position), "write"))
                home[root] = number
        operations = tuple([bound[index] for index in group.operations])
        allowed = units[group.operations[0]]
        key = (operations, tuple(moved), allowed)
        if key not in known:
            known[key] = tuple([_alone_ps(problem, operations, moved, unit, rates[unit]) for unit in allowed])
        atoms.append(Atom(group.operations, allowed, known[key], tuple(producers.items())))
    return tuple(atoms)


def _alone_ps(
    problem: PlacementProblem,
    operations: tuple[BoundOperation, ...],
    moved: list[tuple[str, int, str]],
    unit: int,
    bytes_per_s: float,
) -> int:
    candidate = problem.candidates[unit]
    params = candidate.params
    cost: GroupCost = candidate.model.cost(operations, params)
    kept = candidate.model.activation_memory_bytes(params)
    total = 2 * cost.scratch_bytes * cost.scratch_passes
    for role, size, _ in moved:
        if role == "weight":
            total += size * cost.weight_passes
        elif role != "activation" or size > kept:
            total += size * cost.activation_passes
    launch = cost.num_launches * params.launch
    bytes_per_s = min(bytes_per_s, cost.most_bytes_per_s or bytes_per_s)
    body = round(max(cost.cycles / params.clock, total / bytes_per_s) * PS_PER_S)
    return max(launch, body) if params.launch_overlap and params.queue_depth > 1 else launch + body
