"""A resolved configuration of Ramulator 2.1 (JSON) as parameters of the detailed model.

**Source:** CMU-SAFARI/ramulator2, commit c5b1c3a: the order of commands and of timing values of its standards, and the
fields of a timing constraint [level, preceding, following, cycles, window, of siblings].
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from socsim.engine.memory.dram.parameters import ChannelParameters
from socsim.engine.memory.dram.system import MemoryDescription
from socsim.errors import ConfigError
from socsim.registry import did_you_mean

_DDR = ("ACT", "PRE", "PREA", "RD", "WR", "RDA", "WRA", "REFA")
_COMMANDS = {
    "LPDDR5": ("ACT", "ACT2", "PRE", "PREA", "CASR", "CASW", "RD", "WR", "RDA", "WRA", "REFA", "REFB"),
    "DDR4": _DDR,
    "DDR5": _DDR,
}
# where in the list of timing values: clock period in ps, refresh interval, refresh interval per bank
_TIMING = {"LPDDR5": (30, 24, 25), "DDR4": (20, 18, None), "DDR5": (23, 21, None)}
_BURST_LENGTH = {"LPDDR5": 16, "DDR4": 8, "DDR5": 16}
_CHANNEL, _RANK, _GROUP, _BANK = range(4)
_REFRESH = {"NoRefresh": 0, "AllBank": 1, "PerBank": 2}
_SCHEDULERS = {"FRFCFS": 0, "FRFCFS-RowHit": 2}


def read_ramulator(path: Path, interleave_bits: int = 8, low_column_bits: int | None = None) -> MemoryDescription:
    """The memory system of a configuration file, with the address map row, bank, column, bank group, low column.

    Raises `ConfigError` for what cannot be read, and for what the model does not know.
    """
    where = str(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(where, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(where, "is not a text file") from None
    except json.JSONDecodeError as error:
        raise ConfigError(f"{where}:{error.lineno}:{error.colno}", f"not valid JSON: {error.msg}") from None
    try:
        controllers = data["memory_system"]["controllers"]
        if any(controller != controllers[0] for controller in controllers[1:]):
            raise ConfigError(where, "its controllers differ; all channels must be alike")
        return _describe(controllers, interleave_bits, low_column_bits, where)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ConfigError(
            where, f"is not a resolved Ramulator 2.1 configuration ({type(error).__name__}: {error})"
        ) from None


def _known(table: Mapping[str, Any], name: str, what: str, where: str) -> Any:
    if name not in table:
        raise ConfigError(where, f"unknown {what} '{name}': {did_you_mean(name, table)}")
    return table[name]


def _describe(controllers: list[Any], interleave_bits: int, low: int | None, where: str) -> MemoryDescription:
    controller, channels = controllers[0], len(controllers)
    dram = controller["dram"]
    standard = dram["impl"]
    names = _known(_COMMANDS, standard, "DRAM standard", where)
    _known({"Open": 0}, controller["row_policy"]["impl"], "row policy", where)
    refresh = _known(_REFRESH, controller["refresh_manager"]["impl"], "refresh manager", where)
    scheduler = _known(_SCHEDULERS, controller["scheduler"]["impl"], "scheduler", where)
    _, ranks, groups, banks, rows, columns = dram["org"]["count"]
    burst = dram["channel_width"] // 8 * _BURST_LENGTH[standard]
    counts = {"channels": channels, "bank groups": groups, "banks": banks, "rows": rows, "columns": columns}
    for what, count in counts.items():
        if count < 1 or count & (count - 1):
            raise ConfigError(where, f"the number of {what} must be a power of two, got {count}")
    if ranks != 1:
        raise ConfigError(where, f"one rank per channel is modelled, got {ranks}")
    low = (1 if burst == 32 else 0) if low is None else low
    column_bits = int(math.log2(columns // _BURST_LENGTH[standard]))
    if low > column_bits:
        raise ConfigError(where, f"{low} low column bits, but a row has {column_bits} bits of bursts")
    constraints: dict[tuple[int, str, str, int], int] = {}
    for level, before, after, cycles, *rest in dram["timing_constraints"]:
        window, siblings = (*rest, 1, False)[:2] if rest else (1, False)
        if not siblings or len(rest) < 2:
            for key in ((level, names[b], names[a], window) for b in before for a in after):
                constraints[key] = max(constraints.get(key, cycles), cycles)

    def t(level: int, before: str, after: str, window: int = 1) -> int:
        return constraints.get((level, before, after, window), 0)

    group_shift = burst.bit_length() - 1 + low
    bank_shift = group_shift + groups.bit_length() - 1 + column_bits - low
    period, interval, bank_interval = _TIMING[standard]
    timing = dram["timing"]
    split = standard == "LPDDR5"
    sync = split and controller.get("wck_sync_mode", "need_sync") == "need_sync"
    # read latency, write latency, burst and postamble: how long the data clock runs after a command
    wck_read, wck_write = (timing[3] + timing[1] + timing[26], timing[11] + timing[1] + timing[26]) if sync else (0, 0)
    par = ChannelParameters(
        channels=channels, banks=groups * banks, bank_bits=banks.bit_length() - 1,
        read_to_read=max(t(_RANK, "RD", "RD"), t(_CHANNEL, "RD", "RD")),
        write_to_write=max(t(_RANK, "WR", "WR"), t(_CHANNEL, "WR", "WR")),
        read_to_write=t(_RANK, "RD", "WR"), write_to_read=t(_RANK, "WR", "RD"),
        read_to_read_group=t(_GROUP, "RD", "RD"), write_to_write_group=t(_GROUP, "WR", "WR"),
        write_to_read_group=t(_GROUP, "WR", "RD"),
        act_to_act=t(_RANK, "ACT", "ACT"), act_to_act_group=t(_GROUP, "ACT", "ACT"),
        act_to_act_bank=t(_BANK, "ACT", "ACT"), four_activates=t(_RANK, "ACT", "ACT", 4),
        act_to_read=t(_BANK, "ACT", "RD"), act_to_write=t(_BANK, "ACT", "WR"),
        act_to_pre=t(_BANK, "ACT", "PRE"), act_to_pre_all=t(_RANK, "ACT", "PREA"),
        pre_to_act=t(_BANK, "PRE", "ACT"), pre_all_to_act=t(_RANK, "PREA", "ACT"), pre_to_pre=t(_RANK, "PRE", "PRE"),
        read_to_pre=t(_BANK, "RD", "PRE"), write_to_pre=t(_BANK, "WR", "PRE"),
        read_to_pre_all=t(_RANK, "RD", "PREA"), write_to_pre_all=t(_RANK, "WR", "PREA"),
        act_to_refresh=t(_RANK, "ACT", "REFA"), pre_to_refresh=t(_RANK, "PRE", "REFA"),
        refresh_to_act=t(_RANK, "REFA", "ACT"), refresh_to_pre_all=t(_RANK, "REFA", "PREA"),
        act_to_refresh_bank=t(_BANK, "ACT", "REFB"), pre_to_refresh_bank=t(_BANK, "PRE", "REFB"),
        refresh_bank_to_refresh_bank=t(_RANK, "REFB", "REFB"), refresh_bank_to_act=t(_RANK, "REFB", "ACT"),
        refresh_bank_to_act_bank=t(_BANK, "REFB", "ACT"),
        refresh_mode=refresh,
        refresh_interval=timing[bank_interval if refresh == 2 and bank_interval is not None else interval],
        split_activate=int(split), activate2_deadline=timing[28] if split else 0,
        wck_after_read=wck_read, wck_after_write=wck_write, read_latency=dram["read_latency"],
        bus_act=max(1, t(_CHANNEL, "ACT", "PRE")), bus_column=max(1, t(_CHANNEL, "RD", "ACT")),
        bus_pre=max(1, t(_CHANNEL, "PRE", "ACT")), bus_refresh=max(1, t(_CHANNEL, "REFA", "ACT")),
        two_command_buses=0, scheduler=scheduler, row_hit_cap=0, page_policy=0, page_timeout=0,
        read_queue=controller["read_buffer_size"], write_queue=controller["write_buffer_size"],
        write_high=math.floor(controller["wr_high_watermark"] * controller["write_buffer_size"]),
        write_low=math.ceil(controller["wr_low_watermark"] * controller["write_buffer_size"]),
        interleave_bits=interleave_bits, channel_bits=channels.bit_length() - 1, channel_hash=0,
        group_shift=group_shift, group_mask=groups - 1, bank_shift=bank_shift, bank_mask=banks - 1,
        row_shift=bank_shift + banks.bit_length() - 1, row_mask=rows - 1, bank_hash=1, burst_bytes=burst,
        grants_per_cycle=4 * channels, rotating=0,
    )  # fmt: skip
    return MemoryDescription(par, timing[period] * 1.0, burst / par.read_to_read / (timing[period] * 1e-12) * channels)
