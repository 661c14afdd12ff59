"""The lengths at which the steps of a program run."""

from __future__ import annotations

from socsim.workload.scenario import Generate, Run


def extreme_lengths(step: Run | Generate) -> list[dict[str, int]]:
    """The lengths at which a step may need most memory: its longest prefill, its last decode step."""
    if isinstance(step, Run):
        return [dict(step.lengths)]
    prompt, tokens = int(step.prompt.largest), int(step.tokens.largest)
    seq = min(step.chunk or prompt, prompt)
    extremes = [{**dict(step.lengths), "batch": step.batch, "seq": seq, "past": prompt - seq}]
    return [*extremes, decode_lengths(step, prompt + tokens - 2)] if tokens > 1 else extremes


def decode_lengths(step: Generate, past: int) -> dict[str, int]:
    """The lengths of a decode step with so many tokens in the cache."""
    return {**dict(step.lengths), "batch": step.batch, "seq": 1, "past": past}
