"""A language model answers: prefill, then decode steps over a cache that grows, or rounds of speculation."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from socsim.simulation.models import Models
from socsim.simulation.streams.speculation import speculate
from socsim.simulation.streams.work import Action, Work
from socsim.workload.scenario import Generate


def generate(step: Generate, models: Models, random: Random, is_answer: bool) -> Iterator[Action]:
    """The prefill yields the first output token, each decode step one more."""
    prompt, tokens = drawn(step, random)
    prefill, decode = phases(step, is_answer)
    batch = step.batch
    lengths = dict(step.lengths)

    def graph(seq: int, past: int) -> Work:
        template = models.template(step.model, step.units, {**lengths, "batch": batch, "seq": seq, "past": past})
        return Work(template, prefill if past < prompt else decode, (seq if past < prompt else 1) * batch, batch)

    past = min(step.prefix, prompt - 1)
    chunk = step.chunk or prompt
    while past < prompt:
        seq = min(chunk, prompt - past)
        yield graph(seq, past)
        past += seq
    if step.draft is not None:
        yield from speculate(step, step.draft, models, random, prompt, tokens, decode)
        return
    for past in range(prompt, prompt + tokens - 1):
        yield graph(1, past)


def drawn(step: Generate, random: Random) -> tuple[int, int]:
    """Prompt and output tokens of a request; at least one each."""
    return max(1, round(step.prompt.draw(random))), max(1, round(step.tokens.draw(random)))


def phases(step: Generate, is_answer: bool) -> tuple[str, str]:
    """The phases of a generation; one that is not the program's answer carries its name, so that it does not count as
    the answer's time to first token."""
    if is_answer:
        return "prefill", "decode"
    name = step.name or step.model.workload
    return f"{name} prefill", f"{name} decode"
