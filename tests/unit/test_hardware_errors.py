"""Does a wrong hardware file get every error at once, each where the wrong value stands, with what would be right?"""

from __future__ import annotations

from pathlib import Path

import pytest

from socsim.errors import ConfigError
from tests.hardware_text import SMALL, errors_of, errors_of_text, load, load_text, write


def test_a_right_file_loads_with_values_in_base_units(tmp_path: Path) -> None:
    soc = load_text(tmp_path, SMALL)
    assert soc.unit("cpu").clock == 2_000_000_000
    assert soc.dram.peak_bytes_per_s == 2 * 2 * 4266e6
    assert soc.dram.latency == 70_000
    assert soc.unit("cpu").source_of("clock") == "a data sheet"
    assert soc.unit("cpu").source_of("cores") == "assumed"


def test_all_errors_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        SMALL.replace("clock: 2 GHz", "clock: 2000")
        .replace("cores: 2", 'cores: "2"')
        .replace("matrix_efficiency: 0.5", "matrix_eficiency: 0.5")
        .replace("channels: 2", "channels: 0")
        .replace("10 GB/s", "10 GHz")
    )
    assert errors_of_text(tmp_path, text) == [
        "chip.yaml:3:5: units.cpu.matrix_efficiency: required key is missing",
        "chip.yaml:5:12: units.cpu.clock: expected a frequency with its unit, e.g. '1.278 GHz', got 2000",
        "chip.yaml:6:12: units.cpu.cores: expected a whole number, got '2'",
        "chip.yaml:8:5: units.cpu.matrix_eficiency: unknown key 'matrix_eficiency': did you mean 'matrix_efficiency' "
        "or 'vector_efficiency' or 'simd_efficiency'?",
        "chip.yaml:11:50: links.bus.bandwidth: unit 'GHz' is not one of a bandwidth; e.g. '51.2 GB/s'",
        "chip.yaml:14:13: dram.channels: must be at least 1, got 0",
    ]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("kind: cpu", "kind: cpuu", "chip.yaml:4:11: units.cpu.kind: unknown kind of unit 'cpuu': did you mean 'cpu'?"),
        ("    kind: cpu\n", "", "chip.yaml:3:5: units.cpu.kind: required key is missing, e.g. 'cpu'"),
        ("fp16: 32", "fp61: 32", "chip.yaml:7:41: units.cpu.flop_per_cycle_per_core.fp61: unknown precision 'fp61'"),
        ("fp16: 32", "fp16: -1", "chip.yaml:7:47: units.cpu.flop_per_cycle_per_core.fp16: must be greater than 0"),
        ("fp16: 32", "fp16: .nan", "units.cpu.flop_per_cycle_per_core.fp16: expected a finite number, got nan"),
        ("{fp32: 16, fp16: 32}", "{}", "units.cpu.flop_per_cycle_per_core: needs at least 1 entry"),
        ("{fp32: 16, fp16: 32}", "12", "expected a mapping of names to values, got 12"),
        ("cores: 2", "cores: 2.5", "units.cpu.cores: expected a whole number, got 2.5"),
        ("cores: 2", "cores: true", "units.cpu.cores: expected a whole number, got True"),
        ("clock: 2 GHz", "clock: -2 GHz", "units.cpu.clock: must be greater than zero"),
        ("4 GiB", "-4 GiB", "chip.yaml:16:13: dram.capacity: must not be negative"),
        ("clock: a data sheet", "clok: x", "units.cpu.sources.clok: unknown key 'clok': did you mean 'clock'?"),
        ("[cpu, dram]", "[cpu]", "links.bus.between.1: one entry is missing"),
        ("[cpu, dram]", "[cpu, noc]", "dram.node: 'dram' is no node of the links"),
        ("10 GB/s", "0 GB/s", "chip.yaml:11:50: links.bus.bandwidth: must be greater than zero"),
        (
            "part: LPDDR4X-4266",
            "part: LPDDR4X-4267",
            "chip.yaml:13:9: dram.part: unknown DRAM part 'LPDDR4X-4267': did you mean 'LPDDR4X-4266'",
        ),
        (
            "[cpu, dram]",
            "[cpuu, dram]",
            "units.cpu.port: cannot reach DRAM, no path of links from node 'cpu' to 'dram'",
        ),
        ("[cpu, dram]", "[dram, dram]", "links.bus.between: joins a node with itself"),
        ("name: cpu\n", "name: CPU\n", "'CPU' does not match ^[a-z][a-z0-9_]*$"),
        ("cores: 2", "cores: 2\n    host: gpu", "units.cpu.host: 'gpu' is no unit: did you mean 'cpu'?"),
        ("name: small", "name: small\npreference: [cpu, npu]", "preference.1: 'npu' is no unit"),
        ("latency: 70 ns", "latency: 70 ns\n  reserved: 4 GiB", "dram.reserved: leaves nothing of the capacity"),
        ("latency: 70 ns", "latency: 70 ns\n  sampling: maybe", "dram.sampling: expected 'on' or 'off', got 'maybe'"),
        ("name: small", "name: small\ncaches: 3", "caches: expected a list, got 3"),
        ("cores: 2", "cores: 2\n    cores: 3", "chip.yaml:7:5: key 'cores' is given twice, first in line 6"),
        ("cores: 2", "? [a]\n    : 3", "a key must be plain text"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(tmp_path: Path, old: str, new: str, error: str) -> None:
    lines = errors_of_text(tmp_path, SMALL.replace(old, new))
    assert any(error in line for line in lines), lines


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: [1", "chip.yaml:2:1: not valid YAML"),
        ("a: &x [1]\nb: *x\n", "chip.yaml:2:4: alias '*x' is not allowed here"),
        ("a: !!python/object/apply:os.system [ls]\n", "chip.yaml:1:4: tag 'tag:yaml.org,2002:python/object/apply:os"),
        ("<<: {a: 1}\n", "merge key '<<' is not allowed"),
        ("", "chip.yaml: is empty"),
        ("- 1\n", "chip.yaml:1:1: expected a mapping"),
        ("a: 1\n---\nb: 2\n", "not valid YAML"),
        ("a: \x01\n", "chip.yaml:1:4: not valid YAML: character #x0001 is not allowed"),
        ("[" * 5000, "nested deeper than 40 levels"),
        ("a" * 1_000_001, "larger than 1000000 characters"),
    ],
)  # fmt: skip
def test_harmful_or_broken_yaml_is_refused_without_being_read_on(tmp_path: Path, text: str, error: str) -> None:
    lines = errors_of_text(tmp_path, text)
    assert any(error in line for line in lines), lines


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chip.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert errors_of(path) == ["chip.yaml: not a text file in UTF-8"]


