"""The banks of one channel in plain Python: a list per quantity, which the interpreter reaches faster than objects."""

from __future__ import annotations

from typing import NamedTuple

from socsim.engine.memory.dram.parameters import NEVER, ChannelParameters

CLOSED, HALF_OPEN, OPEN = range(3)


class Banks(NamedTuple):
    """By bank: its state and the first cycles at which commands are legal; `group_*` by bank group."""

    state: list[int]
    row: list[int]
    group: list[int]
    busy: list[bool]  # a burst waits for which the row was opened, it may not close before
    activate_at: list[int]
    precharge_at: list[int]  # without what the last read and write ask for
    read_at: list[int]
    write_at: list[int]
    refresh_at: list[int]
    last_read: list[int]
    last_write: list[int]
    group_read_at: list[int]
    group_write_at: list[int]
    group_activate_at: list[int]


def make_banks(par: ChannelParameters) -> Banks:
    """All banks closed and ready."""
    count, groups = par.banks, par.banks >> par.bank_bits
    return Banks(
        [CLOSED] * count, [-1] * count, [b >> par.bank_bits for b in range(count)], [False] * count,
        *([0] * count for _ in range(5)), *([NEVER] * count for _ in range(2)), *([0] * groups for _ in range(3)),
    )  # fmt: skip
