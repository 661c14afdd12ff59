"""The lengths at which the steps of a program run."""

from __future__ import annotations

from socsim.workload.scenario import Draft, Generate, Run


def extreme_lengths(step: Run | Generate) -> list[dict[str, int]]:
    """The lengths at which a step may need most memory: its longest prefill, its last decode step."""
    if isinstance(step, Run):
        return [dict(step.lengths)]
    prompt, tokens = int(step.prompt.largest), int(step.tokens.largest)
    seq = min(step.chunk or prompt, prompt)
    extremes = [{**dict(step.lengths), "batch": step.batch, "seq": seq, "past": prompt - seq}]
    if tokens == 1:
        return extremes
    last = prompt + tokens - 2
    if step.draft is None or last - step.draft.length < 0:
        return [*extremes, decode_lengths(step, last)]
    # The last full round of speculation: the drafted nodes lie in the cache until they are verified.
    nodes = step.draft.nodes(min(step.draft.length, tokens - 2))
    first = max(prompt, last - step.draft.length)
    return [*extremes, {**decode_lengths(step, first), "seq": 1 + nodes, "logits": 1 + nodes}]


def draft_lengths(step: Generate, draft: Draft) -> dict[str, int]:
    """The lengths of the draft model's largest step."""
    prompt, tokens = int(step.prompt.largest), int(step.tokens.largest)
    levels = max(0, min(draft.length, tokens - 2))
    nodes = draft.nodes(levels)
    widest = draft.nodes_at(max(0, levels - 1))
    return {"batch": step.batch, "seq": widest, "past": prompt + tokens - 1 + nodes - widest, "logits": widest}


def decode_lengths(step: Generate, past: int) -> dict[str, int]:
    """The lengths of a decode step with so many tokens in the cache."""
    return {**dict(step.lengths), "batch": step.batch, "seq": 1, "past": past}
