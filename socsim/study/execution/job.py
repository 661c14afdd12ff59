"""Work for another process: a function by name, items of plain data, and results as a compact blob of columns.

A function takes the data of one item (JSON) and returns a flat dictionary of numbers, text, truth values and None. It
is named `package.module:function` and comes from code, never from a data file.
"""

from __future__ import annotations

import gzip
import importlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from socsim.errors import ConfigError, SocsimError

Scalar = int | float | bool | str | None
Result = dict[str, Scalar]

POINT, STATUS, ERROR = "point", "status", "error"
OK, FAILED, CRASHED = "ok", "failed", "crashed"
"""Status of a result: computed; refused with a message; its process died every time, so it is tried again next time."""


@dataclass(frozen=True, slots=True)
class Job:
    """Items to be worked on by one process, one after the other: `{"point": hash of the item, "data": its data}`."""

    number: int
    function: str
    items: Sequence[Any]
    code: str = ""
    """The hash of the code that has to do it, or nothing where that does not matter."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A job that came back: its results as a blob, or None where its process died (`lost` says how)."""

    number: int
    blob: bytes | None
    wall_s: float = 0.0
    lost: str = ""


class Executor(Protocol):
    """Where jobs run: processes here, or a cluster."""

    @property
    def capacity(self) -> int:
        """Jobs that should be under way at once."""
        ...

    @property
    def num_workers(self) -> int:
        """Processes that work at the same time, as far as is known."""
        ...

    def submit(self, job: Job) -> None:
        """Start a job, now or when there is room."""
        ...

    def wait(self) -> list[Outcome]:
        """Jobs that have ended; waits for the first."""
        ...

    def close(self) -> None:
        """Let go of everything; jobs under way are given up."""
        ...


_one_at_a_time = threading.Lock()


def run_job(function: str, items: Sequence[Any], code: str = "") -> tuple[bytes, float]:
    """Work on the items of a job in this process: (blob of the results, wall seconds).

    A failing item is a result with its message. Threads of one process take turns: they would share one interpreter.
    """
    with _one_at_a_time:
        start = time.perf_counter()
        work = load_function(function)
        _check_code(code)
        results = [_safely(work, item["point"], item["data"]) for item in items]
        return encode(results), time.perf_counter() - start


def load_function(name: str) -> Callable[..., Any]:
    """The callable `package.module:name`; `ConfigError` where it cannot be imported."""
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        raise ConfigError(name, "expected PKG.MODULE:FUNCTION, e.g. mypackage.accuracy:loss")
    try:
        found: Any = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(name, f"cannot be imported: {error}") from None
    if not callable(found):
        raise ConfigError(name, "is not callable")
    return found  # type: ignore[no-any-return]


def _check_code(expected: str) -> None:
    from socsim.study.execution.identity import code_hash

    if expected and code_hash() != expected:
        raise ConfigError("worker", "runs another version of socsim than the process that started the study")


def _safely(work: Callable[..., Any], point: str, data: Any) -> Result:
    try:
        return {POINT: point, STATUS: OK, ERROR: None, **work(data)}
    except SocsimError as error:
        return {POINT: point, STATUS: FAILED, ERROR: str(error)}
    except Exception as error:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f" ({place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno})" if place is not None else ""
        return {POINT: point, STATUS: FAILED, ERROR: f"internal error: {type(error).__name__}: {error}{where}"}


def encode(results: Sequence[Result]) -> bytes:
    """Results as gzipped JSON columns: names stand once, not once for every result."""
    names = list(dict.fromkeys(name for result in results for name in result))
    columns = {name: [result.get(name) for result in results] for name in names}
    return gzip.compress(json.dumps(columns, separators=(",", ":")).encode(), compresslevel=1, mtime=0)


def decode_columns(blob: bytes) -> dict[str, list[Scalar]]:
    """The columns of a blob. Raises `ValueError` where it is damaged."""
    try:
        columns: dict[str, list[Scalar]] = json.loads(gzip.decompress(blob))
    except (OSError, EOFError) as error:
        raise ValueError(str(error)) from error
    return columns


def decode(blob: bytes) -> Iterator[Result]:
    """The results of a blob, in the order of their items."""
    columns = decode_columns(blob)
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))
