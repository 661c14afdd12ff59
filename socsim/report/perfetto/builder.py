"""Writes a trace piece by piece: tracks, interned names, nested slices, counters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from socsim.report.perfetto.packets import Hole, Numbers, PacketBlock, PacketShape, serialize, varint_width
from socsim.result.columns import Integers, TextColumn

PS_PER_NS = 1000
SEQUENCE_ID = 1
_CLEARED, _NEEDS_STATE = 1, 2
_MAX_BLOCK = 32768
"""Packets that are put together at once; bounds the memory that a long run needs."""

_UUID_WIDTH = varint_width(2**28 - 1)
_NAME_WIDTH = varint_width(2**28 - 1)


class TraceBuilder:
    """A trace file in the making. Timestamps are nanoseconds, because Perfetto knows nothing shorter: picoseconds are
    rounded down, which keeps their order."""

    def __init__(self, file: BinaryIO, last_ns: int) -> None:
        from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as protos

        self.protos: Any = protos
        self._file = file
        self._num_tracks = 0
        self._names: dict[str, dict[str, int]] = {}
        self._fresh: list[tuple[str, int, str]] = []
        self.timestamp_hole = Hole("varint", varint_width(last_ns))
        self.uuid_hole = Hole("varint", _UUID_WIDTH)
        self.name_hole = Hole("varint", _NAME_WIDTH)
        event = {"timestamp": self.timestamp_hole, "track": self.uuid_hole}
        self._begin = PacketShape(event | {"name": self.name_hole, "category": self.name_hole}, self._begin_packet)
        self._end = PacketShape(event, self._end_packet)
        self._counter = PacketShape(event | {"value": Hole("double")}, self._counter_packet)

    # -- what stands once in a trace ---------------------------------------------------------------------------------

    def start(self, title: str) -> None:
        """The first packet: a title, and that this sequence's interned names begin here."""
        packet = self._packet()
        packet.sequence_flags = _CLEARED
        packet.trace_config.unique_session_name = title
        self._file.write(serialize(packet))

    def process(self, name: str, labels: Iterable[str] = ()) -> int:
        """A top-level group of tracks; returns its uuid."""
        packet, uuid = self._track_packet()
        descriptor = packet.track_descriptor
        descriptor.process.pid = uuid
        descriptor.process.process_name = name
        descriptor.process.process_labels.extend(labels)
        descriptor.child_ordering = self.protos.TrackDescriptor.EXPLICIT
        descriptor.sibling_order_rank = uuid
        self._file.write(serialize(packet))
        return uuid

    def track(self, parent: int, name: str, description: str = "") -> int:
        """A track for slices; tracks of one parent appear in the order in which they are made."""
        packet, uuid = self._track_packet(parent, name, description)
        packet.track_descriptor.sibling_merge_behavior = self.protos.TrackDescriptor.SIBLING_MERGE_BEHAVIOR_NONE
        self._file.write(serialize(packet))
        return uuid

    def counter_track(self, parent: int, name: str, unit: str, description: str = "") -> int:
        """A track for a quantity in `unit`; those of one parent and unit share their axis."""
        packet, uuid = self._track_packet(parent, name, description)
        packet.track_descriptor.counter.unit_name = unit
        packet.track_descriptor.counter.y_axis_share_key = f"{parent} {unit}"
        self._file.write(serialize(packet))
        return uuid

    def intern(self, table: str, text: str) -> int:
        """The number of a text in one of the tables of `InternedData`; written out before the next events."""
        known = self._names.setdefault(table, {})
        number = known.get(text)
        if number is None:
            number = known[text] = len(known) + 1
            self._fresh.append((table, number, text))
        return number

    def intern_column(self, table: str, column: TextColumn) -> Integers:
        """The numbers of a text column's rows."""
        numbers = np.array([self.intern(table, text or "(none)") for text in column.values], dtype=np.int64)
        return numbers[column.codes] if len(numbers) else np.empty(0, dtype=np.int64)

    # -- events ------------------------------------------------------------------------------------------------------

    def slices(self, timestamps_ns: Integers, tracks: Integers, names: Integers, category: str) -> None:
        """Begins and ends of plain slices in their order on each track: an event with name 0 ends what is open."""
        category_number = self.intern("event_categories", category)
        self._write_names()
        for first in range(0, len(timestamps_ns), _MAX_BLOCK):
            part = slice(first, first + _MAX_BLOCK)
            timestamp, track, name = timestamps_ns[part], tracks[part], names[part]
            block = PacketBlock(len(timestamp))
            begins, ends = np.flatnonzero(name > 0), np.flatnonzero(name == 0)
            block.put(
                self._begin,
                begins,
                timestamp=timestamp[begins],
                track=track[begins],
                name=name[begins],
                category=np.full(len(begins), category_number),
            )
            block.put(self._end, ends, timestamp=timestamp[ends], track=track[ends])
            self._file.write(block.to_bytes())

    def intervals(self, begin_ns: Integers, end_ns: Integers, tracks: Integers, names: Integers, category: str) -> None:
        """Plain slices that do not nest, sorted by track and time."""
        timestamps = np.column_stack([begin_ns, end_ns]).ravel()
        self.slices(timestamps, np.repeat(tracks, 2), np.column_stack([names, np.zeros_like(names)]).ravel(), category)

    def counter(self, track: int, timestamps_ns: Integers, values: NDArray[np.float64]) -> None:
        """Samples of a quantity."""
        for first in range(0, len(timestamps_ns), _MAX_BLOCK):
            timestamp, value = timestamps_ns[first : first + _MAX_BLOCK], values[first : first + _MAX_BLOCK]
            tracks = np.full(len(timestamp), track)
            block = PacketBlock(len(timestamp))
            block.put(self._counter, np.arange(len(timestamp)), timestamp=timestamp, track=tracks, value=value)
            self._file.write(block.to_bytes())

    def write(self, block: PacketBlock) -> None:
        """Packets that a view has put together itself."""
        self._write_names()
        self._file.write(block.to_bytes())

    def put_ends(self, block: PacketBlock, positions: Integers, timestamps_ns: Integers, tracks: Integers) -> None:
        """Slice ends into a block."""
        block.put(self._end, positions, timestamp=timestamps_ns, track=tracks)

    def put_begins(self, block: PacketBlock, positions: Integers, **values: Numbers) -> None:
        """Plain slice begins into a block: `timestamp`, `track`, `name`, `category`."""
        block.put(self._begin, positions, **values)

    # -- packets -----------------------------------------------------------------------------------------------------

    def event_packet(self, values: Mapping[str, Any]) -> Any:
        """A packet with the timestamp and the track of an event."""
        packet = self._packet()
        packet.sequence_flags = _NEEDS_STATE
        packet.timestamp = values["timestamp"]
        packet.track_event.track_uuid = values["track"]
        return packet

    def _packet(self) -> Any:
        packet = self.protos.TracePacket()
        packet.trusted_packet_sequence_id = SEQUENCE_ID
        return packet

    def _track_packet(self, parent: int = 0, name: str = "", description: str = "") -> tuple[Any, int]:
        self._num_tracks += 1
        packet = self._packet()
        descriptor = packet.track_descriptor
        descriptor.uuid = self._num_tracks
        if parent:
            descriptor.parent_uuid = parent
            descriptor.name = name
            descriptor.sibling_order_rank = self._num_tracks
        if description:
            descriptor.description = description
        return packet, self._num_tracks

    def _begin_packet(self, values: Mapping[str, Any]) -> Any:
        packet = self.event_packet(values)
        packet.track_event.type = self.protos.TrackEvent.TYPE_SLICE_BEGIN
        packet.track_event.name_iid = values["name"]
        packet.track_event.category_iids.append(values["category"])
        return packet

    def _end_packet(self, values: Mapping[str, Any]) -> Any:
        packet = self.event_packet(values)
        packet.track_event.type = self.protos.TrackEvent.TYPE_SLICE_END
        return packet

    def _counter_packet(self, values: Mapping[str, Any]) -> Any:
        packet = self.event_packet(values)
        packet.track_event.type = self.protos.TrackEvent.TYPE_COUNTER
        packet.track_event.double_counter_value = values["value"]
        return packet

    def _write_names(self) -> None:
        if not self._fresh:
            return
        packet = self._packet()
        packet.sequence_flags = _NEEDS_STATE
        for table, number, text in self._fresh:
            entry = getattr(packet.interned_data, table).add()
            entry.iid = number
            if table == "debug_annotation_string_values":
                entry.str = text.encode()
            else:
                entry.name = text
        self._fresh.clear()
        self._file.write(serialize(packet))
