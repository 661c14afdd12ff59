"""Streams whose first run of each workload is cold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from socsim.taskgraph import Release, TaskGraph, TaskSource


class ColdSource(TaskSource):
    """Passes events on; the first instance of each workload gets the graph that `cold` makes of its own."""

    def __init__(self, source: TaskSource, cold: Callable[[TaskGraph], TaskGraph]) -> None:
        self._source = source
        self._cold = cold
        self._warm: set[str] = set()

    def begin(self) -> Iterable[Release]:
        return self._started(self._source.begin())

    def arrived(self, release: Release, now_ps: int) -> Iterable[Release]:
        return self._started(self._source.arrived(release, now_ps))

    def completed(self, release: Release, now_ps: int) -> Iterable[Release]:
        return self._started(self._source.completed(release, now_ps))

    def _started(self, releases: Iterable[Release]) -> list[Release]:
        found = list(releases)
        for index in sorted(range(len(found)), key=lambda i: found[i].time_ps):
            release = found[index]
            if release.graph.workload and release.graph.workload not in self._warm:
                self._warm.add(release.graph.workload)
                found[index] = replace(release, graph=self._cold(release.graph))
        return found
