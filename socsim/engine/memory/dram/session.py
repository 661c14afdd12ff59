"""The detailed model with clients that come and go: every port takes one transfer after the other.

A transfer is a number of requests at a pace; the memory runs until the first transfer is served, or until a cycle at
which something else happens. Numba makes it fast; without it the same functions run as plain Python.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from socsim.engine.memory.dram.compiled import numba_is_installed
from socsim.engine.memory.dram.compiled_memory import (
    F_AHEAD,
    F_CREDIT,
    F_DUE,
    F_GAP,
    F_PER_REQUEST,
    F_WRITE_FRACTION,
    K_AT,
    K_BACK_END,
    K_BACK_FIRST,
    K_BASE,
    K_BLOCKED,
    K_BLOCKS,
    K_FOLLOWER,
    K_LAST_BACK,
    K_LEADER,
    K_LEFT,
    K_OUTSTANDING,
    K_PACE,
    K_PENDING,
    K_RANDOM,
    K_RANK,
    K_REGION,
    K_SIZE,
    K_STRIDE,
    K_TURNS,
    K_WINDOW,
    R_CLIENTS,
    R_EACH,
    R_HIGHEST,
    R_LIVE,
    R_STOP,
    R_TURN,
    R_WAKE,
    Layout,
)
from socsim.engine.memory.dram.compiled_ports import run_memory
from socsim.engine.memory.dram.parameters import FAR, ChannelParameters, ClientParameters
from socsim.errors import ModelError

_WITHOUT_END = 1 << 40


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a port is to do: requests of a stream, of random blocks or with a stride from a base on.

    `window` requests at most are in flight; one in `write_fraction` writes. Addresses in bytes. Transfers of a higher
    `rank` enter the queues of the memory before others; what is queued is served whatever its rank.
    """

    num_requests: int
    base: int
    region: int
    stride: int
    window: int
    write_fraction: float
    random: bool = False
    rank: int = 0


