"""Power over time as steps, made of pulses: exact sums, exact integrals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Values = NDArray[np.float64]

FOREVER_PS = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """`watts[i]` holds from `time_ps[i]` to `time_ps[i + 1]`; the last one is 0 and holds for ever."""

    time_ps: Times
    watts: Values

    @staticmethod
    def of_pulses(
        begin_ps: Times, end_ps: Times, joules: Values, reach_ps: tuple[int, int] = (-FOREVER_PS, FOREVER_PS)
    ) -> Steps:
        """The sum of pulses, each with its energy spread evenly from begin to end (end > begin); what lies before or
        after the reach is left out."""
        watts = joules / ((end_ps - begin_ps) * 1e-12)
        begin_ps, end_ps = begin_ps.clip(*reach_ps), end_ps.clip(*reach_ps)
        inside = begin_ps < end_ps
        begin_ps, end_ps, watts = begin_ps[inside], end_ps[inside], watts[inside]
        return _summed(np.concatenate([begin_ps, end_ps]), np.concatenate([watts, -watts]))

    @staticmethod
    def total(parts: Iterable[Steps]) -> Steps:
        """The sum of several."""
        parts = list(parts)
        changes = [np.diff(part.watts, prepend=0.0) for part in parts]
        if not parts:
            return Steps(np.zeros(0, np.int64), np.zeros(0))
        return _summed(np.concatenate([part.time_ps for part in parts]), np.concatenate(changes))

    def energy_until(self, times_ps: Times) -> Values:
        """Joules from the first step to each of the times."""
        if not len(self.time_ps):
            return np.zeros(len(times_ps))
        spent = np.concatenate([[0.0], np.cumsum(self.watts[:-1] * np.diff(self.time_ps) * 1e-12)])
        place = np.clip(np.searchsorted(self.time_ps, times_ps, side="right") - 1, 0, None)
        since = np.maximum(times_ps - self.time_ps[place], 0) * 1e-12
        energy: Values = spent[place] + self.watts[place] * since
        return energy

    def averaged(self, edges_ps: Times) -> Steps:
        """The mean power between edges: fewer steps, the same energy."""
        energy = np.diff(self.energy_until(edges_ps))
        return Steps(edges_ps, np.append(energy / (np.diff(edges_ps) * 1e-12), 0.0))


def _summed(times: Times, changes: Values) -> Steps:
    if not len(times):
        return Steps(np.zeros(0, np.int64), np.zeros(0))
    order = np.argsort(times, kind="stable")
    times, watts = times[order], np.cumsum(changes[order])
    last_of_instant = np.append(times[1:] != times[:-1], True)
    times, watts = times[last_of_instant], watts[last_of_instant]
    # what is left of sums that cancel is dust
    watts[np.abs(watts) < 1e-12 * np.abs(watts).max(initial=0.0)] = 0.0
    watts[-1] = 0.0
    return Steps(times, watts)
