"""Python's cyclic garbage collector, paused while the engine runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MOST_WAITING = 400_000
"""Objects by which the oldest generation may grow before it is walked, so that what cycles keep alive is freed."""

_promoted = 0
_alive = 0


@contextmanager
def collector_paused() -> Iterator[None]:
    """The engine drops its objects without cycles, so the collector would only walk the living ones again and again
    (a tenth of the CPU time of a long generation)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        _promote()
        if was_enabled:
            gc.enable()


def _promote() -> None:
    """What lives after a run (templates, instances) goes to the collector's oldest generation at once. It would get
    there by being walked in each generation, which is another sixth of the CPU time."""
    global _promoted, _alive  # noqa: PLW0603 - the collector is the process's own, too
    if gc.get_freeze_count():
        return  # somebody's frozen objects stay frozen
    _promoted += gc.get_count()[0]
    gc.freeze()
    gc.unfreeze()
    if _promoted > _MOST_WAITING:
        _promoted = 0
        if len(gc.get_objects()) > _alive + _MOST_WAITING:
            gc.collect()
            _alive = len(gc.get_objects())
