"""A language model answers: prefill, then decode steps over a cache that grows, or rounds of speculation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
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
    for position, weight in sampled_steps(tokens - 1, step.sample_steps):
        yield replace(graph(1, prompt + position), stands_for=weight)


def sampled_steps(count: int, wanted: int | None) -> list[tuple[int, float]]:
    """Which of `count` steps are simulated (all, or `wanted` of them evenly spaced, first and last included), and for
    how many each stands: itself and half of those left out on either side, see `socsim.result.sampling`."""
    if wanted is None or wanted >= count:
        return [(step, 1.0) for step in range(count)]
    nodes = [round(index * (count - 1) / (wanted - 1)) for index in range(wanted)]
    gaps = [(after - before - 1) / 2 for before, after in pairwise(nodes)]
    return [(node, 1 + left + right) for node, left, right in zip(nodes, [0.0, *gaps], [*gaps, 0.0], strict=True)]


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
