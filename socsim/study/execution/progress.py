"""How far a study is, on standard error: done, failed, rate, time left, the best so far."""

from __future__ import annotations

import sys
import time
from typing import Protocol, TextIO

_BAR = 24
_EVERY_S = 0.2
_EVERY_S_IN_A_LOG = 15.0


class Progress(Protocol):
    """Whoever wants to know how far a study is."""

    def begin(self, total: int, known: int) -> None:
        """`known` of `total` points need not be computed."""
        ...

    def advance(self, count: int, failed: int, best: str) -> None:
        """`count` more points are done, `failed` of them without success; `best` is for people."""
        ...

    def end(self) -> None:
        """Nothing more will come."""
        ...


class Silent:
    """Nobody wants to know."""

    def begin(self, total: int, known: int) -> None:
        pass

    def advance(self, count: int, failed: int, best: str) -> None:
        pass

    def end(self) -> None:
        pass


class Line:
    """One line that is written over and over on a terminal; a line now and then in a log."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._total = self._known = self._done = self._failed = 0
        self._start = self._last = 0.0
        self._best = ""

    def begin(self, total: int, known: int) -> None:
        self._total, self._known, self._done, self._failed = total, known, 0, 0
        self._start = self._last = time.monotonic()
        if known:
            self._print(f"{known} of {total} points are there already\n")

    def advance(self, count: int, failed: int, best: str) -> None:
        self._done += count
        self._failed += failed
        self._best = best
        now = time.monotonic()
        if now - self._last >= (_EVERY_S if self._terminal else _EVERY_S_IN_A_LOG):
            self._last = now
            self._show(now)

    def end(self) -> None:
        if self._done:
            self._show(time.monotonic())
            if self._terminal:
                self._print("\n")

    def _show(self, now: float) -> None:
        done = self._known + self._done
        rate = self._done / max(now - self._start, 1e-9)
        left = self._total - done
        filled = _BAR * done // max(self._total, 1)
        parts = [f"{'█' * filled}{'·' * (_BAR - filled)} {done}/{self._total}"]
        if self._failed:
            parts.append(f"{self._failed} failed")
        parts.append(f"{rate:.1f}/s")
        if left and rate:
            parts.append(f"{duration(left / rate)} left")
        if self._best:
            parts.append(self._best)
        line = "  ".join(parts)
        self._print(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")

    def _print(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def duration(seconds: float) -> str:
    """`75` -> `1 min 15 s`, for people."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
