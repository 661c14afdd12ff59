"""What contradicts itself in a DRAM part: timings, address bits that overlap, belong to nothing or are too few."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from socsim.engine.memory.dram.part_values import bit_range
from socsim.errors import ConfigError

if TYPE_CHECKING:
    from socsim.engine.memory.dram.part import DramPart

Problem = tuple[tuple[str, ...], str]
"""Where in the part, and what is wrong."""

_MAP = "address_map"


def burst_cycles(part: DramPart) -> int:
    """Cycles of the command clock that a burst takes on the data pins."""
    return math.ceil(part.burst_length * part.clock / part.transfer_rate)


def part_problems(part: DramPart) -> list[Problem]:
    """All contradictions."""
    return [*_timings(part), *_address_bits(part)]


def lowest_bits(part: DramPart) -> dict[str, int]:
    """Lowest address bit of bank group, bank and row, of a part without problems; any bit where there is one bank."""
    names = part.address_map
    bank = bit_range(names.bank, _MAP) or (0,)
    fields = {"bank_group": names.bank_group, "bank": names.bank, "row": names.row}
    return {name: (bit_range(text, _MAP) or bank)[0] for name, text in fields.items()}


def _timings(part: DramPart) -> list[Problem]:
    t = part.cycles
    rc = t("tRC", t("tRAS") + t("tRP"))
    rules = [
        (rc < t("tRAS") + t("tRP") - 1, "tRC", f"({rc} cycles) is less than tRAS + tRP ({t('tRAS') + t('tRP')})"),
        (t("tFAW") < t("tRRD_S"), "tFAW", f"({t('tFAW')} cycles) is less than tRRD_S ({t('tRRD_S')})"),
        (t("tRRD_L") < t("tRRD_S"), "tRRD_L", f"({t('tRRD_L')} cycles) is less than tRRD_S ({t('tRRD_S')})"),
        (t("tCCD_L") < t("tCCD_S"), "tCCD_L", f"({t('tCCD_L')} cycles) is less than tCCD_S ({t('tCCD_S')})"),
        (t("tWTR_L") < t("tWTR_S"), "tWTR_L", f"({t('tWTR_L')} cycles) is less than tWTR_S ({t('tWTR_S')})"),
        (t("tREFI") <= t("tRFCab"), "tREFI", f"({t('tREFI')} cycles) is not more than tRFCab ({t('tRFCab')})"),
        (t("tRAS") < t("tRCD"), "tRAS", f"({t('tRAS')} cycles) is less than tRCD ({t('tRCD')})"),
        (t("tRL") + burst_cycles(part) < t("tWL"), "tWL", f"({t('tWL')} cycles) is past the end of a read"),
        (part.bus.split_activate and t("tAAD", 8) > t("tRCD"), "tAAD", "is more than tRCD"),
    ]
    found: list[Problem] = [(("timings", name), f"{name} {what}") for is_wrong, name, what in rules if is_wrong]
    if part.bus.two and part.bus.split_activate:
        found.append((("bus", "two"), "a split activation on two command buses is not modelled"))
    if part.controller.write_low >= part.controller.write_high:
        found.append((("controller", "write_low"), "write_low is not less than write_high"))
    if part.controller.refresh == "per_bank":
        absent = [name for name in ("tRFCpb", "tREFIpb") if name not in part.timings]
        if absent:
            found.append((("controller", "refresh"), f"refresh per bank needs {' and '.join(absent)}"))
    return found


def _address_bits(part: DramPart) -> list[Problem]:
    """Every bit of an address has exactly one meaning, and there are as many as it takes."""
    names = part.address_map
    counts = {
        "bank_group": part.bank_groups,
        "bank": part.banks_per_group,
        "row": part.rows,
        "column": part.columns // part.burst_length,
    }
    texts = {"bank_group": (names.bank_group,), "bank": (names.bank,), "row": (names.row,), "column": names.column}
    found: list[Problem] = []
    owner = dict.fromkeys(range(part.burst_bytes.bit_length() - 1), "the offset in a burst")
    for name, pieces in texts.items():
        at = (_MAP, name)
        try:
            bits = sorted(bit for piece in pieces for bit in bit_range(piece, _MAP))
        except ConfigError as error:
            found.append((at, error.what))
            continue
        needed = counts[name].bit_length() - 1
        if len(bits) != needed:
            found.append((at, f"{name} needs {needed} bits for {counts[name]}, got {len(bits)}"))
        for bit in bits:
            if bit in owner:
                found.append((at, f"bit {bit} is both {owner[bit]} and {name}: fields overlap"))
            owner[bit] = name
    holes = [bit for bit in range(max(owner) + 1) if bit not in owner]
    if holes and not found:
        what = f"bits {', '.join(map(str, holes))} belong" if len(holes) > 1 else f"bit {holes[0]} belongs"
        found.append(((_MAP,), f"{what} to no field"))
    if names.interleave & (names.interleave - 1) or names.interleave < part.burst_bytes:
        what = f"must be a power of two of at least a burst ({part.burst_bytes} B), got {names.interleave} B"
        found.append(((_MAP, "interleave"), f"interleave {what}"))
    return found
