"""How a stream's generation went: first tokens, gaps between tokens, rates, in all and per request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from socsim.quantity import PS_PER_S, ps_to_seconds

if TYPE_CHECKING:
    from socsim.result.run_result import InstanceRecord

QUEUE, PREFILL, RECOMPUTE, DECODE = "queue", "prefill", "recompute", "decode"
"""Phases of a generation: a request that waits to be served, its prompt taken in, its cache made again after it had to
make room, tokens brought forth."""

FUSED_PREFILL, FUSED_RECOMPUTE = "prefill + decode", "recompute + decode"
"""One run of the model for a chunk of the first request of its shares and a decode step of the others."""

_CHUNK_PHASE = {FUSED_PREFILL: PREFILL, FUSED_RECOMPUTE: RECOMPUTE}

GENERATING = (PREFILL, RECOMPUTE, DECODE, *_CHUNK_PHASE)

PERCENTILES = (50, 95, 99)


@dataclass(slots=True)
class _Answer:
    """What one request got. A step is (done_ps, tokens of one sequence, tokens of all sequences, steps that it stands
    for)."""

    request: int
    arrival_ps: int = -1
    first_ps: int = -1
    prompt_tokens: int = 0
    is_cut_off: bool = False
    steps: list[tuple[int, float, float, float]] = field(default_factory=list)

    @property
    def window_ps(self) -> tuple[int, int]:
        """From the first token to the last."""
        return self.first_ps, max([self.first_ps, *(done for done, _, _, _ in self.steps)])

    @property
    def gaps_ps(self) -> list[int]:
        """Between deliveries; tokens of one round of speculation come together."""
        times = [(self.first_ps, 1.0), *sorted((done, weight) for done, tokens, _, weight in self.steps if tokens)]
        return [round((after - before) / weight) for (before, _), (after, weight) in pairwise(times)]

    @property
    def sequence_tokens(self) -> float:
        """Tokens after the first, of one sequence."""
        return sum(tokens for _, tokens, _, _ in self.steps)


def generates(instances: Iterable[InstanceRecord]) -> bool:
    """Whether any instance takes in or brings forth tokens."""
    return any(instance.phase != QUEUE and belongs_to_generation(instance) for instance in instances)


def belongs_to_generation(instance: InstanceRecord) -> bool:
    """Whether an instance is a step of a generation or waits for one; any other step of a program may be called
    `decode`, too, but has no tokens."""
    if instance.phase == QUEUE:
        return True
    return instance.phase in GENERATING and (instance.tokens > 0 or bool(instance.shares))


def generation_figures(instances: Sequence[InstanceRecord], left_out: frozenset[int] = frozenset()) -> Any:
    """Figures of a stream's generation without the requests `left_out`, or None where it has none. A figure without any
    basis is left out: a run that ends with the first token has no time per output token.

    - `time_to_first_token_s`: mean over requests of arrival (of the prefill, or of the request where a queue of them is
      served) to the end of the prefill.
    - `prompt_tokens_per_s`: prompt tokens over the time of the prefills, arrival to end.
    - `output_tokens_per_s`: output tokens after the first of each request over the time in which any request was
      between its first and its last. Without a prefill the first token was there when the request arrived.
    - `time_per_output_token_s`: time from first to last token, per token of one sequence, so that a batch does not
      shorten it.
    - `inter_token_gap_s`: mean, percentiles and largest of the times between deliveries of tokens.
    - `requests`: the same for each request, in the order of arrival.
    """
    answers = [answer for answer in _answers(instances, left_out) if not answer.is_cut_off and answer.first_ps >= 0]
    figures: dict[str, Any] = {}
    waits = [answer.first_ps - answer.arrival_ps for answer in answers if answer.arrival_ps >= 0]
    if waits:
        figures["time_to_first_token_s"] = ps_to_seconds(sum(waits)) / len(waits)
    windows = [answer.window_ps for answer in answers]
    tokens = sum(answer.sequence_tokens for answer in answers)
    if tokens:
        figures["time_per_output_token_s"] = ps_to_seconds(sum(end - begin for begin, end in windows)) / tokens
    prompt_tokens, prompt_ps = _prompts(instances, left_out)
    if prompt_ps:
        figures["prompt_tokens_per_s"] = prompt_tokens * PS_PER_S / prompt_ps
    output_ps = _covered_ps(windows)
    if output_ps:
        output = sum(tokens for answer in answers for _, _, tokens, _ in answer.steps)
        figures["output_tokens_per_s"] = output * PS_PER_S / output_ps
    if not figures:
        return None
    gaps = [gap for answer in answers for gap in answer.gaps_ps]
    if gaps:
        figures["inter_token_gap_s"] = distribution_s(gaps)
    figures["requests"] = [_request_figures(answer) for answer in answers]
    return figures


def distribution_s(times_ps: Sequence[int]) -> dict[str, float]:
    """Mean, percentiles and the largest of some times, in seconds."""
    figures = {"mean": ps_to_seconds(sum(times_ps)) / len(times_ps)}
    for percentile, value in zip(PERCENTILES, np.percentile(times_ps, PERCENTILES), strict=True):
        figures[f"p{percentile}"] = ps_to_seconds(float(value))  # type: ignore[arg-type]
    figures["max"] = ps_to_seconds(max(times_ps))
    return figures


def _answers(instances: Sequence[InstanceRecord], left_out: frozenset[int]) -> list[_Answer]:
    answers: dict[int, _Answer] = {}
    for instance in instances:
        if not belongs_to_generation(instance):
            continue
        for request, phase, tokens in _parts(instance):
            if request in left_out:
                continue
            answer = answers.setdefault(request, _Answer(request))
            _note(answer, instance, phase, tokens, 1 if instance.shares else instance.batch)
    return list(answers.values())


def _parts(instance: InstanceRecord) -> list[tuple[int, str, int]]:
    """(request, phase, tokens) of each request that takes part in an instance."""
    parts = [(request, instance.phase, tokens) for request, tokens in instance.shares]
    chunk = _CHUNK_PHASE.get(instance.phase)
    if chunk is not None:
        (first, _, tokens), *others = parts
        return [(first, chunk, tokens), *[(request, DECODE, own) for request, _, own in others]]
    return parts or [(instance.request, instance.phase, instance.tokens)]


def _note(answer: _Answer, instance: InstanceRecord, phase: str, tokens: int, batch: int) -> None:
    if phase in (QUEUE, PREFILL) and answer.arrival_ps < 0:
        answer.arrival_ps = instance.arrival_ps
    if phase == QUEUE:
        return
    if phase == PREFILL:
        answer.is_cut_off |= instance.done_ps < 0
        answer.prompt_tokens += tokens
        answer.first_ps = max(answer.first_ps, instance.done_ps)
    elif instance.done_ps >= 0:
        if answer.first_ps < 0:
            answer.first_ps = instance.arrival_ps
        weight = instance.stands_for
        answer.steps.append((instance.done_ps, weight * tokens / batch, weight * tokens, weight))


def _prompts(instances: Sequence[InstanceRecord], left_out: frozenset[int]) -> tuple[int, int]:
    """Prompt tokens of finished prefills and the time that these took."""
    tokens = time_ps = 0
    for instance in instances:
        if instance.phase in (PREFILL, FUSED_PREFILL) and belongs_to_generation(instance) and instance.done_ps >= 0:
            parts = _parts(instance)
            counted = [own for request, phase, own in parts if phase == PREFILL and request not in left_out]
            if counted:
                tokens += sum(counted)
                time_ps += instance.done_ps - instance.arrival_ps
    return tokens, time_ps


def _covered_ps(windows: Sequence[tuple[int, int]]) -> int:
    """The time that lies in any of the windows."""
    covered, until = 0, -1
    for begin, end in sorted(windows):
        covered += max(0, end - max(begin, until))
        until = max(until, end)
    return covered


def _request_figures(answer: _Answer) -> dict[str, Any]:
    begin, end = answer.window_ps
    tokens, gaps = answer.sequence_tokens, answer.gaps_ps
    return {
        "request": answer.request,
        "time_to_first_token_s": ps_to_seconds(begin - answer.arrival_ps) if answer.arrival_ps >= 0 else None,
        "time_per_output_token_s": ps_to_seconds(end - begin) / tokens if tokens else None,
        "largest_gap_s": ps_to_seconds(max(gaps)) if gaps else None,
        "prompt_tokens": answer.prompt_tokens,
        "output_tokens": 1 + round(tokens),
    }
