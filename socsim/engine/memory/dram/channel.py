"""A DRAM part with a number of channels as parameters of the detailed model: cycles, shifts, checks.

A constraint between commands of several cycles counts from the end of one to the end of the other, which is what the
standards give; the model counts starts.
"""

from __future__ import annotations

import math

from socsim.engine.memory.dram.parameters import ChannelParameters
from socsim.engine.memory.dram.part import DramPart
from socsim.engine.memory.dram.part_checks import burst_cycles, lowest_bits, part_problems
from socsim.engine.memory.dram.part_values import to_cycles
from socsim.engine.memory.dram.system import MemoryDescription
from socsim.errors import ConfigError, ConfigFileError

GRANTS_PER_CHANNEL = 4
"""Requests per cycle and channel that the ports may put into the queues: more than any channel serves."""


def describe_part(part: DramPart, channels: int = 1) -> MemoryDescription:
    """`channels` alike channels of a part. Raises `ConfigFileError` where timings or address bits contradict."""
    if not 1 <= channels <= 64:
        raise ConfigError("channels", f"1 to 64 channels are modelled, got {channels}")
    problems = part_problems(part)
    if problems:
        raise ConfigFileError(
            tuple(ConfigError(f"DRAM part {part.name}", f"{'.'.join(at)}: {what}") for at, what in problems)
        )
    shifts = lowest_bits(part)
    t, bus, control, names = part.cycles, part.bus, part.controller, part.address_map
    burst = burst_cycles(part)
    burst_group = t("tBL_group", burst)
    rl, wl, rp, rcd, ras, wr = t("tRL"), t("tWL"), t("tRP"), t("tRCD"), t("tRAS"), t("tWR")
    rc = t("tRC", ras + rp)
    act, col, pre, ref = bus.activate, bus.column, bus.precharge, bus.refresh
    scheduler, page, refresh = control.codes
    wck = t("tWCKPST", -1)
    write_to_read, ccd_s, ccd_l = wl + burst, t("tCCD_S"), t("tCCD_L")
    power_of_two = channels & (channels - 1) == 0
    par = ChannelParameters(
        channels=channels, banks=part.bank_groups * part.banks_per_group,
        bank_bits=part.banks_per_group.bit_length() - 1,
        read_to_read=max(ccd_s, burst), write_to_write=max(t("tCCD_S_WR", ccd_s), burst),
        read_to_write=rl + burst + t("tRTW_gap", 2) - wl, write_to_read=write_to_read + t("tWTR_S"),
        read_to_read_group=max(ccd_l, burst), write_to_write_group=max(t("tCCD_L_WR", ccd_l), burst),
        write_to_read_group=wl + burst_group + t("tWTR_L"),
        act_to_act=t("tRRD_S"), act_to_act_group=t("tRRD_L"), act_to_act_bank=rc, four_activates=t("tFAW"),
        act_to_read=rcd + act - col, act_to_write=t("tRCD_WR", rcd) + act - col,
        act_to_pre=ras + act - pre, act_to_pre_all=ras + act - pre,
        pre_to_act=rp + pre - act, pre_all_to_act=t("tRPab", rp) + pre - act, pre_to_pre=t("tPPD"),
        read_to_pre=t("tRTP") + col - pre, write_to_pre=write_to_read + wr + col - pre,
        read_to_pre_all=t("tRTP") + col - pre, write_to_pre_all=write_to_read + wr + col - pre,
        act_to_refresh=rc + act - ref, pre_to_refresh=rp + pre - ref,
        refresh_to_act=t("tRFCab") + ref - act, refresh_to_pre_all=t("tRFCab") + ref - pre,
        act_to_refresh_bank=rc + act - ref, pre_to_refresh_bank=rp + pre - ref,
        refresh_bank_to_refresh_bank=t("tpbR2pbR", t("tRFCpb")), refresh_bank_to_act=t("tpbR2ACT"),
        refresh_bank_to_act_bank=t("tRFCpb") + ref - act,
        refresh_mode=refresh, refresh_interval=t("tREFIpb") if control.refresh == "per_bank" else t("tREFI"),
        split_activate=int(bus.split_activate), activate2_deadline=t("tAAD", 8),
        wck_after_read=rl + burst + wck if wck >= 0 else 0, wck_after_write=wl + burst + wck if wck >= 0 else 0,
        read_latency=rl + burst,
        bus_act=act if not bus.two else 1, bus_column=col if not bus.two else 1, bus_pre=pre if not bus.two else 1,
        bus_refresh=ref if not bus.two else 1, two_command_buses=int(bus.two),
        scheduler=scheduler, row_hit_cap=control.row_hit_cap, page_policy=page,
        page_timeout=to_cycles(control.page_timeout, part.clock),
        read_queue=control.read_queue, write_queue=control.write_queue,
        write_high=math.floor(control.write_high * control.write_queue),
        write_low=math.ceil(control.write_low * control.write_queue),
        interleave_bits=names.interleave.bit_length() - 1,
        channel_bits=channels.bit_length() - 1 if power_of_two else -1,
        channel_hash=int(names.channel_hash and power_of_two and channels > 1),
        group_shift=shifts["bank_group"], group_mask=part.bank_groups - 1,
        bank_shift=shifts["bank"], bank_mask=part.banks_per_group - 1,
        row_shift=shifts["row"], row_mask=part.rows - 1, bank_hash=int(names.bank_hash),
        burst_bytes=part.burst_bytes, grants_per_cycle=GRANTS_PER_CHANNEL * channels, rotating=0,
    )  # fmt: skip
    return MemoryDescription(par, 1e12 / part.clock, part.peak_bytes_per_s * channels)
