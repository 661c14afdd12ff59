"""Requests that share a model's runs: which of them take part in the next step. Knows no time and no hardware.

Between any two steps a request may join or leave (continuous batching: Yu et al., Orca, OSDI 2022). A request that
joins is prefilled alone, whole, before the others go on. With `chunk` no run takes in more tokens than that: a decode
step of the others goes first, and what it leaves is filled with a piece of the prompt in the same run, so that the
weights are read once for both (Agrawal et al., Sarathi-Serve, OSDI 2024).

When the cache is full, the request that joined last leaves and joins again later: its cache is computed anew, or was
swapped out and comes back.

With a draft, a decode step is a round of speculation: the draft model's steps for all that decode together, then one
run of the model that verifies every request's drafts. The draft model takes a request's tokens in after the model has,
chunk by chunk; its cache lies in the same pages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from socsim.simulation.streams.paged_cache import PagedCache
from socsim.simulation.streams.serve_step import DRAFTING, FUSED, SWAPPING, Served, ServeStep, StepKind
from socsim.simulation.streams.speculation import draft_levels, num_accepted
from socsim.workload.scenario import Draft


class Server:
    """Requests in, steps out: `submit`, then `next_step` and `step_done` in turn. `chunk` is the most tokens of a run,
    `swaps` says that a cache which makes room is moved out rather than dropped."""

    def __init__(
        self, cache: PagedCache, max_batch: int, chunk: int | None = None, swaps: bool = False,
        draft: Draft | None = None,
    ) -> None:  # fmt: skip
        self.cache = cache
        self.num_evictions = self.found_tokens = 0
        self._max_batch = max_batch
        self._chunk = chunk
        self._swaps = swaps
        self._draft = draft
        self._has_drafter = draft is not None and draft.model is not None
        self._waiting: deque[Served] = deque()
        self._running: list[Served] = []
        self._planned: deque[ServeStep] = deque()
        self._step: ServeStep | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a step is under way."""
        return self._step is not None

    def submit(self, request: Served) -> None:
        """A request has arrived."""
        self._waiting.append(request)

    def next_step(self) -> ServeStep | None:
        """What runs next; None where nothing waits."""
        self._step = self._planned.popleft() if self._planned else self._choose()
        return self._step

    def step_done(self) -> list[int]:
        """The step is done: numbers of the requests that have their last token."""
        step = self._step
        assert step is not None
        self._step = None
        if step.kind in SWAPPING:
            return []
        by_number = {member.number: member for member in self._running}
        members = [by_number[number] for number, _ in step.shares]
        if step.kind in DRAFTING:
            self._drafted(step, members)
            return []
        self._advance(step, members)
        over = [member for member in members if member.left == 0]
        for member in over:
            self._leave(member)
        return [member.number for member in over]

    # -- what a step has brought -------------------------------------------------------------------------------------

    def _drafted(self, step: ServeStep, members: Sequence[Served]) -> None:
        if step.kind == "draft prefill":
            members[0].drafted += step.seq

    def _advance(self, step: ServeStep, members: Sequence[Served]) -> None:
        gains = [tokens for _, tokens in step.shares]
        if step.chunk:
            self._take_in(members[0], step.chunk)
        first = 1 if step.chunk else 0
        for member, gain in zip(members[first:], gains[first:], strict=True):
            if step.depth:  # of a full round the last token was never run by the drafter
                member.drafted = min(member.cached + step.depth, member.cached + gain)
            member.cached += gain
            member.made += gain

    def _take_in(self, member: Served, chunk: int) -> None:
        member.cached += chunk
        member.taken_in = max(member.taken_in, min(member.prompt, member.cached))
        self.cache.share_prefix(member.number, min(member.prompt, member.cached))
        if member.missing == 0:
            member.made += 1

    def _leave(self, member: Served) -> None:
        self._running.remove(member)
        self.cache.close(member.number)

    # -- what comes next ---------------------------------------------------------------------------------------------

    def _choose(self) -> ServeStep | None:
        lagging = next((member for member in self._running if self._lags(member)), None)
        if lagging is not None:
            return self._draft_prefill(lagging)
        self._admit()
        if self._planned:
            return self._planned.popleft()
        behind = next((member for member in self._running if not member.decodes), None)
        decoding = [member for member in self._running if member.decodes]
        if behind is not None and not (self._chunk and decoding):
            return self._prefill(behind)
        return self._round(decoding, behind) if decoding else None

    def _lags(self, member: Served) -> bool:
        """Whether the draft model has to take in more than the round before has left it."""
        return self._has_drafter and member.cached - member.drafted > 1

    def _admit(self) -> None:
        """Prefills go one by one, so that each finds in the cache what the one before has left there."""
        while self._waiting and len(self._running) < self._max_batch:
            if not all(member.decodes for member in self._running):
                return
            request = self._waiting[0]
            found = self.cache.open(request.number, request.prompt, self._wanted_tokens(request))
            if found is None:
                return
            self._waiting.popleft()
            if request.swapped_tokens:
                request.cached = request.swapped_tokens
                request.swapped_tokens = 0
                pages = self.cache.pages_for(request.cached) - found // self.cache.page_tokens
                self._planned.append(_swap("swap in", request, pages))
            else:
                request.cached = request.drafted = found
                self.found_tokens += found
            request.taken_in = max(request.taken_in, min(request.prompt, request.cached))
            self._running.append(request)

    def _wanted_tokens(self, request: Served) -> int:
        """Room for its tokens and the drafts of its next round: with less it would have to leave again at once, and two
        requests could swap each other out forever."""
        if self._draft is None or request.left < 2:
            return request.known
        return request.known + 1 + self._draft.nodes(min(self._draft.length, request.left - 1))

    def _prefill(self, member: Served, beside: int = 0) -> ServeStep:
        """A piece of a prompt, with so many tokens of others in the same run."""
        most = max(1, self._chunk - beside) if self._chunk else member.missing
        chunk = min(most, member.missing)
        is_first = member.made == 0
        tokens = max(0, member.cached + chunk - member.taken_in) if is_first else int(chunk == member.missing)
        kind: StepKind = "prefill" if is_first else "recompute"
        return ServeStep(kind, ((member.number, tokens),), chunk=chunk, chunk_past=member.cached)

    def _draft_prefill(self, member: Served) -> ServeStep:
        lag = member.cached - member.drafted
        seq = min(self._chunk or lag, lag)
        return ServeStep("draft prefill", ((member.number, 0),), 1, seq, member.drafted)

    def _round(self, decoding: Sequence[Served], behind: Served | None) -> ServeStep | None:
        """A step of all that decode, after those that came last have made room where it is needed. A chunk of the
        request that is behind goes with it."""
        ready = self._with_room(decoding)
        if self._planned:
            return self._planned.popleft()
        if not ready:
            return self._choose()
        depth = self._depth(ready)
        shares = [(member.number, self._gain(member, depth)) for member in ready]
        seq = 1 + (self._draft.nodes(depth) if self._draft else 0)
        past = _mean([member.cached for member in ready])
        self._plan_drafts(ready, depth)
        if behind is None or behind not in self._running:
            self._planned.append(ServeStep("decode", tuple(shares), len(ready), seq, past, seq, depth=depth))
        else:
            chunk = self._prefill(behind, len(ready) * seq)
            self._planned.append(
                ServeStep(
                    FUSED[chunk.kind], (*chunk.shares, *shares), len(ready), seq, past, seq, chunk.chunk,
                    chunk.chunk_past, depth,
                )
            )  # fmt: skip
        return self._planned.popleft()

    def _depth(self, members: Sequence[Served]) -> int:
        """Levels of drafts in a round: none that the longest answer could not use."""
        return min(self._draft.length, max(member.left for member in members) - 1) if self._draft else 0

    def _gain(self, member: Served, depth: int) -> int:
        """Tokens that a verification brings a request."""
        accepted = num_accepted(self._draft, depth, member.random) if self._draft else 0
        return min(member.left, 1 + accepted)

    def _plan_drafts(self, members: Sequence[Served], depth: int) -> None:
        """The draft model's steps of a round, for all members together."""
        if self._draft is None or not self._has_drafter:
            return
        missing = max(member.known - member.drafted for member in members)
        past = _mean([member.drafted for member in members])
        shares = tuple((member.number, 0) for member in members)
        for seq, ahead, nodes in draft_levels(self._draft, depth, missing):
            self._planned.append(ServeStep("draft", shares, len(members), seq, past + ahead, nodes))

    def _with_room(self, members: Sequence[Served]) -> list[Served]:
        """Those of the members that have room for the tokens of the next round."""
        depth = self._depth(members)
        for member in members:
            if member not in self._running:
                continue
            drafts = self._draft.nodes(min(depth, member.left - 1)) if self._draft else 0
            while not self.cache.grow(member.number, member.known + drafts):
                last = self._running[-1]
                self._evict(last)
                if last is member:
                    break
        return [member for member in members if member in self._running]

    def _evict(self, member: Served) -> None:
        self.num_evictions += 1
        self._leave(member)
        if self._swaps and member.cached:
            member.swapped_tokens = member.cached
            self._planned.append(_swap("swap out", member, self.cache.pages_for(member.cached)))
        else:
            member.drafted = 0
        member.cached = 0
        self._waiting.appendleft(member)


def _mean(values: Sequence[int]) -> int:
    """Bytes and FLOP of attention are linear in the length of the cache, so the mean, rounded up, stands for all."""
    return -(-sum(values) // len(values))


def _swap(kind: StepKind, member: Served, pages: int) -> ServeStep:
    return ServeStep(kind, ((member.number, 0),), moved_pages=pages)
