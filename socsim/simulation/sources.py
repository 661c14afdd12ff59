"""Programs that hand the engine instances as they fall due: closed loops and generation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from socsim.taskgraph import Release, TaskGraph, TaskSource

Template = Callable[[dict[str, int]], TaskGraph]
"""The task graph of a workload at given lengths."""


class ClosedLoop(TaskSource):
    """Runs a graph `count` times, each when the one before is done."""

    def __init__(self, stream: str, graph: TaskGraph, count: int, priority: int = 0) -> None:
        self._stream = stream
        self._graph = graph
        self._count = count
        self._priority = priority

    def begin(self) -> Iterable[Release]:
        return [self._release(0, 0)]

    def arrived(self, release: Release, now_ps: int) -> Iterable[Release]:
        return ()

    def completed(self, release: Release, now_ps: int) -> Iterable[Release]:
        following = release.index + 1
        return [self._release(following, now_ps)] if following < self._count else ()

    def _release(self, index: int, now_ps: int) -> Release:
        return Release(now_ps, self._stream, self._graph, index, priority=self._priority)


class Generation(TaskSource):
    """One request after another: a prefill of `prompt` tokens that yields the first output token, then one decode step
    per further token over a cache that grows; `requests` times."""

    def __init__(
        self,
        stream: str,
        template: Template,
        prompt: int,
        tokens: int,
        batch: int,
        requests: int = 1,
        priority: int = 0,
    ) -> None:
        self._stream = stream
        self._template = template
        self._prompt = prompt
        self._tokens = tokens
        self._batch = batch
        self._requests = requests
        self._priority = priority
        self._steps = tokens

    def begin(self) -> Iterable[Release]:
        return [self._prefill(0, 0)]

    def arrived(self, release: Release, now_ps: int) -> Iterable[Release]:
        return ()

    def completed(self, release: Release, now_ps: int) -> Iterable[Release]:
        step = release.index % self._steps + 1
        if step < self._tokens:
            past = self._prompt + step - 1
            graph = self._template({"batch": self._batch, "seq": 1, "past": past})
            return [
                Release(
                    now_ps, self._stream, graph, release.index + 1, "decode", self._priority,
                    tokens=self._batch, request=release.request,
                )
            ]  # fmt: skip
        if release.request + 1 < self._requests:
            return [self._prefill(release.request + 1, now_ps)]
        return ()

    def _prefill(self, request: int, now_ps: int) -> Release:
        graph = self._template({"batch": self._batch, "seq": self._prompt, "past": 0})
        return Release(
            now_ps, self._stream, graph, request * self._steps, "prefill", self._priority,
            tokens=self._prompt * self._batch, request=request,
        )  # fmt: skip


class Merged(TaskSource):
    """Several streams in one run; each release goes back to the source that owns its stream."""

    def __init__(self, sources: Sequence[tuple[str, TaskSource]]) -> None:
        self._by_stream = dict(sources)

    def begin(self) -> Iterable[Release]:
        return [release for source in self._by_stream.values() for release in source.begin()]

    def arrived(self, release: Release, now_ps: int) -> Iterable[Release]:
        return self._by_stream[release.stream].arrived(release, now_ps)

    def completed(self, release: Release, now_ps: int) -> Iterable[Release]:
        return self._by_stream[release.stream].completed(release, now_ps)
