"""Number formats: how many bits an element takes in memory, with the overhead of scales and look-up tables.

Compressed weight formats follow their public definitions: `q4_0`, `q8_0`, `q4_k`, ... are llama.cpp's blocks of
elements with their scales (4.5, 8.5 and 4.5 bit per weight; `data/block_formats.yaml`); `int4_g128` is a
group-quantized int4 with one fp16 scale for 128 elements; `palette4` is Core ML's palettization, an index of 4 bits and
one table of 16 fp16 entries per tensor. `fp16_sparse75` keeps a quarter of its elements and a mask of one bit per
element; `fp16_2of4` keeps two of every four, with two bits each to say which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from socsim.errors import ConfigError
from socsim.registry import did_you_mean


@dataclass(frozen=True, slots=True)
class DType:
    """One number format.

    `bits` per element; every `group_size` elements (0: none) share `group_bits` of scale; `table_bits` per tensor
    hold a look-up table. `arithmetic` is the precision a multiplication runs in when the unit has to expand the
    format first (`fp16` for weight-only formats); it equals `name` for formats that hardware computes on directly.
    `expansion` is the work to expand an element, over that of one of `q4_0`.
    `nonzero_fraction` of the elements are stored; `structured` where they lie so that hardware may skip the others.
    """

    name: str
    bits: int
    arithmetic: str
    group_size: int = 0
    group_bits: int = 0
    table_bits: int = 0
    nonzero_fraction: float = 1.0
    structured: bool = False
    expansion: float = 1.0

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
}
_BLOCK_FORMATS = Path(__file__).parent / "data" / "block_formats.yaml"
_GROUPED = re.compile(r"int([2-8])_g(\d+)")
_PALETTE = re.compile(r"palette([1-8])(?:_c(\d+))?")
_SPARSE = re.compile(r"(fp32|fp16|bf16|fp8|int8)_sparse([1-9]\d?)")
_TWO_OF_FOUR = re.compile(r"(fp32|fp16|bf16|fp8|int8)_2of4")
_cache: dict[str, DType] = dict(_PREDEFINED)


def dtype(name: str, where: str = "") -> DType:
    """The format of that name; `ConfigError` with near names where there is none.

    Families: `int<bits>_g<group>` (group-quantized, fp16 scale), `palette<bits>` (one table per tensor) and
    `palette<bits>_c<group>` (one table for each run of that many elements, i.e. per channel), `<format>_sparse<percent
    of zeros>` (unstructured) and `<format>_2of4` (structured sparsity).
    """
    found = _cache.get(name) or _block_formats().get(name)
    if found is not None:
        return found
    grouped, palette = _GROUPED.fullmatch(name), _PALETTE.fullmatch(name)
    sparse, two_of_four = _SPARSE.fullmatch(name), _TWO_OF_FOUR.fullmatch(name)
    if grouped and int(grouped[2]) > 0:
        found = DType(name, int(grouped[1]), "fp16", group_size=int(grouped[2]), group_bits=16)
    elif palette:
        table_bits = 16 * 2 ** int(palette[1])
        if palette[2] is None:
            found = DType(name, int(palette[1]), "fp16", table_bits=table_bits)
        elif int(palette[2]) > 0:
            found = DType(name, int(palette[1]), "fp16", group_size=int(palette[2]), group_bits=table_bits)
    elif sparse:
        kept = 100 - int(sparse[2])
        stored = kept * _PLAIN[sparse[1]]
        found = DType(name, 1, sparse[1], group_size=100, group_bits=stored, nonzero_fraction=kept / 100)
    elif two_of_four:
        stored = 2 * (_PLAIN[two_of_four[1]] + 2)
        found = DType(name, 0, two_of_four[1], 4, group_bits=stored, nonzero_fraction=0.5, structured=True)
    if found is None:
        raise ConfigError(where, f"unknown number format '{name}': {did_you_mean(name, format_names())}")
    _cache[name] = found
    return found


@cache
def _block_formats() -> dict[str, DType]:
    """Formats in blocks, from their table."""
    data = yaml.safe_load(_BLOCK_FORMATS.read_text(encoding="utf-8"))
    return {
        name: DType(
            name,
            row["bits"],
            "fp16",
            group_size=row["elements"],
            group_bits=8 * row["bytes"] - row["bits"] * row["elements"],
            expansion=row.get("expansion", 1.0),
        )
        for name, row in data.items()
    }


def format_names() -> list[str]:
    """Formats to choose from, each family by an example."""
    return [*_PREDEFINED, *_block_formats(), "int4_g128", "palette4", "palette6", "fp16_sparse75", "fp16_2of4"]
