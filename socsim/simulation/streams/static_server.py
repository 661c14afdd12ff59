"""Static batching: those that wait when a batch ends form the next one, padded to the longest prompt; they hold room
for their longest answer until the last one is done, and the padding is computed with them."""

from __future__ import annotations

from collections.abc import Sequence

from socsim.simulation.streams.serve_step import Served, ServeStep
from socsim.simulation.streams.server import Server
from socsim.simulation.streams.speculation import draft_levels


class StaticServer(Server):
    """One batch after the other."""

    _size = 0
    _longest = 0
    _batch_drafted = 0

    def _leave(self, member: Served) -> None:
        """Its answer is whole, but its room is held until the batch ends."""
        if all(other.left == 0 for other in self._running):
            for other in self._running:
                self.cache.close(other.number)
            self._running.clear()

    def _drafted(self, step: ServeStep, members: Sequence[Served]) -> None:
        if step.kind == "draft prefill":
            self._batch_drafted += step.seq

    def _advance(self, step: ServeStep, members: Sequence[Served]) -> None:
        if step.kind == "prefill":
            is_last = step.past + step.seq == self._longest
            for member in members:
                member.cached += member.missing if is_last else min(step.seq, max(0, member.missing - 1))
                member.made = int(is_last)
            return
        for member, (_, gain) in zip(members, step.shares, strict=True):
            member.cached += gain
            member.made += gain
        if step.depth:
            self._batch_drafted = min(step.past + step.depth, self._past(self._running))

    def _past(self, members: Sequence[Served]) -> int:
        """Tokens in the cache of the sequence that is ahead."""
        return self._longest + max(member.made for member in members) - 1

    def _choose(self) -> ServeStep | None:
        if not self._running:
            self._admit()
            if not self._running:
                return None
            self._size = len(self._running)
            self._longest = max(member.prompt for member in self._running)
            self._batch_drafted = 0
        open_ones = [member for member in self._running if member.left]
        if any(member.made == 0 for member in open_ones):
            past = max(member.cached for member in open_ones)
            seq = min(self._chunk or self._longest, self._longest - past)
            is_last = past + seq == self._longest
            shares = tuple((m.number, m.missing if is_last else min(seq, max(0, m.missing - 1))) for m in open_ones)
            return ServeStep("prefill", shares, self._size, seq, past)
        past = self._past(self._running)
        missing = past - self._batch_drafted
        if self._has_drafter and missing > 1:
            seq = min(self._chunk or missing, missing)
            none = tuple((member.number, 0) for member in open_ones)
            return ServeStep("draft prefill", none, self._size, seq, self._batch_drafted)
        return self._batch_round(open_ones, past)

    def _batch_round(self, open_ones: Sequence[Served], past: int) -> ServeStep:
        depth = self._depth(open_ones)
        if self._draft is not None and self._has_drafter:
            none = tuple((member.number, 0) for member in open_ones)
            for seq, ahead, nodes in draft_levels(self._draft, depth, past + 1 - self._batch_drafted):
                self._planned.append(ServeStep("draft", none, self._size, seq, self._batch_drafted + ahead, nodes))
        shares = tuple((member.number, self._gain(member, depth)) for member in open_ones)
        seq = 1 + (self._draft.nodes(depth) if self._draft else 0)
        self._planned.append(ServeStep("decode", shares, self._size, seq, past, seq, depth=depth))
        return self._planned.popleft()

    def _admit(self) -> None:
        longest_prompt = longest_answer = 0
        extra = self._draft.extra_nodes if self._draft else 0
        while self._waiting and len(self._running) < self._max_batch:
            request = self._waiting[0]
            prompt, answer = max(longest_prompt, request.prompt), max(longest_answer, request.tokens)
            room = (len(self._running) + 1) * self.cache.pages_for(prompt + answer + extra)
            if room > self.cache.num_pages and self._running:
                break
            longest_prompt, longest_answer = prompt, answer
            self._running.append(self._waiting.popleft())
        for member in self._running:
            self.cache.open(member.number, member.prompt, longest_prompt + longest_answer + extra)