def test_a_missing_file_and_an_unknown_name_say_what_is_near(tmp_path: Path) -> None:
    assert errors_of(tmp_path / "none.yaml") == ["none.yaml: no such file"]
    assert errors_of(Path("m1_max"))[0].endswith("did you mean 'apple/m1_max'?")
    with pytest.raises(ConfigError, match="did you mean 'apple/m1_max'"):
        load(Path("apple/m1_mxa"))
    assert "no shipped description" in errors_of(Path("../../etc/passwd"))[0]


def test_words_of_yaml_1_1_stay_text(tmp_path: Path) -> None:
    soc = load_text(tmp_path, SMALL.replace("latency: 70 ns", "latency: 70 ns\n  sampling: off"))
    assert soc.dram.sampling == "off"


def test_an_error_in_an_inherited_value_points_into_the_file_it_stands_in(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", SMALL.replace("clock: 2 GHz", "clock: 2"))
    path = write(tmp_path, "chip.yaml", "extends: base.yaml\nname: chip\ndram: {channels: none}\n")
    assert errors_of(path) == [
        "base.yaml:5:12: units.cpu.clock: expected a frequency with its unit, e.g. '1.278 GHz', got 2",
        "chip.yaml:3:18: dram.channels: expected a whole number, got 'none'",
    ]
