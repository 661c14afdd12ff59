"""Python's cyclic garbage collector, paused while the engine runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """The engine drops its objects without cycles, so the collector would only walk the living ones again and again
    (a tenth of the CPU time of a long generation)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
