"""The detailed model with clients that come and go: every port takes one transfer after the other.

A transfer is a number of requests at a pace; the memory runs until the first transfer is served, or until a cycle at
which something else happens. Numba makes it fast; without it the same functions run as plain Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from socsim.engine.memory.dram.compiled import numba_is_installed
from socsim.engine.memory.dram.compiled_memory import (
    F_CREDIT,
    F_DUE,
    F_GAP,
    F_WRITE_FRACTION,
    K_AT,
    K_BACK_END,
    K_BACK_FIRST,
    K_BASE,
    K_BLOCKED,
    K_BLOCKS,
    K_LAST_BACK,
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
    transfers of ranks 0 ... `ranks` - 1."""

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
        layout = Layout(par, [idle] * num_ports)
        self._interpret = not numba_is_installed() if interpret is None else interpret
        self._ports = layout.clients
        self._free = list(range(num_ports - 1, -1, -1))
        self._active: list[int] = []
        self._words: Any = layout.words
        self._paces: Any = layout.paces
        self._size = size
        self.num_requests = 0
        """Requests asked for so far."""
        self.cycle = 0
        """The cycle up to which the memory has run."""
        if not self._interpret:
            import numpy as np

            self._words = np.array(layout.words, np.int64)
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
        k, m, f = self._ports[port], self._words, self._paces
        values = {
            K_RANDOM: int(transfer.random), K_WINDOW: transfer.window, K_LEFT: transfer.num_requests,
            K_PENDING: transfer.num_requests, K_LAST_BACK: 0, K_BASE: transfer.base, K_REGION: transfer.region,
            K_STRIDE: transfer.stride, K_BLOCKS: transfer.region // self._size, K_SIZE: self._size,
            K_OUTSTANDING: 0, K_BLOCKED: -1, K_AT: 0, K_AT + 1: 0, K_TURNS: 0, K_TURNS + 1: 0, K_BACK_FIRST: 0,
            K_BACK_END: 0, K_RANK: transfer.rank,
        }  # fmt: skip
        for at, value in values.items():
            m[k + at] = value
        pace = int(m[k + K_PACE])
        f[pace + F_GAP], f[pace + F_DUE] = 0.0, float(self.cycle + 1)
        f[pace + F_WRITE_FRACTION], f[pace + F_CREDIT] = transfer.write_fraction, 0.0
        self.num_requests += transfer.num_requests
        self._turns()
        return port

    def set_pace(self, port: int, gap_cycles: float) -> None:
        """From now on a request every so many cycles at most. What is late already may catch up."""
        f = self._paces
        pace = int(self._words[self._ports[port] + K_PACE])
        if f[pace + F_GAP] != gap_cycles:
            f[pace + F_GAP] = gap_cycles
            f[pace + F_DUE] = min(f[pace + F_DUE], self.cycle + 1 + gap_cycles)
            self._words[R_WAKE] = min(self._words[R_WAKE], self.cycle + 1)

    def left(self, port: int) -> int:
        """Requests of a port's transfer that are not on their way back."""
        return int(self._words[self._ports[port] + K_PENDING])

    def withdraw(self, port: int) -> None:
        """Ask for nothing more: the port is served when what it has asked for is back."""
        k, m = self._ports[port], self._words
        m[k + K_PENDING] -= m[k + K_LEFT]
        m[k + K_LEFT] = 0

    def run(self, until: int) -> list[int]:
        """Go on until a cycle, or until the first transfers are served; their ports, free again."""
        if until >= FAR:
            raise ModelError(f"DRAM in detail, every request: more than {FAR} cycles; use dram.sampling=on")
        m = self._words
        stop = until
        for port in self._active:
            k = self._ports[port]
            if m[k + K_PENDING] == 0:
                stop = min(stop, max(self.cycle, int(m[k + K_LAST_BACK])))
        m[R_STOP] = stop
        if self._interpret:
            run_memory(m, self._paces)
        else:
            from socsim.engine.memory.dram.compiled_numba import compiled_run

            compiled_run()(m.ctypes.data, self._paces.ctypes.data)
        self.cycle = stop = int(m[R_STOP])
        served = []
        for port in self._active:
            k = self._ports[port]
            if m[k + K_PENDING] == 0 and m[k + K_LAST_BACK] <= stop:
                served.append(port)
        for port in served:
            self._active.remove(port)
            self._free.append(port)
        if served:
            self._free.sort(reverse=True)
            self._turns()
        return served

    def _turns(self) -> None:
        """Only the ports up to the last one in use take turns."""
        m = self._words
        m[R_CLIENTS] = max(self._active, default=-1) + 1
        if m[R_TURN] >= m[R_CLIENTS]:
            m[R_TURN] = 0
        m[R_WAKE] = min(m[R_WAKE], self.cycle + 1)
