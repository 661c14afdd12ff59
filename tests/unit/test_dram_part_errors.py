"""Does a wrong DRAM part get its errors where the wrong value stands?"""

from __future__ import annotations

from pathlib import Path

import pytest

from socsim.engine.memory.dram.part import load_part, part_folder, part_names
from socsim.errors import ConfigError, ConfigFileError

LPDDR5 = (part_folder() / "LPDDR5-6400.yaml").read_text(encoding="utf-8")


def errors_of(tmp_path: Path, old: str, new: str) -> list[str]:
    assert old in LPDDR5
    path = tmp_path / "part.yaml"
    path.write_text(LPDDR5.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigFileError) as raised:
        load_part(str(path))
    return [str(error).replace(f"{tmp_path}/", "") for error in raised.value.errors]


def place(text: str) -> str:
    """Line and column of a value in the shipped part."""
    before = LPDDR5[: LPDDR5.index(text)]
    line = before.count("\n") + 1
    return f"part.yaml:{line}:{len(text.split(': ', maxsplit=1)[0]) + 5}"


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('row: "15-30"', 'row: "14-29"', "address_map.row: bit 14 is both bank and row: fields overlap"),
        ('row: "15-30"', 'row: "15-29"', "address_map.row: row needs 16 bits for 65536, got 15"),
        ('row: "15-30"', 'row: "30-15"', "address_map.row: bits '30-15': the lower bit comes first, and addresses"),
        ('bank: "13-14"', 'bank: "4-5"', "address_map.bank: bit 4 is both the offset in a burst and bank: fields"),
        ("interleave: 256 B", "interleave: 300 B", "address_map.interleave: interleave must be a power of two"),
        ("tRC: 49 nCK", "tRC: 20 nCK", "timings.tRC: tRC (20 cycles) is less than tRAS + tRP (49)"),
        ("tFAW: 20 ns, 16 nCK", "tFAW: 2 nCK", "timings.tFAW: tFAW (2 cycles) is less than tRRD_S (4)"),
        ("tREFI: 3906 ns", "tREFI: 200 ns", "timings.tREFI: tREFI (160 cycles) is not more than tRFCab (224)"),
    ],
)
def test_what_contradicts_is_named_with_its_place(tmp_path: Path, old: str, new: str, error: str) -> None:
    errors = errors_of(tmp_path, old, new)
    assert errors[0].startswith(f"{place(old)}: {error}")


def test_a_bit_of_no_field_is_named(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, 'row: "15-30"', 'row: "16-31"')
    assert error.endswith(": address_map: bit 15 belongs to no field")


def test_a_part_that_does_not_exist_says_what_is_near() -> None:
    with pytest.raises(ConfigError, match="unknown DRAM part 'HBM2': did you mean 'HBM2e'"):
        load_part("HBM2")


@pytest.mark.parametrize("name", part_names())
def test_shipped_parts_contradict_nothing(name: str) -> None:
    assert load_part(name).name == name
