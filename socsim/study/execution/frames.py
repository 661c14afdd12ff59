"""Messages on a pipe: a length of eight bytes, then that many."""

from __future__ import annotations

import struct
from typing import BinaryIO

_LENGTH = struct.Struct(">Q")


def write_frame(pipe: BinaryIO, message: bytes) -> None:
    """Write one message. Raises `OSError` where the other side is gone."""
    left = memoryview(_LENGTH.pack(len(message)) + message)
    while left:
        left = left[pipe.write(left) :]
    pipe.flush()


def read_frame(pipe: BinaryIO) -> bytes | None:
    """The next message; None where the other side is gone, also in the middle of a message."""
    head = _read(pipe, _LENGTH.size)
    return _read(pipe, _LENGTH.unpack(head)[0]) if head is not None else None


def _read(pipe: BinaryIO, size: int) -> bytes | None:
    parts: list[bytes] = []
    while size:
        part = pipe.read(size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
