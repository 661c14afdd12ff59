"""What each stream of a run got: completions, latencies, throughput, missed deadlines, tokens.

Warm-up instances count nowhere here. A stream whose instances are plain runs (phase `run`) is counted by instance; any
other is counted by request, one pass through its program: one completion is one answer or one frame through its
stages, and its latency runs from the arrival of the request to the end of its last instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from socsim.quantity import PS_PER_S, ps_to_seconds

if TYPE_CHECKING:
    from socsim.result.run_result import InstanceRecord

RUN = "run"
"""The phase of an instance that is a request of its own."""

PREFILL, DECODE = "prefill", "decode"
"""Phases of a generation."""

PERCENTILES = (50, 95, 99)


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
    counted = [instance for instance in instances if not instance.warm_up]
    items = _items(counted)
    finished = [item for item in items if item.done_ps >= 0]
    latencies = [item.done_ps - item.arrival_ps for item in finished]
    throughput = 0.0
    if finished:
        span_ps = max(item.done_ps for item in finished) - min(item.arrival_ps for item in finished)
        throughput = len(finished) * PS_PER_S / span_ps if span_ps else 0.0
    return {
        "completed": len(finished),
        "latency_s": _latency_figures(latencies),
        "jitter_s": ps_to_seconds(max(latencies) - min(latencies)) if latencies else None,
        "throughput_per_s": throughput,
        "deadline_misses": sum(missed(item, end_ps) for item in items),
        "generation": generation_figures(counted),
    }


def missed(instance: InstanceRecord | _Item, end_ps: int) -> bool:
    """Whether an instance or a request was done after its deadline, or not yet when the run ended after it."""
    if instance.deadline_ps is None:
        return False
    return (instance.done_ps if instance.done_ps >= 0 else end_ps) > instance.deadline_ps


def generates(instances: Iterable[InstanceRecord]) -> bool:
    """Whether any instance brings forth tokens."""
    return any(instance.phase in (PREFILL, DECODE) for instance in instances)


def generation_figures(instances: Sequence[InstanceRecord]) -> dict[str, float] | None:
    """Figures of a stream's generation, or None where it has none. A figure without any basis is left out: a run that
    ends with the first token has no time per output token.

    - `time_to_first_token_s`: mean over requests of arrival to the end of the prefill.
    - `prompt_tokens_per_s`: prompt tokens over the time of the prefills, arrival to end.
    - `output_tokens_per_s`: output tokens after the first of each request over the time between its first and its last.
      Without a prefill the first token was there when the request arrived.
    - `time_per_output_token_s`: the same time per token of one sequence, so that a batch does not shorten it.
    """
    prompt_tokens = prompt_ps = output_tokens = output_ps = 0
    sequence_tokens = 0.0
    first_token_ps: list[int] = []
    for request in _requests(instance for instance in instances if instance.phase in (PREFILL, DECODE)):
        prefills = [instance for instance in request if instance.phase == PREFILL]
        decodes = [instance for instance in request if instance.phase == DECODE and instance.done_ps >= 0]
        if any(instance.done_ps < 0 for instance in prefills):
            continue
        first_ps = decodes[0].arrival_ps if decodes else 0
        if prefills:
            first_ps = max(instance.done_ps for instance in prefills)
            first_token_ps.append(first_ps - min(instance.arrival_ps for instance in prefills))
            prompt_tokens += sum(instance.tokens for instance in prefills)
            prompt_ps += sum(instance.done_ps - instance.arrival_ps for instance in prefills)
        if decodes:
            output_tokens += sum(instance.tokens for instance in decodes)
            sequence_tokens += sum(instance.tokens / instance.batch for instance in decodes)
            output_ps += max(instance.done_ps for instance in decodes) - first_ps
    figures: dict[str, float] = {}
    if first_token_ps:
        figures["time_to_first_token_s"] = ps_to_seconds(sum(first_token_ps)) / len(first_token_ps)
    if sequence_tokens:
        figures["time_per_output_token_s"] = ps_to_seconds(output_ps) / sequence_tokens
    if prompt_ps:
        figures["prompt_tokens_per_s"] = prompt_tokens * PS_PER_S / prompt_ps
    if output_ps:
        figures["output_tokens_per_s"] = output_tokens * PS_PER_S / output_ps
    return figures or None


def _requests(instances: Iterable[InstanceRecord]) -> list[list[InstanceRecord]]:
    """The instances per request."""
    requests: dict[int, list[InstanceRecord]] = {}
    for instance in instances:
        requests.setdefault(instance.request, []).append(instance)
    return list(requests.values())


def _items(instances: Sequence[InstanceRecord]) -> list[_Item]:
    items = [
        _Item(instance.arrival_ps, instance.done_ps, instance.deadline_ps)
        for instance in instances
        if instance.phase == RUN
    ]
    for request in _requests(instance for instance in instances if instance.phase != RUN):
        ends = [instance.done_ps for instance in request]
        done = -1 if min(ends) < 0 else max(ends)
        items.append(_Item(min(instance.arrival_ps for instance in request), done, request[0].deadline_ps))
    return items


def _latency_figures(latencies_ps: Sequence[int]) -> dict[str, float] | None:
    if not latencies_ps:
        return None
    figures = {"mean": ps_to_seconds(sum(latencies_ps)) / len(latencies_ps)}
    for percentile, value in zip(PERCENTILES, np.percentile(latencies_ps, PERCENTILES), strict=True):
        figures[f"p{percentile}"] = ps_to_seconds(float(value))  # type: ignore[arg-type]
    figures["max"] = ps_to_seconds(max(latencies_ps))
    return figures
