"""Does what a scenario needs fit the memory of the chip?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from socsim.errors import ConfigError, MappingError
from socsim.quantity import format_bytes
from socsim.simulation.checks.lengths import draft_lengths, extreme_lengths
from socsim.simulation.checks.serving import cached_bytes, most_cached_tokens, request_bytes, served_bytes
from socsim.simulation.models import Models
from socsim.workload.scenario import Distribution, Generate, Model, Run, Scenario, Serving, Stream, steps_within

_SMALL_WEIGHTS = "q4_0"
"""The format proposed where weights do not fit."""

_LEAST_CHUNK = 16
"""Smaller chunks of a prompt are not proposed: each reads all weights again."""


@dataclass(frozen=True, slots=True)
class _Needs:
    """Weights by content hash (name, bytes), what each stream needs beside them, and the longest generation."""

    weights: dict[str, tuple[str, int]]
    parts: list[tuple[str, int]]
    longest: tuple[int, Stream, Generate] | None

    @property
    def weight_bytes(self) -> int:
        return sum(size for _, size in self.weights.values())

    @property
    def total_bytes(self) -> int:
        return self.weight_bytes + sum(size for _, size in self.parts)


def check_memory(scenario: Scenario, models: Models) -> None:
    """A run that needs more memory than the chip has is refused: weights once, the rest per stream."""
    soc = models.soc
    free = soc.dram.capacity - soc.dram.reserved
    needs = _needs(scenario, models)
    if needs.total_bytes > free:
        shown = [f"weights of {name} {format_bytes(size)}" for name, size in needs.weights.values()]
        shown += [f"{name} {format_bytes(size)}" for name, size in needs.parts if size]
        advice = _advice(models, scenario, needs, free)
        raise MappingError(
            f"{soc.name}: the run needs {format_bytes(needs.total_bytes)} of memory ({', '.join(shown)}) but "
            f"{format_bytes(free)} are free of {format_bytes(soc.dram.capacity)}. {advice}, or give the chip more "
            f"(--set dram.capacity=...)."
        )
    for stream in scenario.streams:
        if stream.serving is not None:
            _check_served(scenario, stream, stream.serving, models)


def cache_pool_bytes(scenario: Scenario, stream: Stream, models: Models) -> int:
    """The memory of a served stream's key-value cache: what it asks for, or its share of what is free."""
    assert stream.serving is not None
    if stream.serving.cache_bytes is not None:
        return stream.serving.cache_bytes
    soc = models.soc
    sharing = [s for s in scenario.streams if s.serving is not None and s.serving.cache_bytes is None]
    steps = [step for other in sharing for step in other.program if isinstance(step, Generate)]
    least = sum(request_bytes(step, models) for step in steps)
    spare = soc.dram.capacity - soc.dram.reserved - _needs(scenario, models).total_bytes + least
    return max(0, spare) // len(sharing)


def _needs(scenario: Scenario, models: Models) -> _Needs:
    needs = _Needs({}, [], None)
    longest = None
    for stream in scenario.streams:
        need = 0
        for step in steps_within(stream.program):
            if not isinstance(step, Run | Generate):
                continue
            _add_weights(needs, models, step.model)
            if isinstance(step, Generate) and step.draft is not None and step.draft.model is not None:
                _add_weights(needs, models, step.draft.model)
            size = _step_bytes(stream, step, models)
            need = max(need, size)
            if isinstance(step, Generate) and (longest is None or size > longest[0]):
                longest = size, stream, step
        needs.parts.append((stream.name, need))
    return replace(needs, longest=longest)


def _step_bytes(stream: Stream, step: Run | Generate, models: Models) -> int:
    """Memory beyond the weights that a step needs at its largest, its draft model's included."""
    if isinstance(step, Generate) and stream.serving is not None:
        return served_bytes(stream.serving, step, models)
    size = max(models.memory_bytes(step.model, step.units, lengths) for lengths in extreme_lengths(step))
    if isinstance(step, Generate) and step.draft is not None and step.draft.model is not None:
        size += models.memory_bytes(step.draft.model, step.units, draft_lengths(step, step.draft))
    return size


def _add_weights(needs: _Needs, models: Models, model: Model) -> None:
    workload = models.workload(model)
    needs.weights.setdefault(workload.content_hash, (workload.name, workload.weight_bytes()))


