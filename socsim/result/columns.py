"""Columns without pandas: numpy arrays, dictionary-encoded text and lists of integers.

Importing pandas costs more than a whole simulation of a small network; everything that reads a run works on these.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def items(column: NDArray[np.generic]) -> memoryview:
    """A column of which single rows are read in turn: plain Python numbers, without a list of millions of them."""
    return np.ascontiguousarray(column).data


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """Text per row: `codes` index into the distinct `values`."""

    codes: NDArray[np.int32]
    values: tuple[str, ...]

    @classmethod
    def encode(cls, texts: Iterable[str]) -> TextColumn:
        """Distinct values in the order of their first appearance."""
        index: dict[str, int] = {}
        codes = [index.setdefault(text, len(index)) for text in texts]
        return cls(np.array(codes, dtype=np.int32), tuple(index))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return self.values[int(self.codes[row])]

    def take(self, rows: NDArray[np.integer]) -> TextColumn:
        """The same text for chosen rows."""
        return TextColumn(self.codes[rows], self.values)

    def part(self, rows: slice) -> TextColumn:
        """The same text for rows side by side."""
        return TextColumn(self.codes[rows], self.values)

    def code(self, value: str) -> int:
        """The code of a value, or -1 where no row can have it."""
        return self.values.index(value) if value in self.values else -1

    def texts(self) -> list[str]:
        """The text of every row."""
        values = self.values
        return [values[code] for code in self.codes.tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class ListColumn:
    """A list of integers per row: row `i` holds `values[offsets[i]:offsets[i + 1]]`."""

    offsets: NDArray[np.int32]
    values: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> list[int]:
        items: list[int] = self.values[self.offsets[row] : self.offsets[row + 1]].tolist()
        return items

    def owners(self) -> NDArray[np.int64]:
        """For each value the row that it belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> ListColumn:
        """From one Python sequence per row."""
        offsets = np.zeros(len(lists) + 1, dtype=np.int32)
        np.cumsum([len(items) for items in lists], out=offsets[1:])
        flat = [item for items in lists for item in items]
        return cls(offsets, np.array(flat, dtype=np.int32))

    def take(self, rows: NDArray[np.integer]) -> ListColumn:
        """The lists of chosen rows, one after the other."""
        lengths = np.diff(self.offsets)[rows]
        offsets = np.zeros(len(rows) + 1, dtype=np.int32)
        np.cumsum(lengths, out=offsets[1:])
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        return ListColumn(offsets, self.values[np.repeat(self.offsets[:-1][rows], lengths) + within])

    def part(self, rows: slice) -> ListColumn:
        """The lists of rows side by side."""
        first, last, _ = rows.indices(len(self))
        offsets = self.offsets[first : last + 1]
        return ListColumn(offsets - offsets[0], self.values[offsets[0] : offsets[-1]])
