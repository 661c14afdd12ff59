"""Does what a scenario needs fit the memory of the chip?"""

from __future__ import annotations

from dataclasses import replace

from socsim.errors import MappingError
from socsim.quantity import format_bytes
from socsim.simulation.checks.lengths import draft_lengths, extreme_lengths
from socsim.simulation.models import Models
from socsim.workload.scenario import Distribution, Generate, Run, Scenario, Stream, steps_within


def check_memory(scenario: Scenario, models: Models) -> None:
    """A run that needs more memory than the chip has is refused: weights once, the rest per stream."""
    soc = models.soc
    free = soc.dram.capacity - soc.dram.reserved
    weights: dict[str, tuple[str, int]] = {}
    parts: list[tuple[str, int]] = []
    longest: tuple[int, Stream, Generate] | None = None
    for stream in scenario.streams:
        need = 0
        for step in steps_within(stream.program):
            if not isinstance(step, Run | Generate):
                continue
            workload = models.workload(step.model)
            weights.setdefault(workload.content_hash, (workload.name, workload.weight_bytes()))
            size = max(models.memory_bytes(step.model, step.units, lengths) for lengths in extreme_lengths(step))
            if isinstance(step, Generate) and step.draft is not None and step.draft.model is not None:
                drafter = models.workload(step.draft.model)
                weights.setdefault(drafter.content_hash, (drafter.name, drafter.weight_bytes()))
                size += models.memory_bytes(step.draft.model, step.units, draft_lengths(step, step.draft))
            need = max(need, size)
            if isinstance(step, Generate) and (longest is None or size > longest[0]):
                longest = size, stream, step
        parts.append((stream.name, need))
    total_weights = sum(size for _, size in weights.values())
    total = total_weights + sum(size for _, size in parts)
    if total <= free:
        return
    shown = [f"weights of {name} {format_bytes(size)}" for name, size in weights.values()]
    shown += [f"{name} {format_bytes(size)}" for name, size in parts if size]
    raise MappingError(
        f"{soc.name}: the run needs {format_bytes(total)} of memory ({', '.join(shown)}) but {format_bytes(free)} are "
        f"free of {format_bytes(soc.dram.capacity)}. {_advice(models, longest, total_weights, total, free)}, or give "
        f"the chip more (--set dram.capacity=...)."
    )


def _advice(models: Models, longest: tuple[int, Stream, Generate] | None, weights: int, total: int, free: int) -> str:
    if weights > free or longest is None:
        return "Compress the weights (--weights q4_0)" if weights > total / 2 else "Shorten the lengths"
    size, stream, step = longest
    spare = free - (total - size)
    fits = _longest_context(models, step, spare)
    if fits < 1:
        return "Compress the weights (--weights q4_0)"
    return (
        f"Beside everything else {format_bytes(spare)} are left for the key-value cache and activations of "
        f"{stream.name}: {fits} tokens of context fit (prompt + tokens)"
    )


def _longest_context(models: Models, step: Generate, spare: int) -> int:
    """The largest prompt + tokens whose prefill and last decode step stay within `spare` bytes."""

    def need(context: int) -> int:
        prompt, tokens = Distribution("constant", context - 1), Distribution("constant", 1)
        shorter = replace(step, prompt=prompt, tokens=tokens)
        return max(models.memory_bytes(step.model, step.units, lengths) for lengths in extreme_lengths(shorter))

    low, high = 1, int(step.prompt.largest + step.tokens.largest)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if need(middle) <= spare else (low, middle)
    return low if low > 1 else 0
