"""Fusion groups: which operations become one task, as a compiler would fold them.

A cheap operation joins the task that produces the latest of its inputs, when the unit that runs both can fuse it. Since
all its other inputs come from earlier tasks, groups in order of their first operation stay in topological order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from socsim.errors import ConfigError
from socsim.mapping.pins import NO_PINS, Pins
from socsim.workload import Operation, Workload


@dataclass(frozen=True, slots=True)
class Group:
    """Indices of a workload's operations that run as one task on one unit; `bands` of rows where it is depth-first."""

    unit: str
    operations: tuple[int, ...]
    bands: int = 1


CanFuse = Callable[[int, Sequence[int], str], bool]
"""Whether operation `index` may join the group of operations on a unit."""


def fuse(workload: Workload, unit_of: Sequence[str], can_fuse: CanFuse, pins: Pins = NO_PINS) -> tuple[Group, ...]:
    """Groups in topological order; `unit_of[i]` is where operation i was placed.

    An operation that reads what several groups write (a residual addition) joins the latest of them. Operations that
    `pins` put into one task are together and alone there; `ConfigError` where another task would have to run between.
    """
    tasks: dict[int, int] = {}
    closed: set[int] = set()
    members: list[list[int]] = []
    units: list[str] = []
    writer: dict[str, int] = {}
    reader: dict[str, int] = {}
    for index, operation in enumerate(workload.operations):
        before = [writer[root] for root in _roots(workload, operation) if root in writer]
        overwritten = [workload.root(name) for name in operation.outputs]
        before += [user[root] for root in overwritten for user in (writer, reader) if root in user]
        latest = max(before, default=-1)
        pinned = pins.tasks.get(index)
        if pinned is not None:
            home = tasks.setdefault(pinned, len(members))
            if home == len(members):
                members.append([])
                units.append(unit_of[index])
                closed.add(home)
            elif home < latest:
                between = workload.operations[members[latest][0]].id
                raise ConfigError(
                    pins.places[pinned],
                    f"cannot be one task: '{operation.id}' needs '{between}', which runs after the task has begun",
                )
            members[home].append(index)
        elif (
            latest >= 0
            and latest not in closed
            and units[latest] == unit_of[index]
            and can_fuse(index, members[latest], units[latest])
        ):
            members[latest].append(index)
            home = latest
        else:
            home = len(members)
            members.append([index])
            units.append(unit_of[index])
        for root in _roots(workload, operation):
            reader[root] = max(home, reader.get(root, -1))
        for root in overwritten:
            writer[root] = home
    return tuple(
        Group(unit, tuple(indices), pins.bands.get(pins.tasks.get(indices[0], -1), 1))
        for unit, indices in zip(units, members, strict=True)
    )


def _roots(workload: Workload, operation: Operation) -> list[str]:
    return [workload.root(name) for name in operation.inputs]
