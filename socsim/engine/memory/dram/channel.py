"""A DRAM part with a number of channels as parameters of the detailed model: cycles, shifts, checks.

A constraint between commands of several cycles counts from the end of one to the end of the other, which is what the
standards give; the model counts starts.
"""

from __future__ import annotations

import math

from socsim.engine.memory.dram.parameters import ChannelParameters
from socsim.engine.memory.dram.part import DramPart, bit_range, to_cycles
from socsim.engine.memory.dram.system import MemoryDescription
from socsim.errors import ConfigError, ConfigFileError

GRANTS_PER_CHANNEL = 4
"""Requests per cycle and channel that the ports may put into the queues: more than any channel serves."""


def describe_part(part: DramPart, channels: int = 1) -> MemoryDescription:
    """`channels` alike channels of a part. Raises `ConfigFileError` where timings or address bits contradict."""
    if not 1 <= channels <= 64:
        raise ConfigError("channels", f"1 to 64 channels are modelled, got {channels}")
    _check_timings(part)
    shifts = _address_fields(part)
    t, bus, control, names = part.cycles, part.bus, part.controller, part.address_map
    burst = _burst_cycles(part)
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


def _burst_cycles(part: DramPart) -> int:
    return math.ceil(part.burst_length * part.clock / part.transfer_rate)


def _check_timings(part: DramPart) -> None:
    t = part.cycles
    rc = t("tRC", t("tRAS") + t("tRP"))
    wrong = [
        (rc < t("tRAS") + t("tRP") - 1, f"tRC ({rc} cycles) is less than tRAS + tRP ({t('tRAS') + t('tRP')})"),
        (t("tFAW") < t("tRRD_S"), f"tFAW ({t('tFAW')} cycles) is less than tRRD_S ({t('tRRD_S')})"),
        (t("tRRD_L") < t("tRRD_S"), f"tRRD_L ({t('tRRD_L')} cycles) is less than tRRD_S ({t('tRRD_S')})"),
        (t("tCCD_L") < t("tCCD_S"), f"tCCD_L ({t('tCCD_L')} cycles) is less than tCCD_S ({t('tCCD_S')})"),
        (t("tWTR_L") < t("tWTR_S"), f"tWTR_L ({t('tWTR_L')} cycles) is less than tWTR_S ({t('tWTR_S')})"),
        (t("tREFI") <= t("tRFCab"), f"tREFI ({t('tREFI')} cycles) is not more than tRFCab ({t('tRFCab')})"),
        (t("tRAS") < t("tRCD"), f"tRAS ({t('tRAS')} cycles) is less than tRCD ({t('tRCD')})"),
        (t("tRL") + _burst_cycles(part) < t("tWL"), f"tWL ({t('tWL')} cycles) is past the end of a read"),
        (part.bus.split_activate and t("tAAD", 8) > t("tRCD"), "tAAD is more than tRCD"),
        (part.bus.two and part.bus.split_activate, "a split activation on two command buses is not modelled"),
        (part.controller.write_low >= part.controller.write_high, "write_low is not less than write_high"),
    ]  # fmt: skip
    if part.controller.refresh == "per_bank":
        absent = [name for name in ("tRFCpb", "tREFIpb") if name not in part.timings]
        wrong.append((bool(absent), f"refresh per bank needs {' and '.join(absent)}"))
    problems = tuple(ConfigError(f"DRAM part {part.name}", what) for is_wrong, what in wrong if is_wrong)
    if problems:
        raise ConfigFileError(problems)


def _address_fields(part: DramPart) -> dict[str, int]:
    """Lowest bit of bank group, bank and row, once every bit has exactly one meaning."""
    where, names = f"DRAM part {part.name}: address_map", part.address_map
    offset = part.burst_bytes.bit_length() - 1
    pieces = {
        "bank_group": bit_range(names.bank_group, where),
        "bank": bit_range(names.bank, where),
        "row": bit_range(names.row, where),
        "column": tuple(sorted(bit for piece in names.column for bit in bit_range(piece, where))),
    }
    counts = {
        "bank_group": part.bank_groups,
        "bank": part.banks_per_group,
        "row": part.rows,
        "column": part.columns // part.burst_length,
    }
    problems, owner = [], dict.fromkeys(range(offset), "the offset in a burst")
    for name, bits in pieces.items():
        needed = counts[name].bit_length() - 1
        if len(bits) != needed:
            problems.append(f"{name} needs {needed} bits for {counts[name]}, got {len(bits)}")
        for bit in bits:
            if bit in owner:
                problems.append(f"bit {bit} is both {owner[bit]} and {name}: fields overlap")
            owner[bit] = name
    holes = [bit for bit in range(max(owner) + 1) if bit not in owner]
    if holes:
        problems.append(f"bit{'s' * (len(holes) > 1)} {', '.join(map(str, holes))} belong to no field")
    if names.interleave & (names.interleave - 1) or names.interleave < part.burst_bytes:
        problems.append(
            f"interleave must be a power of two of at least a burst ({part.burst_bytes} B), got {names.interleave} B"
        )
    if problems:
        raise ConfigFileError(tuple(ConfigError(where, what) for what in problems))
    return {name: bits[0] if bits else pieces["bank"][0] for name, bits in pieces.items()}
