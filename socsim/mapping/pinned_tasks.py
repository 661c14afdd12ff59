"""Whether tasks that a map file asks for can be: a chain in bands has to fit its unit, products without bands cannot
share a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from socsim.errors import ConfigError
from socsim.mapping.bands import can_band
from socsim.mapping.depth_first import fit, is_chain, slots_of
from socsim.mapping.fusion import Group
from socsim.mapping.pins import Pins
from socsim.mapping.place_by_rule import MATRIX_KINDS
from socsim.mapping.placement import Candidate
from socsim.workload import BoundOperation, Workload


def check_tasks(
    workload: Workload,
    bound: Sequence[BoundOperation],
    groups: Sequence[Group],
    pins: Pins,
    candidates: Mapping[str, Candidate],
) -> None:
    """Raise `ConfigError`, with the place in the file, for the first pinned task that its unit cannot run as one."""
    for group in groups:
        task = pins.tasks.get(group.operations[0])
        if task is None:
            continue
        what = _wrong(workload, bound, group, candidates[group.unit])
        if what:
            raise ConfigError(pins.places[task], what)


def _wrong(workload: Workload, bound: Sequence[BoundOperation], group: Group, candidate: Candidate) -> str:
    operations = [bound[index] for index in group.operations]
    if group.bands == 1:
        if sum(operation.kind in MATRIX_KINDS for operation in operations) > 1:
            return "several products in one task need 'depth_first: N', the number of bands that keeps them on chip"
        return ""
    if not candidate.model.tile_memory_bytes(candidate.params):
        return f"unit '{group.unit}' has no memory for tiles: it cannot work depth-first"
    for index, operation in zip(group.operations, operations, strict=True):
        if not can_band(operation):
            return f"'{workload.operations[index].id}' cannot be worked off in bands of rows"
    slots = slots_of(workload, [workload.operations[index] for index in group.operations])
    if not is_chain(slots):
        return "depth-first needs a chain: each operation reads what an earlier one of the task writes"
    found = fit(candidate, operations, slots, group.bands)
    if found is None or found.num_bands > group.bands:
        more = f"; {found.num_bands} bands would" if found is not None else ", however many"
        return f"{group.bands} bands do not fit the memory for tiles of '{group.unit}'{more}"
    return ""
