"""Speculative decoding: rounds of drafted tokens, each round verified by one `extend` of the target model.

A round drafts a tree of `length` levels with so many candidates per node of each (a chain where that is 1): with a
draft model one step per level, by look-up in the prompt at no cost. The target model then takes in the last token and
every node at once and computes the logits of each. Of level l with `w_l` candidates one is accepted with probability
`p_l = 1 - (1 - a)^w_l`, independently, until the first level without one; the target model's own token follows.
The caches of both models keep what was accepted.

A round brings `1 + p_1 + p_1 p_2 + ...` tokens. With draft steps of `c` times a decode step, and a verification that
takes as long as a decode step, the speed-up is that over `c k + 1`: with a chain `(1 - a^(k+1)) / ((1 - a) (c k + 1))`.

**Source:** Leviathan, Kalman and Matias, Fast inference from transformers via speculative decoding, ICML 2023, theorem
3.8; trees: Miao et al., SpecInfer, ASPLOS 2024.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from socsim.simulation.models import Models
from socsim.simulation.streams.work import Work
from socsim.workload.scenario import Draft, Generate


def speculate(
    step: Generate, draft: Draft, models: Models, random: Random, prompt: int, tokens: int, phase: str
) -> Iterator[Work]:
    """What follows a prefill that has brought the first of `tokens` output tokens.

    The sequences of a batch go on together, each with its own luck; the cache is as long as that of the one ahead.
    """
    rounds = _Rounds(step, draft, models, prompt)
    yield from rounds.draft_prefill(prompt)
    left = [tokens - 1] * step.batch
    while any(left):
        depth = min(draft.length, max(left) - 1)
        yield from rounds.drafts(depth)
        gains = [min(rest, 1 + num_accepted(draft, depth, random)) if rest else 0 for rest in left]
        active = sum(rest > 0 for rest in left)
        left = [rest - gain for rest, gain in zip(left, gains, strict=True)]
        yield rounds.verification(depth, sum(gains), active, phase)
        rounds.advance(depth, prompt + tokens - 1 - min(left))


class _Rounds:
    """The lengths of both caches from round to round."""

    def __init__(self, step: Generate, draft: Draft, models: Models, prompt: int) -> None:
        self._step = step
        self._draft = draft
        self._models = models
        self._past = prompt
        """Tokens in the target model's cache; the last token is in none yet."""
        self._drafted = prompt
        """Tokens in the draft model's cache that were accepted."""

    def draft_prefill(self, prompt: int) -> Iterator[Work]:
        """The draft model takes in the prompt, in chunks where the target model does."""
        chunk = self._step.chunk or prompt
        for past in range(0, prompt, chunk):
            yield from self._draft_step(min(chunk, prompt - past), past, 1, "draft prefill")

    def drafts(self, depth: int) -> Iterator[Work]:
        """One step of the draft model per level. The first one takes in what the round before left out."""
        for seq, ahead, nodes in draft_levels(self._draft, depth, self._past + 1 - self._drafted):
            yield from self._draft_step(seq, self._drafted + ahead, nodes, "draft")

    def verification(self, depth: int, tokens: int, active: int, phase: str) -> Work:
        """The last token and every drafted one, at once."""
        step, seq = self._step, 1 + self._draft.nodes(depth)
        lengths = {**dict(step.lengths), "batch": step.batch, "seq": seq, "past": self._past, "logits": seq}
        return Work(self._models.template(step.model, step.units, lengths), phase, tokens, active)

    def advance(self, depth: int, past: int) -> None:
        """The caches keep what was accepted; the last accepted token of a full round was never run by the drafter."""
        self._drafted = min(self._past + depth, past) if depth else min(self._drafted, past)
        self._past = past

    def _draft_step(self, seq: int, past: int, logits: int, phase: str) -> Iterator[Work]:
        model = self._draft.model
        if model is not None:
            lengths = {"batch": self._step.batch, "seq": seq, "past": past, "logits": logits}
            yield Work(self._models.template(model, self._step.units, lengths), phase, 0, self._step.batch)


def draft_levels(draft: Draft, depth: int, missing: int) -> Iterator[tuple[int, int, int]]:
    """The draft model's steps of a round: (tokens to take in, tokens that steps of the round put before them, nodes to
    draft). The first takes in the `missing` tokens that its cache lacks."""
    ahead = 0
    for level in range(depth):
        nodes = draft.nodes_at(level)
        seq = nodes if level else missing
        yield seq, ahead, nodes
        ahead += seq


def num_accepted(draft: Draft, depth: int, random: Random) -> int:
    """Levels of which a candidate is accepted, up to the first without one."""
    accepted = 0
    while accepted < depth and random.random() < 1 - (1 - draft.acceptance) ** draft.candidates(accepted):
        accepted += 1
    return accepted
