"""One stream: requests that arrive, and each one's way through the program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from socsim.simulation.streams.arrivals import arrival_times
from socsim.simulation.streams.milestones import Milestones
from socsim.simulation.streams.player import Player
from socsim.simulation.streams.work import NOTHING, Action, Wait, Work
from socsim.taskgraph import Release
from socsim.workload.scenario import After, Closed, Periodic, Stream


class Request:
    """A request under way: what it still has to do, and when it and its pipeline's head fell due."""

    __slots__ = (
        "actions", "arrival_ps", "deadline_ps", "due_ps", "first_index", "head_ps", "number", "passed_ps", "warm_up",
    )  # fmt: skip

    def __init__(self, number: int, actions: Iterator[Action], arrival_ps: int, head_ps: int) -> None:
        self.number = number
        self.actions = actions
        self.arrival_ps = arrival_ps
        self.head_ps = head_ps
        self.first_index = -1
        self.deadline_ps: int | None = None
        self.due_ps: int | None = None
        self.passed_ps = 0
        self.warm_up = False


class StreamSource:
    """The requests of one stream. `due_from_head_ps` is when a stage of a pipeline has to be done, `milestones` when
    each instance of a request with a deadline has to be (None: with the last).
    `on_request_done(head_ps, now_ps)` returns what follows in other streams, `may_go_on()` says whether a stream that
    does not end by itself still begins requests.
    """

    def __init__(
        self,
        stream: Stream,
        player: Player,
        seed: int,
        due_from_head_ps: int | None,
        may_go_on: Callable[[], bool],
        on_request_done: Callable[[int, int], list[Release]],
        milestones: Milestones | None = None,
    ) -> None:
        self.stream = stream
        self._milestones = milestones
        self._player = player
        self._seed = seed
        self._due_from_head_ps = due_from_head_ps
        self._may_go_on = may_go_on
        self._on_request_done = on_request_done
        self._times = arrival_times(stream.arrival, Random(f"{seed}/{stream.name}/arrivals"))
        self._live: dict[int, Request] = {}
        self._next_request = 0
        self._next_index = 0
        self._is_over = False
        arrival = stream.arrival
        self._period_ps = arrival.nominal_ps(1) - arrival.offset_ps if isinstance(arrival, Periodic) else None

    @property
    def is_done(self) -> bool:
        """Whether no request is under way and none will come."""
        return self._is_over and not self._live

    def begin(self) -> list[Release]:
        """The first request; a stream that follows another waits for it."""
        arrival = self.stream.arrival
        if isinstance(arrival, After):
            return []
        return self._begin_request(0, 0) if isinstance(arrival, Closed) else self._next_arrival()

    def arrived(self, release: Release) -> list[Release]:
        """A request has fallen due: where time alone decides, so does the next one."""
        request = self._live.get(release.request)
        if isinstance(self.stream.arrival, After | Closed):
            return []
        return self._next_arrival() if request and request.first_index == release.index else []

    def completed(self, release: Release, now_ps: int) -> list[Release]:
        """An instance is done: the request's next action, or what its end brings."""
        request = self._live[release.request]
        following = self._next_release(request, now_ps)
        return [following] if following is not None else self._over(request, now_ps)

    def _over(self, request: Request, now_ps: int) -> list[Release]:
        """A request has done all it had to do."""
        del self._live[request.number]
        releases = self._on_request_done(request.head_ps, now_ps)
        arrival = self.stream.arrival
        if isinstance(arrival, Closed):
            releases += self._begin_request(now_ps + arrival.think_ps, now_ps + arrival.think_ps)
        return releases

    def follow(self, head_ps: int, now_ps: int) -> list[Release]:
        """The stage before is done with a request."""
        return self._begin_request(now_ps, head_ps)

    def end(self) -> None:
        """No more requests will come from the stage before."""
        self._is_over = True

    def _next_arrival(self) -> list[Release]:
        time_ps = next(self._times, None)
        if time_ps is None:
            self._is_over = True
            return []
        return self._begin_request(time_ps, time_ps)

    def _begin_request(self, arrival_ps: int, head_ps: int) -> list[Release]:
        stream, number = self.stream, self._next_request
        is_last = stream.count is not None and number >= stream.count
        is_late = stream.duration_ps is not None and arrival_ps >= stream.duration_ps
        if self._is_over or is_last or is_late or not (stream.ends or self._may_go_on()):
            self._is_over = True
            return []
        self._next_request += 1
        actions = self._player.request(Random(f"{self._seed}/{stream.name}/{number}"))
        request = Request(number, actions, arrival_ps, head_ps)
        request.warm_up = arrival_ps < stream.warm_up_ps or number < stream.warm_up_count
        if stream.deadline_ps is not None:
            begin_ps = head_ps if stream.deadline_from == "head" else arrival_ps
            request.deadline_ps = begin_ps + stream.deadline_ps
        if self._due_from_head_ps is not None:
            due = head_ps + self._due_from_head_ps
            request.due_ps = due if request.deadline_ps is None else min(due, request.deadline_ps)
        self._live[number] = request
        request.first_index = self._next_index
        return [self._first_release(request, arrival_ps)]

    def _first_release(self, request: Request, arrival_ps: int) -> Release:
        first = next(request.actions, None)
        if isinstance(first, Work):
            return self._release(request, first, arrival_ps)
        if first is not None:
            request.actions = _prepended(first, request.actions)
        return self._release(request, Work(NOTHING, "begin"), arrival_ps)

    def _next_release(self, request: Request, now_ps: int) -> Release | None:
        time_ps = now_ps
        for action in request.actions:
            if isinstance(action, Wait):
                time_ps += action.duration_ps
                request.passed_ps += action.duration_ps
            else:
                return self._release(request, action, time_ps)
        if time_ps > now_ps:  # a pause at the end holds the request
            return self._release(request, Work(NOTHING, "end"), time_ps)
        return None

    def _release(self, request: Request, work: Work, time_ps: int, shares: tuple[tuple[int, int], ...] = ()) -> Release:
        stream, index = self.stream, self._next_index
        self._next_index += 1
        return Release(
            time_ps, stream.name, work.graph, index, work.phase, stream.priority, request.deadline_ps,
            request.warm_up, work.tokens, request.number, work.batch, work.stands_for, stream.bandwidth_weight,
            self._period_ps, self._due_ps(request, work), shares,
        )  # fmt: skip

    def _due_ps(self, request: Request, work: Work) -> int | None:
        """When an instance has to be done for the sake of what follows in its request and after it."""
        end_ps = request.deadline_ps if request.due_ps is None else request.due_ps
        if self._milestones is None or end_ps is None:
            return request.due_ps
        request.passed_ps += self._milestones.time_ps(work.graph)
        return self._milestones.due_ps(request.arrival_ps, end_ps, request.passed_ps)


def _prepended(first: Action, rest: Iterator[Action]) -> Iterator[Action]:
    yield first
    yield from rest
