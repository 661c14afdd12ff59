"""What a server of requests does next: one run of a model that several requests share, or a move of cache pages."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

StepKind = Literal[  # phases of `socsim.result.generation` and others
    "prefill", "recompute", "decode", "prefill + decode", "recompute + decode", "draft prefill", "draft", "swap out",
    "swap in",
]  # fmt: skip

DRAFTING: tuple[StepKind, ...] = ("draft prefill", "draft")
SWAPPING: tuple[StepKind, ...] = ("swap out", "swap in")
FUSED: dict[StepKind, StepKind] = {"prefill": "prefill + decode", "recompute": "recompute + decode"}
"""What a chunk's step is called when a decode step shares its run."""


@dataclass(slots=True)
class Served:
    """A request: `cached` tokens are in the cache, `made` output tokens exist. The last one made is in no cache yet.

    `drafted` tokens are in the draft model's cache, `taken_in` prompt tokens have ever been in the cache. `random`
    decides which drafts are accepted.
    """

    number: int
    prompt: int
    tokens: int
    random: Random
    cached: int = 0
    drafted: int = 0
    made: int = 0
    taken_in: int = 0
    swapped_tokens: int = 0

    @property
    def known(self) -> int:
        """Tokens that exist."""
        return self.prompt + self.made

    @property
    def missing(self) -> int:
        """Tokens to take in before the next one comes."""
        return self.known - self.cached

    @property
    def left(self) -> int:
        """Output tokens to come."""
        return self.tokens - self.made

    @property
    def decodes(self) -> bool:
        """Whether the next step brings forth a token from one."""
        return self.made > 0 and self.missing == 1


@dataclass(frozen=True, slots=True)
class ServeStep:
    """One run of the model: `batch` sequences take in `seq` tokens each, with `past` in the cache, and want the logits
    of the last `logits`. In the same run one request more may take in a `chunk` of its tokens, with `chunk_past` in the
    cache: then it is the first of `shares`. Drafting steps are runs of the draft model; swaps move pages instead.

    `shares` holds (request, tokens); `depth` is how many levels of drafted tokens a decode step verifies.
    """

    kind: StepKind
    shares: tuple[tuple[int, int], ...]
    batch: int = 0
    seq: int = 1
    past: int = 0
    logits: int = 1
    chunk: int = 0
    chunk_past: int = 0
    depth: int = 0
    moved_pages: int = 0
