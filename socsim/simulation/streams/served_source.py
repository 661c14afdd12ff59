"""A stream whose requests share their model's runs: arrivals queue up, a server says who takes part in each step."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from socsim.mapping.swap import swap_graph
from socsim.quantity import format_bytes
from socsim.result.generation import QUEUE
from socsim.simulation.checks.serving import cached_bytes, swap_storage
from socsim.simulation.models import Models
from socsim.simulation.streams.generation import drawn
from socsim.simulation.streams.paged_cache import PagedCache
from socsim.simulation.streams.player import Player
from socsim.simulation.streams.serve_step import DRAFTING, SWAPPING, Served, ServeStep
from socsim.simulation.streams.server import Server
from socsim.simulation.streams.static_server import StaticServer
from socsim.simulation.streams.stream_source import Request, StreamSource
from socsim.simulation.streams.work import NOTHING, Work
from socsim.taskgraph import Release, TaskGraph
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
        fixed, token_bytes = cached_bytes(step, models)
        self._page_bytes = max(1, serving.page_tokens * token_bytes)
        cache = PagedCache(
            cache_bytes // self._page_bytes, serving.page_tokens, serving.shared_prefix, -(-fixed // self._page_bytes)
        )
        self._storage = swap_storage(stream, models.soc)
        kind = StaticServer if serving.policy == "static" else Server
        self._server = kind(cache, serving.max_batch, step.chunk, self._storage is not None, step.draft)
        self._moved_bytes = {"swap out": 0, "swap in": 0}
        extra = step.draft.extra_nodes if step.draft is not None else 0
        self._context = min(cache.tokens_that_fit() - extra, models.context(step.model))

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
        size = format_bytes(cache.num_pages * self._page_bytes)
        parts = [f"{cache.num_pages} pages of {page} tokens ({size}), at most {cache.most_used} in use"]
        if server.found_tokens:
            parts.append(f"{server.found_tokens} prompt tokens found in it")
        if server.num_evictions:
            how = "was computed anew"
            if self._storage is not None:
                out, back = (format_bytes(self._moved_bytes[way]) for way in ("swap out", "swap in"))
                how = f"went to {self._storage.name} and back ({out} out, {back} in)"
            parts.append(f"{server.num_evictions} times a request made room; its cache {how}")
        return [f"{self.stream.name}: key-value cache of " + "; ".join(parts)]

    def _first_release(self, request: Request, arrival_ps: int) -> Release:
        return self._release(request, Work(NOTHING, QUEUE), arrival_ps)

    def _served(self, number: int) -> Served:
        """A request with its lengths, cut where cache or context end."""
        random = Random(f"{self._seed}/{self.stream.name}/{number}")
        prompt, tokens = drawn(self._step, random)
        prompt = max(1, min(prompt, self._context - 1))
        return Served(number, prompt, max(1, min(tokens, self._context - prompt)), random)

    def _run(self, step: ServeStep, now_ps: int) -> Release:
        request = self._live[step.shares[0][0]]
        if step.kind in SWAPPING:
            assert self._storage is not None
            size_bytes = step.moved_pages * self._page_bytes
            self._moved_bytes[step.kind] += size_bytes
            graph = swap_graph(size_bytes, self._storage, step.kind == "swap out")
            return self._release(request, Work(graph, step.kind), now_ps, step.shares)
        tokens = sum(tokens for _, tokens in step.shares)
        work = Work(self._graph(step), step.kind, tokens, len(step.shares))
        return self._release(request, work, now_ps, step.shares)

    def _graph(self, step: ServeStep) -> TaskGraph:
        own, model = self._step, self._step.model
        lengths = dict(own.lengths)
        if step.kind in DRAFTING:
            assert own.draft is not None
            assert own.draft.model is not None
            model, lengths = own.draft.model, {}
        if not step.batch:
            lengths |= {"batch": 1, "seq": step.chunk, "past": step.chunk_past}
        else:
            lengths |= {"batch": step.batch, "seq": step.seq, "past": step.past}
            if step.logits > 1:
                lengths["logits"] = step.logits
            if step.chunk:
                lengths |= {"chunk": step.chunk, "chunk_past": step.chunk_past}
        return self._models.template(model, own.units, lengths)
