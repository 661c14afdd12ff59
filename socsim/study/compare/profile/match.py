"""Which simulated tasks the operators of one call of a model belong to.

By the names that the profile gives, where it gives any that the run knows. Else by order and kind: operators are
aligned with the workload's operations without crossings, products of the same FLOP preferred. Each module that the
profiler met (`Linear_3`) thereby gets its path; modules whose operators the workload has as one operation (a folded
normalization) get theirs from their place among their neighbours, and then all their operators belong to it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from socsim.study.compare.profile.align import align
from socsim.study.compare.profile.measured import MeasuredOperation
from socsim.study.compare.profile.operators import canonical
from socsim.study.compare.profile.simulated import Phase, SimulatedOperation

Tasks = tuple[int, ...]
"""Numbers of the tasks of a phase that a measurement covers together."""
_MOST = 6000
"""Operators of a call up to which they are aligned; beyond, memory would grow with the square."""
_KIND, _SAME_WORK = 2, 3
"""Scores: of the same kind, and besides of the same FLOP. Two of a kind are worth more than one of the same work."""


def resolve(path: str, phase: Phase) -> Tasks:
    """The tasks that a name means: a task or an operation by its name, all tasks of a module by its path, or of the
    only module that ends so. Empty where it means none."""
    for number, task in enumerate(phase.tasks):
        if path == task.name or path in task.operations:
            return (number,)
    inside = tuple(n for n, task in enumerate(phase.tasks) if _is_within(task.label, path))
    if inside:
        return inside
    ends = {
        ".".join(parts[: end + 1])
        for task in phase.tasks
        for parts in [task.label.split(".")]
        for end in range(len(parts))
        if ".".join(parts[: end + 1]).endswith(f".{path}")
    }
    if len(ends) != 1:
        return ()
    (only,) = ends
    return tuple(n for n, task in enumerate(phase.tasks) if _is_within(task.label, only))


def match_call(operations: Sequence[MeasuredOperation], phase: Phase) -> list[Tasks]:
    """For each operator of a call the tasks it belongs to; empty for those that the simulation does not have."""
    named = {path: resolve(path, phase) for path in {item.path for item in operations if item.path}}
    found: list[Tasks] = [named.get(item.path, ()) for item in operations]
    claimed = {task for tasks in found for task in tasks}
    simulated = [item for item in phase.operations if item.task not in claimed]
    free = [number for number, tasks in enumerate(found) if not tasks]
    pairs = _aligned([operations[number] for number in free], simulated, phase)
    module_of: dict[str, Counter[str]] = defaultdict(Counter)
    for one, other in pairs:
        number, operation = free[one], simulated[other]
        found[number] = (operation.task,)
        if operations[number].modules:
            module_of[operations[number].modules[-1]][operation.module] += 1
    paths = {module: counts.most_common(1)[0][0] for module, counts in module_of.items()}
    matched = {operation.name for operation in (simulated[other] for _, other in pairs)}
    rest = [item for item in simulated if item.name not in matched]
    _place_folded(operations, found, paths, rest)
    return found


def _aligned(
    measured: Sequence[MeasuredOperation], simulated: Sequence[SimulatedOperation], phase: Phase
) -> list[tuple[int, int]]:
    """Pairs by order and kind."""
    kinds = [canonical(item.name) for item in measured]
    known = {item.operator for item in simulated}
    left = [number for number, kind in enumerate(kinds) if kind in known][:_MOST]
    met = {kinds[number] for number in left}
    right = [number for number, item in enumerate(simulated) if item.operator in met][:_MOST]
    if not left or not right:
        return []
    codes = {kind: code for code, kind in enumerate(sorted(met))}
    rows = np.array([codes[kinds[number]] for number in left])
    columns = np.array([codes[simulated[number].operator] for number in right])
    work = np.array([measured[number].matmul_flop or -1 for number in left])
    own = np.array([phase.tasks[simulated[number].task].matmul_flop or -2 for number in right])
    scores = np.where(rows[:, None] == columns[None, :], _KIND, 0).astype(np.int32)
    scores[(scores > 0) & (work[:, None] == own[None, :])] = _SAME_WORK
    return [(left[row], right[column]) for row, column in align(scores)]


def _place_folded(
    operations: Sequence[MeasuredOperation],
    found: list[Tasks],
    paths: dict[str, str],
    rest: Sequence[SimulatedOperation],
) -> None:
    """Give the operators of modules that the workload has as one operation to that operation."""
    children: dict[str, dict[str, None]] = defaultdict(dict)
    for item in operations:
        for above, module in zip(("", *item.modules), item.modules, strict=False):
            children[above][module] = None
    task_of: dict[str, int] = {}
    for operation in rest:
        task_of.setdefault(operation.module, operation.task)
    free_paths = [path for path in task_of if path not in set(paths.values())]
    for above, inner in children.items():
        below = [paths[module] for module in _within(above, children) if module in paths]
        prefix = _common([path.split(".") for path in below])
        unplaced = [module for module in inner if module not in paths and not _any_placed(module, children, paths)]
        candidates = [path for path in free_paths if path.startswith(f"{prefix}.") or (not prefix and "." not in path)]
        if unplaced and len(unplaced) == len(candidates):
            paths |= dict(zip(unplaced, candidates, strict=True))
    for number, item in enumerate(operations):
        if not found[number] and item.modules:
            path = paths.get(item.modules[-1])
            if path in task_of:
                found[number] = (task_of[path],)


def _within(module: str, children: Mapping[str, Mapping[str, None]]) -> list[str]:
    found = [module]
    for inner in children.get(module, {}):
        found += _within(inner, children)
    return found


def _any_placed(module: str, children: Mapping[str, Mapping[str, None]], paths: Mapping[str, str]) -> bool:
    return any(inner in paths for inner in _within(module, children))


def _common(paths: Sequence[Sequence[str]]) -> str:
    """The path that all begin with; of a single one what is around it."""
    if not paths:
        return ""
    if len(paths) == 1:
        return ".".join(paths[0][:-1])
    shared = []
    for parts in zip(*paths, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return ".".join(shared)


def _is_within(label: str, path: str) -> bool:
    return label == path or label.startswith(f"{path}.")
