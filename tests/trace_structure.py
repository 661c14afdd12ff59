"""Reads a Perfetto trace as protobuf, without a trace processor, and insists on what one would silently repair."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as protos


@dataclass
class Slice:
    name: str
    category: str
    begin_ns: int
    end_ns: int
    depth: int
    attributes: dict[str, Any]
    flows_out: list[int]
    flows_in: list[int]


@dataclass
class Track:
    name: str
    process: str
    unit: str = ""
    is_counter: bool = False
    slices: list[Slice] = field(default_factory=list)
    samples: list[tuple[int, float]] = field(default_factory=list)


@dataclass
class Structure:
    title: str
    labels: list[str]
    tracks: list[Track]

    def track(self, process: str, name: str) -> Track:
        """The only track of that name in a process."""
        (found,) = [track for track in self.tracks if (track.process, track.name) == (process, name)]
        return found

    def names(self, process: str) -> list[str]:
        return [track.name for track in self.tracks if track.process == process]


def read_trace(path: Path) -> Structure:
    """The trace as tracks of slices and samples. Fails where an event has no declared track or no name, where time runs
    backwards on a track, where a slice ends that did not begin or never ends, and where an arrow has but one end."""
    trace = protos.Trace()
    trace.ParseFromString(path.read_bytes())
    event_type = protos.TrackEvent
    names: dict[str, dict[int, str]] = {
        table: {}
        for table in ("event_names", "event_categories", "debug_annotation_names", "debug_annotation_string_values")
    }
    processes: dict[int, str] = {}
    tracks: dict[int, Track] = {}
    open_slices: dict[int, list[Slice]] = {}
    last_ns: dict[int, int] = {}
    labels: list[str] = []
    title = ""
    cleared = False
    for packet in trace.packet:
        assert packet.trusted_packet_sequence_id, "every packet belongs to a sequence"
        if packet.sequence_flags & protos.TracePacket.SEQ_INCREMENTAL_STATE_CLEARED:
            assert not cleared, "interned names are valid for the whole trace"
            cleared = True
            title = packet.trace_config.unique_session_name
        for table, known in names.items():
            for entry in getattr(packet.interned_data, table):
                assert entry.iid not in known, f"{table} {entry.iid} is defined twice"
                known[entry.iid] = entry.str.decode() if table.endswith("values") else entry.name
        if packet.HasField("track_descriptor"):
            descriptor = packet.track_descriptor
            assert descriptor.uuid not in processes
            assert descriptor.uuid not in tracks
            if descriptor.HasField("process"):
                processes[descriptor.uuid] = descriptor.process.process_name
                labels.extend(descriptor.process.process_labels)
            else:
                assert descriptor.name, "a track has a name"
                counter = descriptor.HasField("counter")
                tracks[descriptor.uuid] = Track(
                    descriptor.name, processes[descriptor.parent_uuid], descriptor.counter.unit_name, counter
                )
                assert bool(tracks[descriptor.uuid].unit) == counter, "a counter has a unit"
        if packet.HasField("track_event"):
            event = packet.track_event
            assert packet.sequence_flags & protos.TracePacket.SEQ_NEEDS_INCREMENTAL_STATE
            track, now = tracks[event.track_uuid], packet.timestamp
            assert now >= last_ns.get(event.track_uuid, 0), f"time runs backwards on {track.name}"
            last_ns[event.track_uuid] = now
            stack = open_slices.setdefault(event.track_uuid, [])
            if event.type == event_type.TYPE_SLICE_BEGIN:
                begun = Slice(
                    names["event_names"][event.name_iid],
                    names["event_categories"][event.category_iids[0]],
                    now,
                    -1,
                    len(stack),
                    {names["debug_annotation_names"][a.name_iid]: _value(a, names) for a in event.debug_annotations},
                    list(event.flow_ids),
                    list(event.terminating_flow_ids),
                )
                assert begun.name
                track.slices.append(begun)
                stack.append(begun)
            elif event.type == event_type.TYPE_SLICE_END:
                assert stack, f"an end without a begin on {track.name}"
                stack.pop().end_ns = now
            else:
                assert event.type == event_type.TYPE_COUNTER
                assert track.is_counter
                track.samples.append((now, event.double_counter_value))
    assert cleared
    assert not [track for track, stack in open_slices.items() if stack], "a slice never ends"
    found = list(tracks.values())
    out = Counter(flow for track in found for slice_ in track.slices for flow in slice_.flows_out)
    into = Counter(flow for track in found for slice_ in track.slices for flow in slice_.flows_in)
    assert out == into, "an arrow has two ends"
    assert all(count == 1 for count in out.values())
    assert len({(track.process, track.name) for track in found}) == len(found), "names of tracks differ"
    return Structure(title, labels, found)


def _value(annotation: Any, names: dict[str, dict[int, str]]) -> Any:
    kind = annotation.WhichOneof("value")
    if kind == "string_value_iid":
        return names["debug_annotation_string_values"][annotation.string_value_iid]
    return getattr(annotation, kind)
