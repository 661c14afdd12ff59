"""Many trace packets of one shape at once: the bytes of one packet, made by Perfetto's own protobuf classes, with holes
for the numbers that differ.

Building a protobuf message per event costs more than simulating it. A shape is a packet serialized once with
placeholders; numpy then writes the numbers of all packets of that shape into copies of those bytes. Integers are
written as varints of a fixed width (continuation bits in all bytes but the last), which every protobuf parser reads.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Numbers = NDArray[Any]

HoleKind = Literal["varint", "fixed64", "double"]

_PACKET_FIELD = b"\x0a"
"""Field 1 (`packet`) of `Trace`, length-delimited."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A number that differs from packet to packet. `width` is its number of bytes; a varint holds 7 bits in each."""

    kind: HoleKind
    width: int = 8


def varint_width(largest: int) -> int:
    """Bytes of a varint hole for numbers up to `largest`; at least 4, so that placeholders are unmistakable."""
    return max(4, -(-max(1, largest).bit_length() // 7))


class PacketShape:
    """A packet with holes. `make` builds the packet from one number per hole; it is called once."""

    def __init__(self, holes: Mapping[str, Hole], make: Callable[[Mapping[str, Any]], Any]) -> None:
        placeholders = {name: _placeholder(hole, number) for number, (name, hole) in enumerate(holes.items())}
        body: bytes = make({name: number for name, (number, _) in placeholders.items()}).SerializeToString()
        packet = _PACKET_FIELD + _varint(len(body)) + body
        self.size = len(packet)
        self._template = np.frombuffer(packet, dtype=np.uint8)
        self._holes = [(name, hole, _only_position(packet, placeholders[name][1])) for name, hole in holes.items()]

    def fill(self, num_packets: int, values: Mapping[str, Numbers]) -> Bytes:
        """The packets as rows of bytes; one array of numbers per hole."""
        rows = np.tile(self._template, (num_packets, 1))
        for name, hole, position in self._holes:
            if hole.kind == "varint":
                _write_varints(rows, position, hole.width, values[name])
            else:
                dtype = np.float64 if hole.kind == "double" else np.uint64
                numbers = np.ascontiguousarray(values[name], dtype=dtype)
                rows[:, position : position + 8] = numbers.view(np.uint8).reshape(num_packets, 8)
        return rows


class PacketBlock:
    """Packets of several shapes in one order, e.g. begins and ends of the slices of a track."""

    def __init__(self, num_packets: int) -> None:
        self._lengths = np.zeros(num_packets, dtype=np.int64)
        self._parts: list[tuple[NDArray[np.integer], Bytes]] = []

    def put(self, shape: PacketShape, positions: NDArray[np.integer], **values: Numbers) -> None:
        """Packets of a shape go to these positions of the block."""
        if len(positions):
            self._lengths[positions] = shape.size
            self._parts.append((positions, shape.fill(len(positions), values)))

    def to_bytes(self) -> bytes:
        """The packets in order. Positions that nothing was put to hold nothing."""
        ends = np.cumsum(self._lengths)
        data = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
        starts = ends - self._lengths
        for positions, rows in self._parts:
            # A packet is one opaque item; the items of this view begin at every byte, so that each packet is one copy.
            item = np.dtype((np.void, rows.shape[1]))
            places = np.ndarray(len(data) - item.itemsize + 1, dtype=item, buffer=data, strides=(1,))
            places[starts[positions]] = rows.view(item).ravel()
        return data.tobytes()


def serialize(packet: Any) -> bytes:
    """One packet as it stands in a trace file."""
    body: bytes = packet.SerializeToString()
    return _PACKET_FIELD + _varint(len(body)) + body


def _write_varints(rows: Bytes, position: int, width: int, numbers: Numbers) -> None:
    rest = numbers.astype(np.uint64)
    if len(rest) and int(rest.max()).bit_length() > 7 * width:
        raise ValueError(f"a number does not fit a varint of {width} bytes")
    for offset in range(width):
        low = (rest & np.uint64(0x7F)).astype(np.uint8)
        rows[:, position + offset] = low | 0x80 if offset < width - 1 else low
        rest = rest >> np.uint64(7)


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _placeholder(hole: Hole, number: int) -> tuple[int | float, bytes]:
    """A value unlike that of any other hole, and its bytes."""
    noise = [byte & 0x7F for byte in hashlib.sha256(f"{number} {hole}".encode()).digest()]
    if hole.kind == "varint":
        value = sum(group << 7 * offset for offset, group in enumerate([*noise[: hole.width - 1], 1]))
        return value, _varint(value)
    pattern = bytes([*noise[:7], 0x41])
    if hole.kind == "double":
        return struct.unpack("<d", pattern)[0], pattern
    return int.from_bytes(pattern, "little"), pattern


def _only_position(packet: bytes, pattern: bytes) -> int:
    position = packet.find(pattern)
    if position < 0 or packet.find(pattern, position + 1) >= 0:
        raise ValueError("a placeholder does not stand exactly once in the packet")
    return position