def _check_served(scenario: Scenario, stream: Stream, serving: Serving, models: Models) -> None:
    """At least one request of the longest kind has to fit the cache."""
    step = stream.program[0]
    assert isinstance(step, Generate)
    prompt, tokens = int(step.prompt.largest), int(step.tokens.largest)
    fixed, per_token = cached_bytes(step, models)
    page = max(1, per_token * serving.page_tokens)
    pool = cache_pool_bytes(scenario, stream, models)
    fits = max(0, pool // page - -(-fixed // page)) * serving.page_tokens
    most = most_cached_tokens(step)
    drafts = f" + drafts {most - prompt - tokens}" if most > prompt + tokens else ""
    wanted = -(-most // serving.page_tokens) * serving.page_tokens
    if fits < wanted:
        room = format_bytes(fixed + wanted * per_token)
        raise ConfigError(
            stream.where or f"scenario stream '{stream.name}'",
            f"streams.{stream.name}.serving.cache: {format_bytes(pool)} hold {fits} tokens in pages of "
            f"{serving.page_tokens}, but a request has up to {most} (prompt {prompt} + tokens {tokens}{drafts}): "
            f"shorten it to {fits}, or give the cache {room} for one request, {serving.max_batch} times that for "
            f"{serving.max_batch}",
        )


def _advice(models: Models, scenario: Scenario, needs: _Needs, free: int) -> str:
    if needs.weight_bytes > free or needs.longest is None:
        is_mostly_weights = needs.weight_bytes > needs.total_bytes / 2
        return _compression(models, scenario, needs, free) if is_mostly_weights else "Shorten the lengths"
    size, stream, step = needs.longest
    spare = free - (needs.total_bytes - size)
    fits, batch = _longest_context(models, stream, step, spare), _largest_batch(models, stream, step, spare)
    chunk = _chunk_that_fits(models, stream, step, spare)
    if fits < 1 and batch < 1 and chunk < 1:
        return _compression(models, scenario, needs, free)
    smaller = f", or these lengths at batch {batch}" if batch else ""
    smaller += f", or these lengths with the prompt taken in by {chunk} (--prefill-chunk {chunk})" if chunk else ""
    if fits < 1:
        return f"Beside everything else {format_bytes(spare)} are left for {stream.name}{smaller}"
    return (
        f"Beside everything else {format_bytes(spare)} are left for the key-value cache and activations of "
        f"{stream.name}: {fits} tokens of context fit (prompt + tokens){smaller}"
    )


def _compression(models: Models, scenario: Scenario, needs: _Needs, free: int) -> str:
    """What smaller weights would do."""
    compressed = _Needs({}, [], None)
    for stream in scenario.streams:
        for step in steps_within(stream.program):
            if isinstance(step, Run | Generate):
                drafter = step.draft.model if isinstance(step, Generate) and step.draft is not None else None
                for model in (step.model, drafter):
                    if model is not None:
                        _add_weights(compressed, models, replace(model, weights=_SMALL_WEIGHTS))
    size = min(compressed.weight_bytes, needs.weight_bytes)
    others = needs.total_bytes - needs.weight_bytes
    if size + others <= free:
        return f"Compress the weights: in {_SMALL_WEIGHTS} they are {format_bytes(size)} (--weights {_SMALL_WEIGHTS})"
    least = f"Even in {_SMALL_WEIGHTS} the weights are {format_bytes(size)}"
    return f"{least}: run smaller models, of {format_bytes(max(0, free - others))} of weights at most"


def _longest_context(models: Models, stream: Stream, step: Generate, spare: int) -> int:
    """The largest prompt + tokens whose prefill and last decode step stay within `spare` bytes."""

    def need(context: int) -> int:
        prompt, tokens = Distribution("constant", context - 1), Distribution("constant", 1)
        return _step_bytes(stream, replace(step, prompt=prompt, tokens=tokens), models)

    low, high = 1, int(step.prompt.largest + step.tokens.largest)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if need(middle) <= spare else (low, middle)
    return low if low > 1 else 0


def _largest_batch(models: Models, stream: Stream, step: Generate, spare: int) -> int:
    """The largest smaller batch whose steps stay within `spare` bytes; 0 where there is none."""
    for batch in range(step.batch - 1, 0, -1):
        if _step_bytes(stream, replace(step, batch=batch), models) <= spare:
            return batch
    return 0


def _chunk_that_fits(models: Models, stream: Stream, step: Generate, spare: int) -> int:
    """The largest power of two by which the prompt may be taken in within `spare` bytes; 0 where it does not help."""
    chunk = 1 << max(0, min(step.chunk or 2**30, int(step.prompt.largest)) - 1).bit_length() >> 1
    while chunk >= _LEAST_CHUNK:
        if _step_bytes(stream, replace(step, chunk=chunk), models) <= spare:
            return chunk
        chunk //= 2
    return 0
