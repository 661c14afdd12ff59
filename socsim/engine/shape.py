"""What templates of one structure share while they run: who follows whom, and whose use of a buffer is the last."""

from __future__ import annotations

from collections.abc import Sequence

from socsim.engine.unit import UnitState
from socsim.taskgraph import Buffer, Task, TaskGraph


class Shape:
    """Dependencies of tasks, and lives of the buffers of an instance.

    `successors[i]` are (task, whether it follows on the same unit for certain), `followers[i]` those of them that do.
    `last_uses[i]` are the buffers that task i uses and no successor of it does. A buffer is dead when the
    `num_last_users` of it are done: whoever else uses it is followed by one of them.
    """

    __slots__ = ("followers", "last_uses", "num_last_users", "successors")

    def __init__(self, graph: TaskGraph, units: Sequence[Sequence[UnitState]]) -> None:
        """`units[i]` are those that task i may run on, one for each of its variants."""
        self.successors: list[tuple[tuple[int, bool], ...]] = []
        self.followers: list[tuple[int, ...]] = []
        self.last_uses: list[tuple[int, ...]] = []
        self.num_last_users = [0] * len(graph.buffers)
        uses = [_uses(task, graph.buffers) for task in graph.tasks]
        for index, after in enumerate(graph.successors):
            mine = units[index]
            pairs = []
            used_after: set[int] = set()
            for successor in after:
                theirs = units[successor]
                pairs.append((successor, len(mine) == len(theirs) == 1 and mine[0] is theirs[0]))
                used_after.update(uses[successor])
            last = tuple([buffer for buffer in uses[index] if buffer not in used_after])
            for buffer in last:
                self.num_last_users[buffer] += 1
            self.successors.append(tuple(pairs))
            self.followers.append(tuple([successor for successor, same_unit in pairs if same_unit]))
            self.last_uses.append(last)


def _uses(task: Task, buffers: Sequence[Buffer]) -> tuple[int, ...]:
    """The buffers of the instance that a task touches, whichever way it runs."""
    touched = [access.buffer for variant in task.variants for access in variant.accesses]
    return tuple(dict.fromkeys([buffer for buffer in touched if buffers[buffer].scope == "instance"]))
