"""What each stream of a run got: completions, latencies, throughput, missed deadlines, tokens.

Warm-up instances count nowhere here. A stream whose instances are plain runs (phase `run`) is counted by instance; any
other is counted by request, one pass through its program: one completion is one answer or one frame through its
stages, and its latency runs from the arrival of the request to the end of its last instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from socsim.quantity import PS_PER_S, ps_to_seconds
from socsim.result.generation import distribution_s, generation_figures

if TYPE_CHECKING:
    from socsim.result.run_result import InstanceRecord

RUN = "run"
"""The phase of an instance that is a request of its own."""


@dataclass(frozen=True, slots=True)
class _Item:
    """What is counted: an instance, or all instances of one request."""

    arrival_ps: int
    done_ps: int
    """-1 where the run ended before."""
    deadline_ps: int | None


def by_stream(instances: Iterable[InstanceRecord]) -> dict[str, list[InstanceRecord]]:
    """Instances per stream, streams in the order of their first arrival."""
    streams: dict[str, list[InstanceRecord]] = {}
    for instance in instances:
        streams.setdefault(instance.stream, []).append(instance)
    return streams


def stream_figures(instances: Sequence[InstanceRecord], end_ps: int) -> dict[str, Any]:
    """The figures of one stream for the summary. `end_ps` is the last completion of the run: a deadline that passed
    before it without a completion was missed. `jitter_s` is the largest latency less the smallest."""
    warm_up = frozenset(instance.request for instance in instances if instance.warm_up and not instance.shares)
    items = _items([instance for instance in instances if not instance.warm_up], warm_up)
    finished = [item for item in items if item.done_ps >= 0]
    latencies = [item.done_ps - item.arrival_ps for item in finished]
    throughput = 0.0
    if finished:
        span_ps = max(item.done_ps for item in finished) - min(item.arrival_ps for item in finished)
        throughput = len(finished) * PS_PER_S / span_ps if span_ps else 0.0
    return {
        "completed": len(finished),
        "latency_s": distribution_s(latencies) if latencies else None,
        "jitter_s": ps_to_seconds(max(latencies) - min(latencies)) if latencies else None,
        "throughput_per_s": throughput,
        "deadline_misses": sum(missed(item, end_ps) for item in items),
        "generation": generation_figures(instances, warm_up),
    }


def missed(instance: InstanceRecord | _Item, end_ps: int) -> bool:
    """Whether an instance or a request was done after its deadline, or not yet when the run ended after it."""
    if instance.deadline_ps is None:
        return False
    return (instance.done_ps if instance.done_ps >= 0 else end_ps) > instance.deadline_ps


def _items(instances: Sequence[InstanceRecord], left_out: frozenset[int]) -> list[_Item]:
    items = [
        _Item(instance.arrival_ps, instance.done_ps, instance.deadline_ps)
        for instance in instances
        if instance.phase == RUN
    ]
    requests: dict[int, list[InstanceRecord]] = {}
    for instance in instances:
        if instance.phase != RUN:
            for request, _ in instance.shares or ((instance.request, 0),):
                if request not in left_out:
                    requests.setdefault(request, []).append(instance)
    for own in requests.values():
        ends = [instance.done_ps for instance in own]
        done = -1 if min(ends) < 0 else max(ends)
        items.append(_Item(min(instance.arrival_ps for instance in own), done, own[0].deadline_ps))
    return items