class Session:
    """One memory system with `num_ports` ports, each with at most `window` requests of `size` bytes in flight, for
    transfers of ranks 0 ... `ranks` - 1.

    Where a transfer both reads and writes, a second record of its port writes, in step with the reads.
    """

    def __init__(
        self,
        par: ChannelParameters,
        num_ports: int,
        window: int,
        size: int,
        *,
        ranks: int = 1,
        interpret: bool | None = None,
    ) -> None:
        idle = ClientParameters(
            random=False, gap=0.0, window=window, write_fraction=0.0, base=0, region=size, stride=size, poisson=False,
            size=size, requests=0,
        )  # fmt: skip
        layout = Layout(par, [idle, replace(idle, posted=True)] * num_ports)
        self._interpret = not numba_is_installed() if interpret is None else interpret
        self._ports = layout.clients[::2]
        self._writers = layout.clients[1::2]
        self._writes = [0.0] * num_ports
        """Share of writes of each port's transfer."""
        self._free = list(range(num_ports - 1, -1, -1))
        self._active: list[int] = []
        self._words: Any = layout.as_list() if self._interpret else layout.as_array()
        self._paces: Any = layout.paces
        self._size = size
        self.num_requests = 0
        """Requests asked for so far."""
        self.cycle = 0
        """The cycle up to which the memory has run."""
        if not self._interpret:
            import numpy as np

            self._paces = np.array(layout.paces, np.float64)
        self._words[R_LIVE], self._words[R_EACH], self._words[R_CLIENTS] = _WITHOUT_END, 1, 0
        self._words[R_HIGHEST] = ranks - 1

    @property
    def is_idle(self) -> bool:
        """Whether no port has anything to do."""
        return not self._active

    @property
    def has_room(self) -> bool:
        """Whether a port is free."""
        return bool(self._free)

    def begin(self, transfer: Transfer) -> int:
        """Give a transfer to a free port, which is returned; it starts in the next cycle, without a pace."""
        port = self._free.pop()
        self._active.append(port)
        self._writes[port] = share = transfer.write_fraction
        writes = min(transfer.num_requests - 1, round(transfer.num_requests * share)) if 0 < share < 1 else 0
        reader, writer, m = self._ports[port], self._writers[port], self._words
        self._fill(reader, transfer, transfer.num_requests - writes, 0.0 if writes else share)
        m[reader + K_FOLLOWER] = -1
        if writes:
            self._fill(writer, transfer, writes, 1.0)
            m[reader + K_FOLLOWER], m[writer + K_LEADER] = writer, reader
            self._paces[int(m[writer + K_PACE]) + F_PER_REQUEST] = writes / (transfer.num_requests - writes)
        self.num_requests += transfer.num_requests
        self._turns()
        return port

    def _fill(self, k: int, transfer: Transfer, num_requests: int, write_fraction: float) -> None:
        """Give a record so many requests of a transfer."""
        m, f = self._words, self._paces
        values = {
            K_RANDOM: int(transfer.random), K_WINDOW: transfer.window, K_LEFT: num_requests,
            K_PENDING: num_requests, K_LAST_BACK: 0, K_BASE: transfer.base, K_REGION: transfer.region,
            K_STRIDE: transfer.stride, K_BLOCKS: transfer.region // self._size, K_SIZE: self._size,
            K_OUTSTANDING: 0, K_BLOCKED: -1, K_AT: 0, K_AT + 1: 0, K_TURNS: 0, K_TURNS + 1: 0, K_BACK_FIRST: 0,
            K_BACK_END: 0, K_RANK: transfer.rank,
        }  # fmt: skip
        for at, value in values.items():
            m[k + at] = value
        pace = int(m[k + K_PACE])
        f[pace + F_GAP], f[pace + F_DUE] = 0.0, float(self.cycle + 1)
        f[pace + F_WRITE_FRACTION], f[pace + F_CREDIT], f[pace + F_AHEAD] = write_fraction, 0.0, 0.0

    def set_pace(self, port: int, gap_cycles: float) -> None:
        """From now on a request every so many cycles at most. What is late already may catch up."""
        records = self._records(port)
        writes = self._writes[port]
        for k, share in zip(records, (1.0,) if len(records) == 1 else (1 - writes, writes), strict=True):
            f, pace = self._paces, int(self._words[k + K_PACE])
            gap = gap_cycles / share
            if f[pace + F_GAP] != gap:
                f[pace + F_GAP] = gap
                f[pace + F_DUE] = min(f[pace + F_DUE], self.cycle + 1 + gap)
                self._words[R_WAKE] = min(self._words[R_WAKE], self.cycle + 1)

    def left(self, port: int) -> int:
        """Requests of a port's transfer that are not on their way back."""
        return sum(int(self._words[k + K_PENDING]) for k in self._records(port))

    def withdraw(self, port: int) -> None:
        """Ask for nothing more: the port is served when what it has asked for is back."""
        m = self._words
        for k in self._records(port):
            m[k + K_PENDING] -= m[k + K_LEFT]
            m[k + K_LEFT] = 0

    def _records(self, port: int) -> tuple[int, ...]:
        """The records of a port that its transfer uses."""
        reader = self._ports[port]
        return (reader, self._writers[port]) if self._words[reader + K_FOLLOWER] >= 0 else (reader,)

    def run(self, until: int) -> list[int]:
        """Go on until a cycle, or until the first transfers are served; their ports, free again."""
        if until >= FAR:
            raise ModelError(f"DRAM in detail, every request: more than {FAR} cycles; use dram.sampling=on")
        served = self._run(until)
        while not served and self.cycle < until:
            served = self._run(until)
        if served:
            for port in served:
                self._active.remove(port)
                self._free.append(port)
            self._free.sort(reverse=True)
            self._turns()
        return served

    def _run(self, until: int) -> list[int]:
        """Go on until a cycle, or until a record has nothing left to do; the ports that are served."""
        m = self._words
        stop = until
        for port in self._active:
            if self.left(port) == 0:
                stop = min(stop, max(self.cycle, self._last_back(port)))
        m[R_STOP] = stop
        if self._interpret:
            run_memory(m, self._paces)
        else:
            from socsim.engine.memory.dram.compiled_numba import compiled_run

            compiled_run()(m.ctypes.data, self._paces.ctypes.data)
        self.cycle = stop = int(m[R_STOP])
        return [port for port in self._active if self.left(port) == 0 and self._last_back(port) <= stop]

    def _last_back(self, port: int) -> int:
        """Cycle at which the last request so far of a port's transfer is back."""
        return max(int(self._words[k + K_LAST_BACK]) for k in self._records(port))

    def _turns(self) -> None:
        """Only the ports up to the last one in use take turns."""
        m = self._words
        m[R_CLIENTS] = 2 * (max(self._active, default=-1) + 1)
        if m[R_TURN] >= m[R_CLIENTS]:
            m[R_TURN] = 0
        m[R_WAKE] = min(m[R_WAKE], self.cycle + 1)
