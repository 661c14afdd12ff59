"""What each stream of a run got: completions, latencies, throughput, missed deadlines, tokens.

Warm-up instances count nowhere here. A stream whose instances are plain runs (phase `run`) is counted by instance; any
other is counted by request, one pass through its program: one completion is one answer or one frame through its
stages, and its latency runs from the arrival of the request to the end of its last instance.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from socsim.quantity import PS_PER_S, ps_to_seconds
from socsim.result.generation import belongs_to_generation, distribution_s, generates, generation_figures

if TYPE_CHECKING:
    from socsim.result.run_result import InstanceRecord

RUN = "run"
"""The phase of an instance that is a request of its own."""


@dataclass(slots=True)
class _Request:
    """All instances of one request so far."""

    first_ps: int
    done_ps: int
    is_open: bool
    deadline_ps: int | None


class StreamSum:
    """The figures of one stream, summed up instance by instance in any order: eight bytes for each plain run, a few
    numbers for each request of several instances, and all that is known of the steps of a generation."""

    def __init__(self) -> None:
        self._latencies_ps = array("q")
        self._first_arrival_ps = 2**62
        self._last_done_ps = -1
        self._misses = 0
        self._open_deadlines_ps: list[int] = []
        self._requests: dict[int, _Request] = {}
        self._left_out: set[int] = set()
        self._steps: list[tuple[int, InstanceRecord]] = []

    @property
    def generates(self) -> bool:
        """Whether any instance takes in or brings forth tokens."""
        return generates(instance for _, instance in self._steps)

    def add(self, number: int, instance: InstanceRecord) -> None:
        """An instance, and its number in the run."""
        if belongs_to_generation(instance):
            self._steps.append((number, instance))
        if instance.warm_up:
            if not instance.shares:
                self._left_out.add(instance.request)
        elif instance.phase == RUN:
            self._count(instance.arrival_ps, instance.done_ps, instance.deadline_ps)
        else:
            for request, _ in instance.shares or ((instance.request, 0),):
                self._note(request, instance)

    def figures(self, end_ps: int) -> dict[str, Any]:
        """For the summary. `end_ps` is the last completion of the run: a deadline that passed before it without a
        completion was missed. `jitter_s` is the largest latency less the smallest."""
        whole = self._with_requests()
        latencies = whole._latencies_ps
        throughput = 0.0
        if latencies:
            span_ps = whole._last_done_ps - whole._first_arrival_ps
            throughput = len(latencies) * PS_PER_S / span_ps if span_ps else 0.0
        steps = [instance for _, instance in sorted(self._steps, key=lambda step: step[0])]
        return {
            "completed": len(latencies),
            "latency_s": distribution_s(latencies) if latencies else None,
            "jitter_s": ps_to_seconds(max(latencies) - min(latencies)) if latencies else None,
            "throughput_per_s": throughput,
            "deadline_misses": whole._misses + sum(end_ps > deadline for deadline in whole._open_deadlines_ps),
            "generation": generation_figures(steps, frozenset(self._left_out)),
        }

    def _count(self, arrival_ps: int, done_ps: int, deadline_ps: int | None) -> None:
        if done_ps < 0:
            if deadline_ps is not None:
                self._open_deadlines_ps.append(deadline_ps)
            return
        self._latencies_ps.append(done_ps - arrival_ps)
        self._misses += deadline_ps is not None and done_ps > deadline_ps
        self._first_arrival_ps = min(self._first_arrival_ps, arrival_ps)
        self._last_done_ps = max(self._last_done_ps, done_ps)

    def _note(self, number: int, instance: InstanceRecord) -> None:
        request = self._requests.get(number)
        is_open = instance.done_ps < 0
        if request is None:
            self._requests[number] = _Request(instance.arrival_ps, instance.done_ps, is_open, instance.deadline_ps)
        else:
            if instance.arrival_ps < request.first_ps:
                request.first_ps, request.deadline_ps = instance.arrival_ps, instance.deadline_ps
            request.done_ps = max(request.done_ps, instance.done_ps)
            request.is_open |= is_open

    def _with_requests(self) -> StreamSum:
        """The same with every request counted."""
        if not self._requests:
            return self
        whole = StreamSum()
        whole._latencies_ps = self._latencies_ps[:]
        whole._first_arrival_ps, whole._last_done_ps = self._first_arrival_ps, self._last_done_ps
        whole._misses, whole._open_deadlines_ps = self._misses, [*self._open_deadlines_ps]
        for number, request in self._requests.items():
            if number not in self._left_out:
                done_ps = -1 if request.is_open else request.done_ps
                whole._count(request.first_ps, done_ps, request.deadline_ps)
        return whole


class StreamSums:
    """The streams of a run, in the order of their first arrival."""

    def __init__(self, instances: Iterable[InstanceRecord] = ()) -> None:
        self.begin_ps: int | None = None
        """The first arrival of all."""
        self.last_done_ps = 0
        self._streams: dict[str, tuple[int, StreamSum]] = {}
        for number, instance in enumerate(instances):
            self.add(number, instance)

    def add(self, number: int, instance: InstanceRecord) -> None:
        """An instance, and its number in the run: instances are numbered in the order of their arrivals."""
        self.begin_ps = instance.arrival_ps if self.begin_ps is None else min(self.begin_ps, instance.arrival_ps)
        self.last_done_ps = max(self.last_done_ps, instance.done_ps)
        first, stream = self._streams.get(instance.stream) or (number, StreamSum())
        self._streams[instance.stream] = min(first, number), stream
        stream.add(number, instance)

    @property
    def end_ps(self) -> int:
        """The last completion of an instance, or the first arrival where none was completed."""
        return max(self.begin_ps or 0, self.last_done_ps)

    def by_name(self) -> dict[str, StreamSum]:
        """Each stream by its name."""
        return {name: stream for name, (_, stream) in sorted(self._streams.items(), key=lambda item: item[1][0])}


def by_stream(instances: Iterable[InstanceRecord]) -> dict[str, list[InstanceRecord]]:
    """Instances per stream, streams in the order of their first arrival."""
    streams: dict[str, list[InstanceRecord]] = {}
    for instance in instances:
        streams.setdefault(instance.stream, []).append(instance)
    return streams


def stream_figures(instances: Sequence[InstanceRecord], end_ps: int) -> dict[str, Any]:
    """The figures of one stream from all of its instances."""
    stream = StreamSum()
    for number, instance in enumerate(instances):
        stream.add(number, instance)
    return stream.figures(end_ps)
