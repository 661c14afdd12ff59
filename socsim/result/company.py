"""Whether other streams were at work while a task ran: only then can it have lost bandwidth to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from socsim.result.columns import Integers


def meets_others(
    stream: NDArray[np.int32], held_start_ps: Integers, start_ps: Integers, end_ps: Integers, done_ps: Integers
) -> NDArray[np.bool_]:
    """For each task whether any task of another stream was between fill and drain during its body.

    The number of other streams' tasks at work is a step function; where its integral over a body is zero, there were
    none.
    """
    met = np.zeros(len(stream), dtype=bool)
    present = np.unique(stream)
    if len(present) < 2:
        return met
    instants = np.concatenate([held_start_ps, done_ps])
    order = np.argsort(instants, kind="stable")
    instants = instants[order].astype(np.float64)
    owners = np.concatenate([stream, stream])[order]
    changes = np.concatenate([np.ones(len(stream)), -np.ones(len(stream))])[order]
    lengths = np.append(np.diff(instants), 0.0)
    for code in present.tolist():
        others = np.cumsum(np.where(owners == code, 0.0, changes))
        integral = np.concatenate([[0.0], np.cumsum(others * lengths)[:-1]])
        mine = np.flatnonzero(stream == code)
        begin, end = start_ps[mine].astype(np.float64), end_ps[mine].astype(np.float64)
        met[mine] = np.interp(end, instants, integral) > np.interp(begin, instants, integral)
    return met
