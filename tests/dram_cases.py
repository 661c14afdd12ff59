"""DRAM systems in cycles for tests of the detailed model: timings of LPDDR5-6400 and of DDR4-3200, any channels."""

from __future__ import annotations

from typing import Any

from socsim.engine.memory.dram.parameters import ChannelParameters, ClientParameters

LPDDR5 = ChannelParameters(
    channels=1, banks=16, bank_bits=2,
    read_to_read=2, write_to_write=2, read_to_write=12, write_to_read=16,
    read_to_read_group=4, write_to_write_group=4, write_to_read_group=23,
    act_to_act=4, act_to_act_group=4, act_to_act_bank=49, four_activates=16,
    act_to_read=15, act_to_write=15, act_to_pre=34, act_to_pre_all=34,
    pre_to_act=15, pre_all_to_act=17, pre_to_pre=2,
    read_to_pre=8, write_to_pre=39, read_to_pre_all=8, write_to_pre_all=39,
    act_to_refresh=49, pre_to_refresh=15, refresh_to_act=224, refresh_to_pre_all=224,
    act_to_refresh_bank=49, pre_to_refresh_bank=15, refresh_bank_to_refresh_bank=72, refresh_bank_to_act=6,
    refresh_bank_to_act_bank=112, refresh_mode=1, refresh_interval=3125,
    split_activate=1, activate2_deadline=8, wck_after_read=20, wck_after_write=12, read_latency=19,
    bus_act=1, bus_column=1, bus_pre=1, bus_refresh=1, two_command_buses=0,
    scheduler=0, row_hit_cap=4, page_policy=0, page_timeout=100,
    read_queue=64, write_queue=64, write_high=51, write_low=13,
    interleave_bits=8, channel_bits=0, channel_hash=0,
    group_shift=6, group_mask=3, bank_shift=13, bank_mask=3, row_shift=15, row_mask=65535, bank_hash=1,
    burst_bytes=32, grants_per_cycle=4, rotating=0,
)  # fmt: skip
"""One x16 channel of LPDDR5-6400, 16 Gbit, clock 800 MHz: the constraints of the reference configuration."""

DDR4 = LPDDR5._replace(
    read_to_read=4, write_to_write=4, read_to_write=12, write_to_read=24,
    read_to_read_group=8, write_to_write_group=8, write_to_read_group=32,
    act_to_act=4, act_to_act_group=8, act_to_act_bank=74, four_activates=34,
    act_to_read=22, act_to_write=22, act_to_pre=52, act_to_pre_all=52, pre_to_act=22, pre_all_to_act=22, pre_to_pre=0,
    read_to_pre=12, write_to_pre=44, read_to_pre_all=12, write_to_pre_all=44,
    act_to_refresh=74, pre_to_refresh=22, refresh_to_act=576, refresh_to_pre_all=576, refresh_interval=12480,
    split_activate=0, wck_after_read=0, wck_after_write=0, read_latency=26,
    read_queue=32, write_queue=32, write_high=25, write_low=7,
    group_shift=6, bank_shift=15, row_shift=17, burst_bytes=64,
)  # fmt: skip
"""One 64-bit channel of DDR4-3200, clock 1600 MHz."""


def with_channels(par: ChannelParameters, channels: int, **changes: Any) -> ChannelParameters:
    """`par` with several channels, and a port for each."""
    bits = channels.bit_length() - 1 if channels & (channels - 1) == 0 else -1
    changes |= {"channels": channels, "channel_bits": bits, "grants_per_cycle": 4 * channels}
    if bits < 1:
        changes["channel_hash"] = 0
    return par._replace(**changes)


def client(pattern: str = "seq", **changes: Any) -> ClientParameters:
    """A client that reads 64 B requests as fast as its window of 64 lets it."""
    values: dict[str, Any] = {
        "random": pattern == "rand", "gap": 0.0, "window": 64, "write_fraction": 0.0, "base": 0, "region": 1 << 26,
        "stride": 64, "poisson": False, "size": 64,
    }  # fmt: skip
    return ClientParameters(**(values | changes))
