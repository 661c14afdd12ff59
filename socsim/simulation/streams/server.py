"""Requests that share a model's runs: which of them take part in the next step. Knows no time and no hardware.

`continuous` (Yu et al., Orca, OSDI 2022): between any two steps a request may join or leave. A request that joins is
prefilled alone, whole, before the others go on; in chunks, a decode step of the others comes between any two chunks
(after Agrawal et al., Sarathi-Serve, OSDI 2024; here chunk and decode step are two runs of the model, not one). When
the cache is full, the request that joined last leaves and joins again later: its cache is computed anew, or was swapped
out and comes back.

`static`: those that wait when a batch ends form the next one, padded to the longest prompt, and hold room for their
longest answer until the last one is done.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from socsim.simulation.streams.paged_cache import PagedCache

StepKind = Literal["prefill", "recompute", "decode", "swap"]


@dataclass(slots=True)
class Served:
    """A request: `cached` tokens are in the cache, `made` output tokens exist. The last one made is in no cache yet."""

    number: int
    prompt: int
    tokens: int
    cached: int = 0
    made: int = 0
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
    def decodes(self) -> bool:
        """Whether the next step brings forth a token from one."""
        return self.made > 0 and self.missing == 1


@dataclass(frozen=True, slots=True)
class ServeStep:
    """One run of the model: `batch` sequences, `seq` new tokens each, `past` in the cache. `shares` holds (request,
    tokens). A `swap` moves the cache of `moved_tokens` tokens to or from storage instead."""

    kind: StepKind
    shares: tuple[tuple[int, int], ...]
    batch: int = 1
    seq: int = 1
    past: int = 0
    moved_tokens: int = 0


class Server:
    """Requests in, steps out: `submit`, then `next_step` and `step_done` in turn."""

    def __init__(self, cache: PagedCache, max_batch: int, chunk: int | None, swaps: bool) -> None:
        self.cache = cache
        self.num_evictions = self.found_tokens = 0
        self._max_batch = max_batch
        self._chunk = chunk
        self._swaps = swaps
        self._waiting: deque[Served] = deque()
        self._running: list[Served] = []
        self._step: ServeStep | None = None
        self._prefilled_last = False
        self._swap_steps: deque[ServeStep] = deque()

    @property
    def is_busy(self) -> bool:
        """Whether a step is under way."""
        return self._step is not None

    def submit(self, request: Served) -> None:
        """A request has arrived."""
        self._waiting.append(request)

    def next_step(self) -> ServeStep | None:
        """What runs next; None where nothing waits."""
        self._step = self._choose()
        return self._step

    def step_done(self) -> list[int]:
        """The step is done: numbers of the requests that have their last token."""
        step = self._step
        assert step is not None
        self._step = None
        self._prefilled_last = step.kind in ("prefill", "recompute")
        if step.kind == "swap":
            return []
        members = [member for number, _ in step.shares for member in self._running if member.number == number]
        for member in members:
            self._take_in(member, step)
        over = [member for member in members if member.made >= member.tokens]
        for member in over:
            self._leave(member)
        return [member.number for member in over]

    def _take_in(self, member: Served, step: ServeStep) -> None:
        member.cached += min(step.seq, member.missing)
        self.cache.share_prefix(member.number, min(member.prompt, member.cached))
        if member.missing == 0:
            member.made += 1

    def _leave(self, member: Served) -> None:
        self._running.remove(member)
        self.cache.close(member.number)

    def _choose(self) -> ServeStep | None:
        if self._swap_steps:
            return self._swap_steps.popleft()
        self._admit()
        if self._swap_steps:
            return self._swap_steps.popleft()
        behind = next((member for member in self._running if not member.decodes), None)
        decoding = [member for member in self._running if member.decodes]
        if behind is not None and not (self._chunk and self._prefilled_last and decoding):
            return self._prefill(behind)
        return self._decode(decoding) if decoding else None

    def _admit(self) -> None:
        """Prefills go one by one, so that each finds in the cache what the one before has left there."""
        while self._waiting and len(self._running) < self._max_batch:
            if not all(member.decodes for member in self._running):
                return
            request = self._waiting[0]
            found = self.cache.open(request.number, request.prompt, request.known)
            if found is None:
                return
            self._waiting.popleft()
            if request.swapped_tokens:
                request.cached = request.swapped_tokens
                self._swap_steps.append(_swap(request.number, request.swapped_tokens))
                request.swapped_tokens = 0
            else:
                request.cached = found
                self.found_tokens += found
            self._running.append(request)

    def _prefill(self, member: Served) -> ServeStep:
        seq = min(self._chunk or member.missing, member.missing)
        is_first = member.made == 0
        tokens = seq if is_first else int(seq == member.missing)
        kind: StepKind = "prefill" if is_first else "recompute"
        return ServeStep(kind, ((member.number, tokens),), 1, seq, member.cached)

    def _decode(self, members: list[Served]) -> ServeStep | None:
        """A step of all that decode, after those that came last have made room where it is needed."""
        ready: list[Served] = []
        for member in members:
            if member not in self._running:
                continue
            while not self.cache.grow(member.number, member.known):
                last = self._running[-1]
                self._evict(last)
                if last is member:
                    break
            else:
                ready.append(member)
        ready = [member for member in ready if member in self._running]
        if self._swap_steps:
            return self._swap_steps.popleft()
        if not ready:
            return self._choose()
        past = -(-sum(member.cached for member in ready) // len(ready))
        return ServeStep("decode", tuple((member.number, 1) for member in ready), len(ready), 1, past)

    def _evict(self, member: Served) -> None:
        self.num_evictions += 1
        self._leave(member)
        if self._swaps:
            member.swapped_tokens = member.cached
            self._swap_steps.append(_swap(member.number, member.cached))
        member.cached = 0
        self._waiting.appendleft(member)


class StaticServer(Server):
    """One batch after the other."""

    _size = 0
    _longest = 0

    def _leave(self, member: Served) -> None:
        """Its answer is whole, but its room is held until the batch ends."""
        if all(other.made >= other.tokens for other in self._running):
            for other in self._running:
                self.cache.close(other.number)
            self._running.clear()

    def _choose(self) -> ServeStep | None:
        if not self._running:
            self._admit()
            if not self._running:
                return None
            self._size = len(self._running)
            self._longest = max(member.prompt for member in self._running)
        open_ones = [member for member in self._running if member.made < member.tokens]
        if any(member.made == 0 for member in open_ones):
            past = max(member.cached for member in open_ones)
            seq = min(self._chunk or self._longest, self._longest - past)
            is_last = past + seq == self._longest
            shares = tuple((m.number, m.missing if is_last else min(seq, max(0, m.missing - 1))) for m in open_ones)
            return ServeStep("prefill", shares, self._size, seq, past)
        past = self._longest + max(member.made for member in open_ones) - 1
        return ServeStep("decode", tuple((member.number, 1) for member in open_ones), self._size, 1, past)

    def _take_in(self, member: Served, step: ServeStep) -> None:
        if step.kind == "decode":
            member.cached += 1
            member.made += 1
            return
        is_last = step.past + step.seq == self._longest
        member.cached += member.missing if is_last else min(step.seq, max(0, member.missing - 1))
        member.made = int(is_last)

    def _admit(self) -> None:
        longest_prompt = longest_answer = 0
        while self._waiting and len(self._running) < self._max_batch:
            request = self._waiting[0]
            prompt, answer = max(longest_prompt, request.prompt), max(longest_answer, request.tokens)
            room = (len(self._running) + 1) * self.cache.pages_for(prompt + answer)
            if room > self.cache.num_pages and self._running:
                break
            longest_prompt, longest_answer = prompt, answer
            self._running.append(self._waiting.popleft())
        for member in self._running:
            self.cache.open(member.number, member.prompt, longest_prompt + longest_answer)


def _swap(number: int, tokens: int) -> ServeStep:
    return ServeStep("swap", ((number, 0),), moved_tokens=tokens)
