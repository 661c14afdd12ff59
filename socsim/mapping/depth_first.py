"""Depth-first fusion: which runs of layers become one task that is worked off in bands of rows.

A run of tasks on one unit is fused where it then takes less time, the arithmetic it repeats included, or as long with
fewer bytes; the best division of the graph into runs is found by dynamic programming. Each layer of a run is launched
as it would be alone. The number of bands is the least with which the activations of a band fit the unit's memory for
tiles beside the weights, or, where the weights do not fit, without them, which then stream once per band.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from socsim.cost import GroupCost, UnitModel
from socsim.hardware import UnitParams
from socsim.mapping.bands import LAYERS, Banded, banded, can_band
from socsim.mapping.fusion import Group
from socsim.mapping.placement import Candidate
from socsim.workload import BoundOperation, Operation, Workload

_LONGEST = 8
"""Tasks of a run at most."""
_MOST_BANDS = 256


@dataclass(frozen=True, slots=True)
class Fit:
    """A run in bands, and how often its weights stream."""

    chain: Banded
    num_bands: int
    weight_passes: int


def fit(candidate: Candidate, operations: Sequence[BoundOperation], slots: Slots, least: int = 2) -> Fit | None:
    """The fewest bands, `least` at least, with which a run fits the unit; None where it cannot be banded so."""
    capacity = candidate.model.tile_memory_bytes(candidate.params)
    if not capacity or not all(can_band(operation) for operation in operations):
        return None
    weights = sum(item.size_bytes for operation in operations for item in operation.inputs if item.role == "weight")
    rows = operations[-1].outputs[0].shape[2]
    for room, passes in ((capacity - weights, 1), (capacity, 0)):
        bands = least
        while room > 0 and bands <= min(rows, _MOST_BANDS):
            chain = banded(operations, slots, bands)
            if chain.on_chip_bytes <= room:
                return Fit(chain, bands, passes or bands)
            bands += max(1, bands // 4)
    return None


def cost_of(candidate: Candidate, found: Fit) -> GroupCost:
    """The cost of the body: every row that is computed, weights as often as they stream, inputs once per band."""
    return banded_cost(candidate.model, candidate.params, found.chain, found.weight_passes)


def banded_cost(model: UnitModel[UnitParams], params: UnitParams, chain: Banded, weight_passes: int) -> GroupCost:
    """The cost of a chain in bands: what lies between stays on chip, each layer is launched as if it were alone."""
    cost = model.cost(chain.operations, params)
    layers = sum(operation.kind in LAYERS for operation in chain.operations)
    return replace(
        cost,
        weight_passes=float(weight_passes),
        activation_passes=1.0,
        num_launches=max(cost.num_launches, layers),
    )


def weight_passes(
    model: UnitModel[UnitParams], params: UnitParams, operations: Sequence[BoundOperation], chain: Banded, bands: int
) -> int:
    """How often weights stream: once where they fit beside a band, else once per band."""
    weights = sum(item.size_bytes for operation in operations for item in operation.inputs if item.role == "weight")
    return 1 if weights + chain.on_chip_bytes <= model.tile_memory_bytes(params) else bands


def deepened(
    workload: Workload,
    bound: Sequence[BoundOperation],
    groups: Sequence[Group],
    candidates: Mapping[str, Candidate],
    resident: Mapping[str, Fraction],
    rates: Mapping[str, float],
) -> tuple[Group, ...]:
    """The groups with runs fused depth-first. `resident` are the parts of tensors that stay on chip anyhow, `rates` the
    bytes per second that a unit gets alone."""
    readers: dict[str, set[int]] = {}
    for position, group in enumerate(groups):
        for index in group.operations:
            for name in workload.operations[index].inputs:
                readers.setdefault(workload.root(name), set()).add(position)
    pricing = _Pricing(workload, bound, groups, candidates, resident, rates, readers)
    best: list[tuple[Price, int, int]] = [((0.0, 0.0), 0, 1)]
    for end in range(1, len(groups) + 1):
        options = []
        for start in range(end - 1, max(-1, end - 1 - _LONGEST), -1):
            found = pricing.run(start, end)
            if found is None:
                break
            (before_s, before_bytes), (seconds, moved), bands = best[start][0], *found
            options.append(((before_s + seconds, before_bytes + moved), start, bands))
        best.append(min(options))
    result: list[Group] = []
    end = len(groups)
    while end:
        _, start, bands = best[end]
        operations = tuple([index for group in groups[start:end] for index in group.operations])
        result.append(groups[start] if end == start + 1 else Group(groups[start].unit, operations, bands))
        end = start
    return tuple(result[::-1])


Price = tuple[float, float]
"""Seconds (launch, then arithmetic or transfers, whichever is longer), and bytes that move."""


class _Pricing:
    """What runs of groups take."""

    def __init__(
        self,
        workload: Workload,
        bound: Sequence[BoundOperation],
        groups: Sequence[Group],
        candidates: Mapping[str, Candidate],
        resident: Mapping[str, Fraction],
        rates: Mapping[str, float],
        readers: Mapping[str, set[int]],
    ) -> None:
        self.workload, self.bound, self.groups = workload, bound, groups
        self.candidates, self.resident, self.rates, self.readers = candidates, resident, rates, readers

    def run(self, start: int, end: int) -> tuple[Price, int] | None:
        """(price, bands) of the groups from `start` to `end` as one task; None where they cannot be one."""
        groups = self.groups[start:end]
        candidate = self.candidates[groups[0].unit]
        indices = [index for group in groups for index in group.operations]
        operations = [self.bound[index] for index in indices]
        if end == start + 1:
            cost = candidate.model.cost(operations, candidate.params)
            return self._seconds(candidate, cost, indices, operations, start, end), 1
        if not candidate.model.tile_memory_bytes(candidate.params) or any(
            group.unit != groups[0].unit or group.bands > 1 for group in groups
        ):
            return None
        slots = slots_of(self.workload, [self.workload.operations[index] for index in indices])
        if not is_chain(slots):
            return None
        found = fit(candidate, operations, slots)
        if found is None:
            return None
        cost = cost_of(candidate, found)
        return self._seconds(candidate, cost, indices, found.chain.operations, start, end), found.num_bands

    def _seconds(
        self,
        candidate: Candidate,
        cost: GroupCost,
        indices: Sequence[int],
        operations: Sequence[BoundOperation],
        start: int,
        end: int,
    ) -> Price:
        moved = 0.0
        inside: set[str] = set()
        for index, operation in zip(indices, operations, strict=True):
            named = self.workload.operations[index]
            for name, operand in zip(named.inputs, operation.inputs, strict=True):
                root = self.workload.root(name)
                if root not in inside:
                    passes = cost.weight_passes if operand.role == "weight" else cost.activation_passes
                    moved += operand.size_bytes * passes * float(1 - self.resident.get(root, 0))
            for name, result in zip(named.outputs, self.bound[index].outputs, strict=True):
                root = self.workload.root(name)
                inside.add(root)
                if result.role != "activation" or any(not start <= p < end for p in self.readers.get(root, {end})):
                    moved += result.size_bytes * float(1 - self.resident.get(root, 0))
        params = candidate.params
        launch_s = cost.num_launches * params.launch * 1e-12
        return launch_s + max(cost.cycles / params.clock, moved / self.rates[params.name]), moved


Slots = Sequence[tuple[Sequence[int], Sequence[int]]]


def slots_of(workload: Workload, operations: Sequence[Operation]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Numbers of the tensors that operations read and write."""
    numbers: dict[str, int] = {}

    def number(name: str) -> int:
        return numbers.setdefault(workload.root(name), len(numbers))

    return [(tuple(map(number, o.inputs)), tuple(map(number, o.outputs))) for o in operations]


def is_chain(slots: Slots) -> bool:
    """Whether each operation but the first reads what an earlier one of the run writes, and each but the last is read
    within it."""
    written: set[int] = set()
    read = {slot for inputs, _ in slots for slot in inputs}
    for position, (inputs, outputs) in enumerate(slots):
        if position and not written.intersection(inputs):
            return False
        if position < len(slots) - 1 and not read.intersection(outputs):
            return False
        written.update(outputs)
    return True
