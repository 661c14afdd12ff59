"""When each instance of a request has to be done, so that the last one meets the request's deadline.

An instance gets the share of the time that its own takes in that of the whole program at its largest: one whose work
turns out shorter is due earlier than need be, never later. Without it a first step could take all the time that there
is, because the steps after it are not there yet.

**Source:** proportional deadline assignment, as in `stage_deadlines`.
"""

from __future__ import annotations

from socsim.simulation.estimate import chain_ps, pauses_ps, request_ps
from socsim.simulation.models import Models
from socsim.taskgraph import TaskGraph
from socsim.workload.scenario import Step


class Milestones:
    """The milestones of a program's requests."""

    def __init__(self, program: tuple[Step, ...], models: Models) -> None:
        self._soc = models.soc
        self._whole_ps = max(1, request_ps(program, models) + pauses_ps(program))
        self._known: dict[int, tuple[TaskGraph, int]] = {}

    def time_ps(self, graph: TaskGraph) -> int:
        """How long a graph takes alone, roughly."""
        known = self._known.get(id(graph))
        if known is None:
            known = self._known[id(graph)] = graph, chain_ps(graph, self._soc)
        return known[1]

    def due_ps(self, begin_ps: int, end_ps: int, passed_ps: int) -> int:
        """When the work that takes `passed_ps` from the begin of a request on has to be done."""
        return begin_ps + max(0, end_ps - begin_ps) * min(passed_ps, self._whole_ps) // self._whole_ps
