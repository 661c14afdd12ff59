"""A stream whose requests share their model's runs: arrivals queue up, a server says who takes part in each step."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from socsim.quantity import bytes_to_ps, format_bytes
from socsim.result.generation import QUEUE
from socsim.simulation.models import Models
from socsim.simulation.streams.generation import drawn
from socsim.simulation.streams.paged_cache import PagedCache
from socsim.simulation.streams.player import Player
from socsim.simulation.streams.server import Served, Server, ServeStep, StaticServer
from socsim.simulation.streams.stream_source import Request, StreamSource
from socsim.simulation.streams.work import NOTHING, Work
from socsim.taskgraph import Release
from socsim.workload.scenario import Generate, Stream


class ServedSource(StreamSource):
    """Each arrival is an instance without tasks, phase `queue`; a step of the model is an instance with a share for
    each request that takes part. `cache_bytes` is the memory of the key-value cache."""

    def __init__(
        self,
        stream: Stream,
        models: Models,
        seed: int,
        cache_bytes: int,
        may_go_on: Callable[[], bool],
        on_request_done: Callable[[int, int], list[Release]],
    ) -> None:
        step, serving = stream.program[0], stream.serving
        assert isinstance(step, Generate)
        assert serving is not None
        super().__init__(stream, Player.of(stream.program, models), seed, None, may_go_on, on_request_done)
        self._step = step
        self._serving = serving
        self._models = models
        fixed, self._token_bytes = models.state_bytes(step.model)
        page_bytes = max(1, serving.page_tokens * self._token_bytes)
        cache = PagedCache(
            cache_bytes // page_bytes, serving.page_tokens, serving.shared_prefix, -(-fixed // page_bytes)
        )
        self._server = (
            StaticServer(cache, serving.max_batch, step.chunk, False)
            if serving.policy == "static"
            else Server(cache, serving.max_batch, step.chunk, serving.swap_bytes_per_s is not None)
        )
        self._context = min(cache.tokens_that_fit(), models.context(step.model))

    def completed(self, release: Release, now_ps: int) -> list[Release]:
        releases: list[Release] = []
        if release.phase == QUEUE:
            self._server.submit(self._served(release.request))
        else:
            for number in self._server.step_done():
                releases += self._over(self._live[number], now_ps)
        if not self._server.is_busy:
            step = self._server.next_step()
            if step is not None:
                releases.append(self._run(step, now_ps))
        return releases

    def notes(self) -> list[str]:
        """How full the cache was, what was found in it, who had to make room."""
        cache, server, page = self._server.cache, self._server, self._serving.page_tokens
        size = format_bytes(cache.num_pages * page * self._token_bytes)
        parts = [f"{cache.num_pages} pages of {page} tokens ({size}), at most {cache.most_used} in use"]
        if server.found_tokens:
            parts.append(f"{server.found_tokens} prompt tokens found in it")
        if server.num_evictions:
            how = "were swapped out" if self._serving.swap_bytes_per_s else "were computed anew"
            parts.append(f"{server.num_evictions} times a request made room; the tokens of its cache {how}")
        return [f"{self.stream.name}: key-value cache of " + "; ".join(parts)]

    def _first_release(self, request: Request, arrival_ps: int) -> Release:
        return self._release(request, Work(NOTHING, QUEUE), arrival_ps)

    def _served(self, number: int) -> Served:
        """A request with its lengths, cut where cache or context end."""
        prompt, tokens = drawn(self._step, Random(f"{self._seed}/{self.stream.name}/{number}"))
        prompt = max(1, min(prompt, self._context - 1))
        return Served(number, prompt, max(1, min(tokens, self._context - prompt)))

    def _run(self, step: ServeStep, now_ps: int) -> Release:
        request = self._live[step.shares[0][0]]
        if step.kind == "swap":
            rate = self._serving.swap_bytes_per_s
            assert rate is not None
            delay = bytes_to_ps(step.moved_tokens * self._token_bytes, rate)
            return self._release(request, Work(NOTHING, "swap"), now_ps + delay, step.shares)
        own = self._step
        lengths = {**dict(own.lengths), "batch": step.batch, "seq": step.seq, "past": step.past}
        graph = self._models.template(own.model, own.units, lengths)
        tokens = sum(tokens for _, tokens in step.shares)
        return self._release(request, Work(graph, step.kind, tokens, step.batch), now_ps, step.shares)
