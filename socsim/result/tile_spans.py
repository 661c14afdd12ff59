"""What every tile of a run did when, where it was simulated at that grain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from socsim.result.columns import Integers

LOAD, COMPUTE, STORE = 0, 1, 2
KIND_NAMES = ("load", "compute", "store")


@dataclass(frozen=True, slots=True, eq=False)
class TileSpans:
    """A row per tile and what was done with it: `row` of its task, number of the `tile`, `kind` (an index into
    `KIND_NAMES`), from when to when, and the bytes that a copy engine moved."""

    row: Integers
    tile: Integers
    kind: Integers
    begin_ps: Integers
    end_ps: Integers
    size_bytes: Integers

    @staticmethod
    def of(rows: Sequence[Sequence[int]]) -> TileSpans:
        """From rows of integers in the order of the fields."""
        table = np.array(rows, dtype=np.int64).reshape(-1, len(fields(TileSpans)))
        return TileSpans(*(np.ascontiguousarray(column) for column in table.T))

    def __len__(self) -> int:
        return len(self.row)
