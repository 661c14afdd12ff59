"""A fabric behind which every request is served: flows are fluid up to the memory, which is simulated in detail.

The fluid solution over the links, with memory at its peak, is the pace at which the requests of a flow come; a flow is
over when its last byte has crossed the links and its last request is back. The memory never runs past the next thing
that is due elsewhere, so nothing comes to it late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import ceil

from socsim.engine.kernel import Kernel
from socsim.engine.memory.dram.parameters import FAR
from socsim.engine.memory.dram.session import Session, Transfer
from socsim.engine.memory.dram.system import MemoryDescription
from socsim.engine.memory.dram_window import (
    REQUEST_BYTES,
    Placement,
    describe_dram,
    idle_latency_ps,
    notes_on_part,
    stride_of,
)
from socsim.engine.memory.fabric import Fabric
from socsim.engine.memory.link import Flow, LinkState
from socsim.engine.memory.traffic import TrafficClasses
from socsim.errors import ModelError
from socsim.hardware import Soc
from socsim.quantity import round_up_ps

_PORTS_PER_SLOT = 4
"""Transfers of a unit's slot that may be under way: its body, and results of earlier ones that are still leaving."""
_RANDOM_REGION = 1 << 28


class RequestDram:
    """The memory of one run, its ports, and where the next transfer lies: one after the other, as a heap would."""

    def __init__(self, soc: Soc) -> None:
        dram = soc.dram
        self.memory: MemoryDescription = describe_dram(dram)
        self.name = f"{dram.channels} x {dram.part}"
        default = dram.stream_window * dram.channels
        self.windows = {
            unit.name: default if unit.outstanding is None else max(1, unit.outstanding * unit.line // REQUEST_BYTES)
            for unit in soc.units
        }
        num_slots = sum(unit.slots if unit.concurrency == "spatial" else 1 for unit in soc.units)
        largest = max(default, *self.windows.values())
        classes = sorted({0, *(unit.memory_priority for unit in soc.units)})
        self.ranks = {unit.name: classes.index(unit.memory_priority) for unit in soc.units}
        """Classes of priority of the units, lowest first."""
        self.default_rank = classes.index(0)
        ports = _PORTS_PER_SLOT * (num_slots + 1)
        self.session = Session(self.memory.parameters, ports, largest, REQUEST_BYTES, ranks=len(classes))
        self.default_window = default
        self.idle_ps = round(idle_latency_ps(self.memory, Placement(default, dram.window_requests, False)))
        """Latency of a request alone, which the chip's `latency` contains."""
        self._capacity_bytes = dram.capacity
        self._next_base = 0
        self._notes = notes_on_part(dram)

    def transfer(self, size_bytes: float, client: str, pattern: str, read_share: float) -> Transfer:
        """The requests of some bytes."""
        count = max(1, ceil(size_bytes / REQUEST_BYTES))
        stride = stride_of(pattern)
        region = _RANDOM_REGION if pattern == "random" else 2 * ceil(count / 2) * stride
        region = min(region, self._capacity_bytes // (2 * REQUEST_BYTES) * 2 * REQUEST_BYTES)
        if self._next_base + region > self._capacity_bytes:
            self._next_base = 0
        base = self._next_base
        self._next_base += region
        window = self.windows.get(client, self.default_window)
        rank = self.ranks.get(client, self.default_rank)
        return Transfer(count, base, region, stride, window, 1.0 - read_share, pattern == "random", rank)

    def notes(self) -> tuple[str, ...]:
        """How much was driven."""
        session = self.session
        return (f"DRAM in detail: {session.num_requests} requests of {REQUEST_BYTES} B through {self.name}, "
                f"{session.cycle} busy cycles",)  # fmt: skip


class _Errand:
    """A flow and its requests: it is over when both are."""

    __slots__ = ("flow", "fluid_is_done", "on_done", "port", "share", "transfer")

    def __init__(self, flow: Flow, share: float, on_done: Callable[[Flow], None], transfer: Transfer) -> None:
        self.flow = flow
        self.share = share
        self.on_done = on_done
        self.transfer = transfer
        self.port = -1
        self.fluid_is_done = False


class RequestFabric(Fabric):
    """Links as a fluid, memory by requests."""

    def __init__(
        self, kernel: Kernel, links: Iterable[LinkState], dram: LinkState, classes: TrafficClasses, memory: RequestDram
    ) -> None:
        super().__init__(kernel, links)
        self._dram = dram
        self._classes = classes
        self._memory = memory
        self._session = memory.session
        self._clock_ps = memory.memory.clock_ps
        self._slept = 0
        """Cycles in which the memory had nothing to do; it skips them."""
        self._errands: dict[Flow, _Errand] = {}
        self._off: dict[Flow, None] = {}
        """Flows whose bytes have crossed the links: they have given these back, whatever memory still has to do."""
        self._of_port: dict[int, _Errand] = {}
        self._queue: list[_Errand] = []
        self._is_due = False

    def start(self, flow: Flow) -> None:
        """Let a flow enter, and its requests."""
        self._send(flow)
        super().start(flow)

    def restart(self, flow: Flow, size_bytes: float, cap: float) -> None:
        """More bytes for a flow that has just finished."""
        flow.remaining = size_bytes
        if flow in self._off:
            del self._off[flow]
            flow.cap = cap
            self.start(flow)
        else:
            self._send(flow)
            super().restart(flow, size_bytes, cap)

    def set_cap(self, flow: Flow, cap: float) -> None:
        """Another cap is another pace."""
        if flow in self._off:
            flow.cap = cap
        else:
            super().set_cap(flow, cap)
            self._look()

    def bytes_left(self, flow: Flow) -> float:
        """What has not crossed the links, or has not come back from memory."""
        left = super().bytes_left(flow)
        errand = self._errands.get(flow)
        if errand is None:
            return left
        requests = self._session.left(errand.port) if errand.port >= 0 else 0
        if errand in self._queue:
            requests = errand.transfer.num_requests
        return max(left, requests * REQUEST_BYTES / errand.share)

    def pause(self, flow: Flow) -> None:
        """A flow stops; requests that are under way come back, the others are asked for when it goes on."""
        left = self.bytes_left(flow)
        if flow in self._off:
            self.leave(flow)
        else:
            super().pause(flow)
        flow.remaining = left

    def leave(self, flow: Flow) -> None:
        """A flow gives its links back."""
        errand = self._errands.pop(flow, None)
        if errand is not None:
            flow.on_done = errand.on_done
            if errand in self._queue:
                self._queue.remove(errand)
            elif errand.port >= 0:
                self._session.withdraw(errand.port)
                del self._of_port[errand.port]
        if flow in self._off:
            del self._off[flow]
        else:
            super().leave(flow)
        self._look()

    def _send(self, flow: Flow) -> None:
        share = next((part for link, part in flow.links if link is self._dram), 0.0)
        if share and flow.remaining:
            ((pattern, read_share),) = self._classes.streams(flow.traffic)
            transfer = self._memory.transfer(flow.remaining * share, flow.path.client, pattern, read_share)
            errand = self._errands[flow] = _Errand(flow, share, flow.on_done, transfer)
            flow.on_done = self._crossed
            self._queue.append(errand)
            self._look()

    def _crossed(self, flow: Flow) -> None:
        """The last byte has crossed the links."""
        errand = self._errands[flow]
        errand.fluid_is_done = True
        super().leave(flow)
        self._off[flow] = None
        if errand.port == -1 and errand not in self._queue:
            self._finish_errand(errand)
        else:
            self._look()

    def _finish_errand(self, errand: _Errand) -> None:
        flow = errand.flow
        del self._errands[flow]
        flow.on_done = errand.on_done
        flow.remaining = 0.0
        flow.on_done(flow)

    # -- the memory's own time ---------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Let the memory go on at the end of this instant, when rates are known."""
        if not self._is_due:
            self._is_due = True
            self.kernel.at_end_of_instant(self._advance, None)

    def _advance(self, _: None) -> None:
        if not self.kernel.is_instant_over():
            self.kernel.at_end_of_instant(self._advance, None)
            return
        self._is_due = False
        session = self._session
        now = self.kernel.now
        if session.is_idle:
            self._slept = int(now / self._clock_ps) - session.cycle
        while self._queue and session.has_room:
            errand = self._queue.pop(0)
            errand.port = session.begin(errand.transfer)
            self._of_port[errand.port] = errand
        if session.is_idle:
            return
        for port, errand in self._of_port.items():
            rate = 0.0 if errand.fluid_is_done else self.rate(errand.flow) * errand.share
            if not errand.fluid_is_done:
                gap = REQUEST_BYTES / (rate * self._clock_ps) if rate else float(FAR)
                session.set_pace(port, gap)
            else:
                session.set_pace(port, 0.0)
        due = self.kernel.next_ps()
        until = FAR - 1 if due is None else self._cycle_at(due)
        if until < session.cycle:
            until = session.cycle
        served = session.run(until)
        if served:
            at = round_up_ps((session.cycle + self._slept) * self._clock_ps)
            self.kernel.after(max(0, at - now), self._served, served)
        elif due is None:
            raise ModelError("DRAM in detail: requests that are never served")
        else:
            self.kernel.after(due - now, self._again, None)

    def _again(self, _: None) -> None:
        self._look()

    def _served(self, ports: list[int]) -> None:
        """The last requests of some flows are back."""
        done = []
        for port in ports:
            errand = self._of_port.pop(port, None)
            if errand is not None:
                errand.port = -1
                if errand.fluid_is_done:
                    done.append(errand)
        self._look()
        for errand in done:
            self._finish_errand(errand)

    def _cycle_at(self, time_ps: int) -> int:
        """The last cycle that is over at a time."""
        cycle = int(time_ps / self._clock_ps) - self._slept
        return cycle if round_up_ps((cycle + self._slept) * self._clock_ps) <= time_ps else cycle - 1
