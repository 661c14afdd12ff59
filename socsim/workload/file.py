"""Workload files: versioned, gzipped JSON, readable without torch, checked on load.

One line per tensor and operation, symbolic sizes as text, identical layers once with a repeat, and the totals of FLOP
and bytes at one named binding, which `load_workload` computes again and compares. A file is data: nothing in it is
executed.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from socsim.errors import ConfigError, ModelError, OutputError, WorkloadError
from socsim.workload.expression import evaluate
from socsim.workload.graph import Workload
from socsim.workload.repeat import Part, Repeat, in_order_of_use, join, split
from socsim.workload.rows import (
    check_keys,
    mapping,
    operation_row,
    read_operation,
    read_symbol,
    read_tensor,
    sequence,
    symbol_row,
    tensor_row,
    text,
    whole,
)

FORMAT = "socsim-workload"
VERSION = 1
SUFFIX = ".json.gz"

MAX_FILE_BYTES = 64 * 2**20
MAX_TEXT_BYTES = 256 * 2**20
MAX_OPERATIONS = 1_000_000
"""Limits of what is read: far above any model, far below what would exhaust a machine."""

_KEYS = frozenset({"format", "version", "name", "graph", "partial", "source", "symbols", "tensors", "parts", "totals"})
_PART_KEYS = frozenset({"operations", "tensors", "repeat"})
_REPEAT_KEYS = frozenset({"prefix", "first", "count", "enter"})
_TOTAL_KEYS = frozenset(
    {"at", "operations", "flop", "matmul_flop", "read_bytes", "write_bytes", "weight_bytes"}
)  # fmt: skip


def save_workload(workload: Workload, path: str | Path) -> Path:
    """Write a workload file, whole or not at all; the same workload gives the same bytes. `OutputError` where it
    cannot."""
    target = Path(path)
    data = encode(workload)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, target)
    except OSError as error:
        if temporary.exists():
            temporary.unlink()
        raise OutputError(f"{target}: cannot write the workload file: {error.strerror}") from error
    return target


def require_writable(path: str | Path) -> None:
    """`OutputError` where a file of that name cannot be written, before the work of making it is done."""
    target = Path(path)
    folder = target.parent
    if target.is_dir():
        raise OutputError(f"{target}: cannot write the workload file: it is a folder")
    if not folder.is_dir():
        raise OutputError(f"{target}: cannot write the workload file: there is no folder '{folder}'")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{target}: cannot write the workload file: the folder '{folder}' is not writable")


def load_workload(path: str | Path) -> Workload:
    """Read a workload file; one `WorkloadError` that names the file where anything in it is wrong."""
    source = Path(path)
    where = str(source)
    try:
        if source.stat().st_size > MAX_FILE_BYTES:
            raise WorkloadError(where, f"larger than {MAX_FILE_BYTES // 2**20} MiB: not a workload file")
        data = source.read_bytes()
    except OSError as error:
        raise WorkloadError(where, f"cannot read the workload file: {error.strerror}") from error
    return decode(data, where)


def encode(workload: Workload) -> bytes:
    """A workload as the bytes of a file."""
    parts, rest = split(workload.operations, in_order_of_use(workload.operations, workload.tensors))
    if join(parts, rest) != (workload.operations, dict(workload.tensors)):
        raise ModelError(f"{workload.name}: its repeated layers do not give the same operations again")
    document = {
        "format": FORMAT,
        "version": VERSION,
        "name": workload.name,
        "graph": workload.graph,
        "partial": workload.partial,
        "source": dict(sorted(workload.source.items())),
        "symbols": [symbol_row(symbol) for symbol in workload.symbols],
        "tensors": [tensor_row(tensor) for tensor in rest],
        "parts": [_part_row(part) for part in parts],
        "totals": _totals(workload, workload.complete()),
    }
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as file:
        file.write(_lines(document).encode())
    return buffer.getvalue()


def decode(data: bytes, where: str) -> Workload:
    """The workload in the bytes of a file; `WorkloadError` beginning with `where`."""
    document = _document(data, where)
    try:
        workload = _workload(document, where)
        _check_sizes(workload)
        _check_totals(workload, document["totals"], where)
    except (WorkloadError, ConfigError) as error:
        if isinstance(error, WorkloadError) and error.where == where:
            raise
        raise WorkloadError(where, error.what) from None
    return workload


def _document(data: bytes, where: str) -> Mapping[str, Any]:
    if not data.startswith(b"\x1f\x8b"):
        raise WorkloadError(where, "not a workload file (a workload file is gzipped JSON)")
    stream = zlib.decompressobj(wbits=31)
    try:
        unpacked = stream.decompress(data, MAX_TEXT_BYTES)
    except zlib.error:
        raise WorkloadError(where, "the file is damaged: it does not decompress") from None
    if stream.unconsumed_tail:
        raise WorkloadError(where, f"unpacks to more than {MAX_TEXT_BYTES // 2**20} MiB: not a workload file")
    if not stream.eof:
        raise WorkloadError(where, "the file is truncated")
    if stream.unused_data:
        raise WorkloadError(where, "the file is damaged: something follows its end")
    try:
        document = json.loads(unpacked, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):  # JSON and Unicode errors are ValueErrors
        raise WorkloadError(where, "not a workload file: its content is not the JSON of one") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise WorkloadError(where, "not a workload file: it lacks the key 'format' with the value 'socsim-workload'")
    if document.get("version") != VERSION:
        raise WorkloadError(
            where,
            f"a workload file of version {document.get('version')!r}; socsim reads {VERSION}: trace it again",
        )
    check_keys(document, _KEYS, tuple(sorted(_KEYS)), "workload", where)
    return document


def _workload(document: Mapping[str, Any], where: str) -> Workload:
    parts: list[Part] = []
    count = 0
    for row in sequence(document["parts"], "parts", where):
        part = _read_part(row, where)
        count += part.count * len(part.operations) if isinstance(part, Repeat) else len(part)
        if count > MAX_OPERATIONS:
            raise WorkloadError(where, f"more than {MAX_OPERATIONS} operations: not a workload file")
        parts.append(part)
    rest = [read_tensor(row, where) for row in sequence(document["tensors"], "tensors", where)]
    operations, tensors = join(parts, rest)
    source = mapping(document["source"], "source", where)
    if not isinstance(document["partial"], bool):
        raise WorkloadError(where, "partial is not true or false")
    return Workload(
        text(document["name"], "name", where),
        MappingProxyType(tensors),
        operations,
        tuple(read_symbol(row, where) for row in sequence(document["symbols"], "symbols", where)),
        text(document["graph"], "graph", where),
        MappingProxyType({key: text(value, f"source: {key}", where) for key, value in source.items()}),
        document["partial"],
    )


def _read_part(row: Any, where: str) -> Part:
    check_keys(row, _PART_KEYS, ("operations",), "part", where)
    operations = tuple([read_operation(item, where) for item in sequence(row["operations"], "operations", where)])
    if "repeat" not in row:
        if "tensors" in row:
            raise WorkloadError(where, "a part without 'repeat' has no tensors of its own")
        return operations
    repeat = row["repeat"]
    check_keys(repeat, _REPEAT_KEYS, ("prefix", "first", "count", "enter"), "repeat", where)
    enter = mapping(repeat["enter"], "repeat: enter", where)
    count = whole(repeat["count"], "repeat: count", where)
    if count * max(len(operations), 1) > MAX_OPERATIONS:
        raise WorkloadError(where, f"more than {MAX_OPERATIONS} operations: not a workload file")
    return Repeat(
        text(repeat["prefix"], "repeat: prefix", where),
        whole(repeat["first"], "repeat: first", where),
        count,
        MappingProxyType({key: text(value, "repeat: enter", where) for key, value in enter.items()}),
        tuple([read_tensor(item, where) for item in sequence(row.get("tensors", []), "tensors", where)]),
        operations,
    )


def _part_row(part: Part) -> dict[str, Any]:
    if not isinstance(part, Repeat):
        return {"operations": [operation_row(operation) for operation in part]}
    return {
        "repeat": {
            "prefix": part.prefix,
            "first": part.first,
            "count": part.count,
            "enter": dict(sorted(part.enter.items())),
        },
        "tensors": [tensor_row(tensor) for tensor in part.tensors],
        "operations": [operation_row(operation) for operation in part.operations],
    }


def _totals(workload: Workload, bindings: Mapping[str, int]) -> dict[str, Any]:
    total = workload.total_work(bindings)
    return {
        "at": dict(bindings),
        "operations": len(workload.operations),
        "flop": total.flop,
        "matmul_flop": total.matmul_flop,
        "read_bytes": total.read_bytes,
        "write_bytes": total.write_bytes,
        "weight_bytes": workload.weight_bytes(),
    }


def _check_sizes(workload: Workload) -> None:
    bindings = workload.complete()
    known: dict[str, int] = {}
    for tensor in workload.tensors.values():
        for dim in tensor.shape:
            if isinstance(dim, str):
                value = known.get(dim)
                if value is None:
                    value = known[dim] = evaluate(dim, bindings)
                if value < 0:
                    raise WorkloadError(workload.name, f"tensor '{tensor.id}' has a negative size {dim} = {value}")


def _check_totals(workload: Workload, stored: Any, where: str) -> None:
    check_keys(stored, _TOTAL_KEYS, tuple(sorted(_TOTAL_KEYS)), "totals", where)
    at = mapping(stored["at"], "totals: at", where)
    bindings = workload.complete({key: whole(value, f"totals: at: {key}", where) for key, value in at.items()})
    for key, value in _totals(workload, bindings).items():
        if stored[key] != value:
            raise WorkloadError(
                where,
                f"the file says {key} = {stored[key]}, its operations give {value}: it was edited",
            )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key appears twice")
    return made


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _lines(document: Mapping[str, Any]) -> str:
    """JSON with one line per tensor, operation and other leaf, so that two files can be compared by lines."""
    return _block(document, 0) + "\n"


def _block(value: Any, depth: int) -> str:
    if depth < _FLAT_DEPTH and isinstance(value, dict) and any(isinstance(v, (dict, list)) for v in value.values()):
        inner = ",\n".join(f"{json.dumps(k)}: {_block(v, depth + 1)}" for k, v in value.items())
        return "{\n" + inner + "\n}"
    if depth < _FLAT_DEPTH and isinstance(value, list) and any(isinstance(v, dict) for v in value):
        return "[\n" + ",\n".join(_row(v, depth + 1) for v in value) + "\n]"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _row(value: Any, depth: int) -> str:
    """A part is written in lines of its own; a tensor or an operation is one line."""
    is_part = isinstance(value, dict) and "operations" in value
    return _block(value, depth) if is_part else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


_FLAT_DEPTH = 4
