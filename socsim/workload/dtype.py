"""Number formats: how many bits an element takes in memory, with the overhead of scales and look-up tables.

Compressed weight formats follow their public definitions: `q4_0` and `q8_0` are llama.cpp's blocks of 32 elements with
one fp16 scale (4.5 and 8.5 bit per weight); `int4_g128` is a group-quantized int4 with one fp16 scale for 128 elements;
`palette4` is Core ML's palettization, an index of 4 bits and one table of 16 fp16 entries per tensor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from socsim.errors import ConfigError
from socsim.registry import did_you_mean


@dataclass(frozen=True, slots=True)
class DType:
    """One number format.

    `bits` per element; every `group_size` elements (0: none) share `group_bits` of scale; `table_bits` per tensor
    hold a look-up table. `arithmetic` is the precision a multiplication runs in when the unit has to expand the
    format first (`fp16` for weight-only formats); it equals `name` for formats that hardware computes on directly.
    """

    name: str
    bits: int
    arithmetic: str
    group_size: int = 0
    group_bits: int = 0
    table_bits: int = 0

    def size_bytes(self, num_elements: int) -> int:
        """Bytes in memory of `num_elements` elements of one tensor, rounded up to a byte."""
        bits = num_elements * self.bits + self.table_bits
        if self.group_size:
            bits += -(-num_elements // self.group_size) * self.group_bits
        return -(-bits // 8)

    @property
    def is_compressed(self) -> bool:
        """True where a unit must expand the elements before it can compute on them."""
        return self.arithmetic != self.name


_PLAIN = {
    "fp64": 64, "fp32": 32, "fp16": 16, "bf16": 16, "fp8": 8, "int64": 64, "int32": 32, "int16": 16, "int8": 8,
    "uint8": 8, "bool": 8, "complex64": 64,
}  # fmt: skip

_PREDEFINED = {name: DType(name, bits, name) for name, bits in _PLAIN.items()} | {
    "int4": DType("int4", 4, "int4"),
    "q8_0": DType("q8_0", 8, "fp16", group_size=32, group_bits=16),
    "q4_0": DType("q4_0", 4, "fp16", group_size=32, group_bits=16),
}
_GROUPED = re.compile(r"int([2-8])_g(\d+)")
_PALETTE = re.compile(r"palette([1-8])(?:_c(\d+))?")
_cache: dict[str, DType] = dict(_PREDEFINED)


def dtype(name: str, where: str = "") -> DType:
    """The format of that name; `ConfigError` with near names where there is none.

    Families: `int<bits>_g<group>` (group-quantized, fp16 scale), `palette<bits>` (one table per tensor) and
    `palette<bits>_c<group>` (one table for each run of that many elements, i.e. per channel).
    """
    found = _cache.get(name)
    if found is not None:
        return found
    grouped, palette = _GROUPED.fullmatch(name), _PALETTE.fullmatch(name)
    if grouped and int(grouped[2]) > 0:
        found = DType(name, int(grouped[1]), "fp16", group_size=int(grouped[2]), group_bits=16)
    elif palette:
        table_bits = 16 * 2 ** int(palette[1])
        if palette[2] is None:
            found = DType(name, int(palette[1]), "fp16", table_bits=table_bits)
        elif int(palette[2]) > 0:
            found = DType(name, int(palette[1]), "fp16", group_size=int(palette[2]), group_bits=table_bits)
    if found is None:
        families = ["int4_g128", "palette4", "palette6"]
        raise ConfigError(where, f"unknown number format '{name}': {did_you_mean(name, [*_PREDEFINED, *families])}")
    _cache[name] = found
    return found
