"""Packets of one shape, filled by numpy, must be what protobuf itself would have written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as protos

from socsim.report.perfetto.lanes import assign_lanes
from socsim.report.perfetto.packets import Hole, PacketBlock, PacketShape, varint_width

HOLES = {
    "time": Hole("varint", 6),
    "track": Hole("varint", 4),
    "value": Hole("double"),
    "flow": Hole("fixed64"),
}


def make(values: Mapping[str, Any]) -> Any:
    packet = protos.TracePacket(timestamp=values["time"], trusted_packet_sequence_id=1)
    packet.track_event.track_uuid = values["track"]
    packet.track_event.double_counter_value = values["value"]
    packet.track_event.flow_ids.append(values["flow"])
    return packet


def parse(data: bytes) -> list[Any]:
    trace = protos.Trace()
    trace.ParseFromString(data)
    return list(trace.packet)


def test_filled_packets_parse_to_the_messages_they_stand_for() -> None:
    time = np.array([0, 1, 127, 128, 2**42 - 1])
    track = np.array([1, 2, 2**28 - 1, 0, 5])
    value = np.array([0.0, -1.5, 1e300, 0.1, 3.0])
    flow = np.array([1, 2**63 - 1, 3, 4, 5])
    block = PacketBlock(5)
    block.put(PacketShape(HOLES, make), np.arange(5), time=time, track=track, value=value, flow=flow)
    expected = [
        make({"time": t, "track": u, "value": v, "flow": f})
        for t, u, v, f in zip(time.tolist(), track.tolist(), value.tolist(), flow.tolist(), strict=True)
    ]
    assert parse(block.to_bytes()) == expected


def test_packets_of_different_size_stand_in_the_order_of_their_positions() -> None:
    def short(values: Mapping[str, Any]) -> Any:
        return protos.TracePacket(timestamp=values["time"])

    block = PacketBlock(4)
    block.put(PacketShape({"time": HOLES["time"]}, short), np.array([0, 2]), time=np.array([10, 30]))
    ones = np.ones(2, dtype=np.int64)
    block.put(
        PacketShape(HOLES, make), np.array([3, 1]), time=np.array([40, 20]), track=ones, value=ones * 0.5, flow=ones
    )
    assert [packet.timestamp for packet in parse(block.to_bytes())] == [10, 20, 30, 40]


def test_an_empty_block_is_no_bytes() -> None:
    assert PacketBlock(0).to_bytes() == b""


def test_a_number_too_large_for_its_hole_is_refused() -> None:
    block = PacketBlock(1)
    shape = PacketShape({"time": Hole("varint", 4)}, lambda values: protos.TracePacket(timestamp=values["time"]))
    with pytest.raises(ValueError, match="does not fit"):
        block.put(shape, np.array([0]), time=np.array([2**28]))


@pytest.mark.parametrize(
    ("largest", "width"), [(0, 4), (2**28 - 1, 4), (2**28, 5), (2**35 - 1, 5), (2**35, 6), (2**63 - 1, 9)]
)
def test_varint_width(largest: int, width: int) -> None:
    assert varint_width(largest) == width


def test_a_lane_takes_what_begins_where_another_ends() -> None:
    # lane 0 |0==10|10=20|      |30==40|
    # lane 1    |5=====15|    |28=======45|
    begin, end = np.array([0, 5, 10, 28, 30]), np.array([10, 15, 20, 45, 40])
    assert assign_lanes(begin, end).tolist() == [0, 1, 0, 0, 1]


def test_intervals_that_do_not_overlap_need_one_lane() -> None:
    assert assign_lanes(np.array([0, 10, 10]), np.array([10, 10, 20])).tolist() == [0, 0, 0]
