"""All streams of a scenario as one source of instances."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from socsim.simulation.checks.memory import cache_pool_bytes
from socsim.simulation.models import Models
from socsim.simulation.streams.milestones import Milestones
from socsim.simulation.streams.player import Player
from socsim.simulation.streams.served_source import ServedSource
from socsim.simulation.streams.stage_deadlines import stage_deadlines_ps
from socsim.simulation.streams.stream_source import StreamSource
from socsim.taskgraph import Release, TaskSource
from socsim.workload.scenario import After, Scenario, Stream


class ScenarioSource(TaskSource):
    """Hands each event to the stream it belongs to, completions also to the stages that follow."""

    def __init__(self, scenario: Scenario, models: Models, seed: int) -> None:
        self._sources: dict[str, StreamSource] = {}
        self._followers: dict[str, list[tuple[StreamSource, int]]] = {}
        self._num_done: dict[str, int] = {}
        due = stage_deadlines_ps(scenario, models)
        for stream in scenario.streams:
            ends = self._others_run, self._then(stream.name)
            if stream.serving is not None:
                cache_bytes = cache_pool_bytes(scenario, stream, models)
                self._sources[stream.name] = ServedSource(stream, models, seed, cache_bytes, *ends)
            else:
                player = Player.of(stream.program, models)
                is_due = not player.only_run and (stream.deadline_ps is not None or stream.name in due)
                milestones = Milestones(stream.program, models) if is_due else None
                self._sources[stream.name] = StreamSource(
                    stream, player, seed, due.get(stream.name), *ends, milestones=milestones
                )
        for stream in scenario.streams:
            if isinstance(stream.arrival, After):
                follower = self._sources[stream.name], stream.arrival.every
                self._followers.setdefault(stream.arrival.stream, []).append(follower)
        self._ending = [self._sources[stream.name] for stream in scenario.streams if _ends(stream, scenario)]

    def notes(self) -> list[str]:
        """What streams that serve have to say after the run."""
        return [
            note for source in self._sources.values() if isinstance(source, ServedSource) for note in source.notes()
        ]

    def end(self) -> None:
        """The run is over: sources and this would keep each other, and all templates, alive."""
        self._sources.clear()
        self._followers.clear()
        self._ending.clear()

    def begin(self) -> Iterable[Release]:
        return [release for source in self._sources.values() for release in source.begin()]

    def arrived(self, release: Release, now_ps: int) -> Iterable[Release]:
        return self._sources[release.stream].arrived(release)

    def completed(self, release: Release, now_ps: int) -> Iterable[Release]:
        return self._sources[release.stream].completed(release, now_ps)

    def _others_run(self) -> bool:
        """Whether any stream that ends by itself has not ended yet."""
        for source in self._ending:
            self._end_followers(source)
        return any(not source.is_done for source in self._ending)

    def _end_followers(self, source: StreamSource) -> None:
        if source.is_done:
            for follower, _ in self._followers.get(source.stream.name, ()):
                follower.end()
                self._end_followers(follower)

    def _then(self, name: str) -> Callable[[int, int], list[Release]]:
        def request_done(head_ps: int, now_ps: int) -> list[Release]:
            number = self._num_done[name] = self._num_done.get(name, 0) + 1
            return [
                release
                for follower, every in self._followers.get(name, ())
                if number % every == 0
                for release in follower.follow(head_ps, now_ps)
            ]

        return request_done


def _ends(stream: Stream, scenario: Scenario) -> bool:
    """Whether a stream ends by itself; a stage ends where the head of its pipeline does."""
    arrival = stream.arrival
    return _ends(scenario.stream(arrival.stream), scenario) if isinstance(arrival, After) else stream.ends
