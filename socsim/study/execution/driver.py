"""Hands points to an executor in chunks of some seconds, and takes their results back, whatever dies meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from socsim.study.execution.job import CRASHED, ERROR, POINT, STATUS, Executor, Job, Outcome, Result, decode, encode

LEAST_S, MOST_S = 1.0, 5.0
"""Work in one chunk, in seconds: enough to hide its transport, little enough to lose."""

ATTEMPTS = 3
"""Times that a point is tried whose process dies, alone the last time."""


@dataclass(frozen=True, slots=True)
class Item:
    """What a function works on, under the hash by which its result is known."""

    point: str
    data: Any


@dataclass(frozen=True, slots=True)
class _Chunk:
    items: tuple[Item, ...]
    attempt: int = 1


class Driver:
    """Works off items on an executor. `accept(blob)` gets the results of each chunk, every item's exactly once.

    An item whose process dies `ATTEMPTS` times yields a result with status `crashed`.
    """

    def __init__(
        self, executor: Executor, function: str, accept: Callable[[bytes], None], *, code: str = "",
        most_items: int = 1000,
    ) -> None:  # fmt: skip
        self._executor = executor
        self._function = function
        self._accept = accept
        self._code = code
        self._most_items = most_items
        self._under_way: dict[int, _Chunk] = {}
        self._again: deque[_Chunk] = deque()
        self._next_number = 0
        self._item_s = 0.0
        """Mean time of an item, the last ones counting most; 0 before any came back."""

    def run(self, items: Sequence[Item]) -> None:
        """Work off all items; returns when every one has its result."""
        position = 0
        while position < len(items) or self._again or self._under_way:
            while len(self._under_way) < self._executor.capacity and (self._again or position < len(items)):
                if self._again:
                    self._start(self._again.popleft())
                    continue
                count = self._chunk_length(len(items) - position)
                self._start(_Chunk(tuple(items[position : position + count])))
                position += count
            for outcome in self._executor.wait():
                self._take(outcome)

    def _chunk_length(self, left: int) -> int:
        """One item until it is known how long one takes; then some seconds' worth, less towards the end so that all
        workers end together."""
        if self._item_s == 0.0:
            return 1
        share = left / (2 * self._executor.num_workers)
        seconds = min(MOST_S, max(LEAST_S, share * self._item_s))
        return max(1, min(left, self._most_items, round(seconds / self._item_s)))

    def _start(self, chunk: _Chunk) -> None:
        self._under_way[self._next_number] = chunk
        data = [{POINT: item.point, "data": item.data} for item in chunk.items]
        self._executor.submit(Job(self._next_number, self._function, data, self._code))
        self._next_number += 1

    def _take(self, outcome: Outcome) -> None:
        chunk = self._under_way.pop(outcome.number, None)
        if chunk is None:
            return  # a cluster that gave a job up for lost may still deliver it
        if outcome.blob is not None:
            each_s = max(outcome.wall_s / len(chunk.items), 1e-6)
            self._item_s = each_s if self._item_s == 0.0 else 0.7 * self._item_s + 0.3 * each_s
            self._accept(outcome.blob)
        elif chunk.attempt < ATTEMPTS or len(chunk.items) > 1:
            # halves narrow down which item is to blame; an innocent half goes through
            half = (len(chunk.items) + 1) // 2
            parts = (chunk.items[:half], chunk.items[half:]) if chunk.attempt > 1 else (chunk.items,)
            self._again.extend(_Chunk(part, chunk.attempt + 1) for part in parts if part)
        else:
            point = chunk.items[0].point
            error = f"{outcome.lost} each of {chunk.attempt} times"
            self._accept(encode([crashed(point, error)]))


def crashed(point: str, error: str) -> Result:
    """The result of a point whose process died every time."""
    return {POINT: point, STATUS: CRASHED, ERROR: error}


def results_of(blob: bytes) -> list[Result]:
    """The results of a chunk."""
    return list(decode(blob))
