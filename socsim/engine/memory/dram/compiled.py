"""The detailed DRAM model compiled by numba: several hundred thousand requests per second of CPU.

The functions are plain Python over a flat memory (`compiled_*`); without numba they run all the same, slowly, which
the tests use. They are compiled once and kept on disk by numba; a fingerprint of their source is part of the key, so
that an upgrade cannot meet old machine code.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

from socsim.engine.memory.dram.compiled_memory import (
    C_ACTIVATES,
    C_READ_BURSTS,
    C_REFRESHES,
    C_WRITE_BURSTS,
    K_HISTOGRAM,
    K_LATENCY,
    K_READS,
    R_LIVE,
    R_STOP,
    R_UNTIL,
    R_WARM,
    Layout,
)
from socsim.engine.memory.dram.compiled_ports import run_memory
from socsim.engine.memory.dram.parameters import (
    HISTOGRAM_BINS,
    ChannelCounts,
    ChannelParameters,
    ClientCounts,
    ClientParameters,
    RunCounts,
    trimmed,
)


def numba_is_installed() -> bool:
    """Whether the compiled engine can be compiled (the extra 'fast')."""
    return importlib.util.find_spec("numba") is not None


class CompiledEngine:
    """One memory system with its clients. `run` may be called again to go on from where it stopped.

    `interpret` runs the same functions as plain Python, for tests.
    """

    def __init__(self, par: ChannelParameters, clients: Sequence[ClientParameters], interpret: bool = False) -> None:
        self._layout = Layout(par, clients)
        self._words: Any = self._layout.as_list() if interpret else self._layout.as_array()
        self._paces: Any = self._layout.paces
        self._interpret = interpret
        if not interpret:
            import numpy as np

            self._paces = np.array(self._paces, np.float64)

    def run(self, warm: int, stop: int, until: int = 0) -> RunCounts:
        """Go on until cycle `stop` (included), or until the finite clients are served.

        Counted are requests whose data is back after cycle `warm` and until cycle `until` (default: `stop`).
        """
        words = self._words
        words[R_WARM], words[R_STOP], words[R_UNTIL] = warm, stop, until or stop
        if words[R_LIVE] == 0:
            return self.counts()
        if self._interpret:
            run_memory(words, self._paces)
        else:
            from socsim.engine.memory.dram.compiled_numba import compiled_run

            compiled_run()(words.ctypes.data, self._paces.ctypes.data)
        return self.counts()

    def counts(self) -> RunCounts:
        """What the clients got so far."""
        words = self._words

        def histogram(k: int, write: int) -> list[int]:
            first = int(words[k + K_HISTOGRAM]) + write * HISTOGRAM_BINS
            found = words[first : first + HISTOGRAM_BINS]
            if self._interpret:
                return trimmed(found)
            filled = found.nonzero()[0]
            return found[: filled[-1] + 1].tolist() if len(filled) else []

        clients = [
            ClientCounts(
                int(words[k + K_READS]), int(words[k + K_READS + 1]), int(words[k + K_LATENCY]),
                int(words[k + K_LATENCY + 1]), histogram(k, 0), histogram(k, 1),
            )
            for k in self._layout.clients
        ]  # fmt: skip
        channels = [
            ChannelCounts(*(int(words[c + at]) for at in (C_ACTIVATES, C_READ_BURSTS, C_WRITE_BURSTS, C_REFRESHES)))
            for c in self._layout.channels
        ]
        return RunCounts(clients, channels, int(min(words[R_STOP], words[R_UNTIL])))
