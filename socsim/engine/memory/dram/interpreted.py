"""The detailed DRAM model in plain Python: clients at their ports, channels behind, from event to event.

The slower of two engines that agree to the cycle; `compiled` needs numba.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence

from socsim.engine.memory.dram.interpreted_channel import make_channel
from socsim.engine.memory.dram.interpreted_port import WINDOW, make_port
from socsim.engine.memory.dram.interpreted_ports import Ports
from socsim.engine.memory.dram.parameters import (
    FAR,
    HISTOGRAM_BINS,
    ChannelParameters,
    ClientCounts,
    ClientParameters,
    RunCounts,
    histogram_bin,
    trimmed,
)

FOLD = 1 << 17  # latencies kept before they are folded into the histogram


class _Samples:
    """Latencies of one client and direction: appended one by one, folded into a histogram in bulk."""

    __slots__ = ("histogram", "kept", "requests", "total")

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.requests = self.total = 0
        self.histogram = [0] * HISTOGRAM_BINS

    def fold(self) -> None:
        self.requests += len(self.kept)
        self.total += sum(self.kept)
        for latency, count in Counter(self.kept).items():
            self.histogram[histogram_bin(latency)] += count
        del self.kept[:]


class InterpretedEngine:
    """One memory system with its clients. `run` may be called again to go on from where it stopped.

    It knows FR-FCFS, open and closed pages and one command bus; `is_known` says whether that is enough.
    """

    def __init__(self, par: ChannelParameters, clients: Sequence[ClientParameters]) -> None:
        count = len(clients)
        self._par = par
        self._reads = [_Samples() for _ in range(count)]
        self._writes = [_Samples() for _ in range(count)]
        self._span = [0, 0, 0]  # measured after, measured until, stop
        # requests of the finite clients still to be served, or -1 where there are no such clients
        finite = [client.requests for client in clients if client.requests >= 0]
        self._live = sum(finite) if finite else -1
        writers = any(client.write_fraction > 0 for client in clients)
        self._ports = Ports(par, writers, [client.requests for client in clients])
        self._ports.finish = self._make_finish([client.posted for client in clients])
        self._channels = [make_channel(c, par, self._ports) for c in range(par.channels)]
        self._serve = self._make_serve([make_port(k, clients, par, self._ports, self._channels) for k in range(count)])

    @staticmethod
    def is_known(par: ChannelParameters) -> bool:
        """Whether this engine has the scheduler, the page policy and the buses of `par`."""
        return par.scheduler == 0 and par.page_policy != 2 and not par.two_command_buses

    def run(self, warm: int, stop: int, until: int = 0) -> RunCounts:
        """Go on until cycle `stop` (included), or until the finite clients are served.

        Counted are requests whose data is back after cycle `warm` and until cycle `until` (default: `stop`).
        """
        span = self._span
        span[:] = warm, until or stop, stop
        if self._live == 0:
            return self.counts()
        visits, wake, serve = self._ports.visits, self._ports.wake, self._serve
        if self._par.channels == 1:
            visit = self._channels[0][0]
            v = visits[0]
            while True:
                t = wake[0]
                if v <= t:
                    if v > span[2]:
                        break
                    visits[0] = v = visit(v)
                elif t > span[2]:
                    break
                else:
                    serve(t)
                    v = visits[0]
            return self.counts()
        visit_of = [channel[0] for channel in self._channels]
        while True:
            t = min(visits)
            if wake[0] < t:
                t = wake[0]
            if t > span[2]:
                return self.counts()
            for c, v in enumerate(visits):
                if v <= t:
                    visits[c] = visit_of[c](t)
            if wake[0] <= t:
                serve(t)

    def counts(self) -> RunCounts:
        """What the clients got so far."""
        for samples in (*self._reads, *self._writes):
            samples.fold()
        clients = [
            ClientCounts(r.requests, w.requests, r.total, w.total, trimmed(r.histogram), trimmed(w.histogram))
            for r, w in zip(self._reads, self._writes, strict=True)
        ]
        return RunCounts(clients, [channel[3]() for channel in self._channels], min(self._span[1:]))

    def _make_finish(self, posted: list[bool]) -> Callable[[list[int], int], None]:
        """The function that books a request: its last burst is on its way, its data is back at cycle `when`."""
        span, wake, blocked, left = self._span, self._ports.wake, self._ports.blocked, self._ports.left
        kept = [[samples.kept for samples in self._reads], [samples.kept for samples in self._writes]]
        returns, sinks = self._ports.returns, [self._reads, self._writes]

        def finish(req: list[int], when: int) -> None:
            k = req[1]
            if span[0] < when <= span[1]:
                latencies = kept[req[3]][k]
                latencies.append(when - req[2])
                if len(latencies) >= FOLD:
                    sinks[req[3]][k].fold()
            if left[k] >= 0:
                self._live -= 1
                if self._live == 0 and when < span[2]:
                    span[2] = when
            if req[3] and posted[k]:
                return
            back = returns[k]
            if back and back[-1] > when:
                back.insert(bisect_right(back, when), when)
            else:
                back.append(when)
            if blocked[k] == WINDOW and back[0] < wake[0]:
                wake[0] = back[0]

        return finish

    def _make_serve(self, attempts: list[Callable[[int], bool]]) -> Callable[[int], None]:
        """The function that lets requests enter the queues in a cycle: in turn, one of each client per round."""
        ports, count, limit, rotating = self._ports, len(attempts), self._par.grants_per_cycle, self._par.rotating
        blocked, room, waiting, wake = ports.blocked, ports.room, ports.waiting, ports.wake
        rounds = [[(start + i) % count for i in range(count)] for start in range(count)]
        attempt = attempts[0]
        turn = 0

        def serve_one(now: int) -> None:
            wake[0] = FAR
            q = blocked[0]
            if q >= 0:
                if not room[q]:
                    return
                waiting[q] = 0
                blocked[0] = -1
            granted = 0
            while attempt(now):
                granted += 1
                if granted == limit:
                    wake[0] = now + 1
                    return

        def serve(now: int) -> None:
            nonlocal turn
            wake[0] = FAR
            granted = 0
            in_turn = rounds[now % count if rotating else turn]
            moved = True
            while moved:
                moved = False
                for k in in_turn:
                    q = blocked[k]
                    if q >= 0:
                        if not room[q]:
                            continue
                        waiting[q] -= 1
                        blocked[k] = -1
                    if attempts[k](now):
                        granted += 1
                        moved = True
                        turn = k + 1 if k + 1 < count else 0
                        if granted == limit:
                            wake[0] = now + 1
                            return

        return serve_one if count == 1 else serve
