"""The work that is there for a unit, and how fast it has to go for its deadlines."""

from __future__ import annotations

from collections.abc import Mapping

from socsim.engine.controlled import ControlledExecutor
from socsim.engine.prepared import PreparedGraph


class PendingWork:
    """Looks at the instances of a run that are not done. `top_hz` are the highest clocks of all units."""

    def __init__(self, executor: ControlledExecutor, top_hz: Mapping[str, int]) -> None:
        self._executor = executor
        self._top_hz = top_hz
        self._work: dict[int, tuple[PreparedGraph, dict[str, list[int]]]] = {}

    def of(self, name: str) -> tuple[float, bool, bool]:
        """(share of the highest clock that deadlines need, whether there is work, whether all of it has a deadline).

        With W_i the work of instance i on this unit and R_i its work on others, all at the highest clocks, and
        deadlines in order, it needs max over i of (W_1 + ... + W_i + R_i) / (deadline_i - now). Tasks are taken to be
        done in the order of the graph.
        """
        now = self._executor.kernel.now
        done = {unit: self._done_ps(unit) for unit in self._top_hz}
        due: list[tuple[int, int, int]] = []
        has_work = False
        is_urgent_only = True
        for instance in self._executor.live_instances():
            work = self._work_ps(instance.prepared)
            if name not in work:
                continue
            has_work = True
            release = instance.release
            deadline = release.deadline_ps if release.due_ps is None else release.due_ps
            if deadline is None:
                is_urgent_only = False
                continue
            number = instance.number
            left = {unit: sums[instance.left] - done[unit].get(number, 0) for unit, sums in work.items()}
            due.append((deadline, left[name], sum(left.values()) - left[name]))
        required, before = 0.0, 0
        for deadline, mine_ps, others_ps in sorted(due):
            before += mine_ps
            time_left = deadline - now
            required = max(required, (before + others_ps) / time_left if time_left > 0 else _TOO_LATE)
        return required, has_work, is_urgent_only

    def _done_ps(self, name: str) -> dict[int, int]:
        """By instance what the bodies that run on a unit have done, in its time at the highest clock."""
        done: dict[int, int] = {}
        for run in self._executor.running[name]:
            whole = run.variant.estimate_at(self._top_hz[name])
            number = run.instance.number
            done[number] = done.get(number, 0) + round(self._executor.progress(run) * whole)
        return done

    def _work_ps(self, graph: PreparedGraph) -> dict[str, list[int]]:
        """What the last n tasks of a graph take on each unit, alone and at the highest clocks, for every n."""
        known = self._work.get(id(graph))
        if known is None:
            units = dict.fromkeys(variants[0].unit.name for variants in graph.variants)
            work = {name: [0] for name in units}
            for variants in reversed(graph.variants):
                variant = variants[0]
                for name, sums in work.items():
                    more = variant.estimate_at(self._top_hz[name]) if variant.unit.name == name else 0
                    sums.append(sums[-1] + more)
            known = self._work[id(graph)] = graph, work
        return known[1]


_TOO_LATE = 2.0
"""Share of the highest clock that stands for "faster than possible"."""
