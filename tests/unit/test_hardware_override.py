"""Does `--set` change exactly the named value, and say what is near when the path is wrong?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hardware_text import SMALL, errors_of, errors_of_text, load, load_text, unit_of


def test_values_are_set_by_names_through_lists(tmp_path: Path) -> None:
    soc = load_text(
        tmp_path, SMALL, "units.cpu.cores=4", "units.cpu.clock=1.4 GHz", "dram.channels=8", "dram.sampling=off",
        "units.cpu.flop_per_cycle_per_core.fp16=128", "preference=[cpu]", 'links.bus.latency="5 ns"', "area=100 mm2",
    )  # fmt: skip
    cpu = unit_of(soc, "cpu")
    assert (cpu.cores, cpu.clock, soc.dram.channels, soc.dram.sampling) == (4, 1_400_000_000, 8, "off")
    assert cpu.flop_per_cycle_per_core == {"fp32": 16, "fp16": 128}
    assert (soc.preference, soc.links[0].latency, soc.area) == (("cpu",), 5000, 100)


def test_later_options_win_and_the_source_says_it_was_set_by_hand(tmp_path: Path) -> None:
    soc = load_text(tmp_path, SMALL, "units.cpu.cores=4", "units.cpu.cores=6")
    assert unit_of(soc, "cpu").cores == 6
    assert unit_of(soc, "cpu").source_of("cores") == "set by hand: --set units.cpu.cores=6"
    assert unit_of(soc, "cpu").source_of("clock") == "a data sheet"


def test_gpu_bins_are_a_matter_of_one_option() -> None:
    assert unit_of(load(Path("apple/m1_max"), "units.gpu.cores=24"), "gpu").cores == 24


def test_null_brings_the_default_back(tmp_path: Path) -> None:
    assert load_text(tmp_path, SMALL, "units.cpu.port=null").unit("cpu").port is None


@pytest.mark.parametrize(
    ("option", "error"),
    [
        ("units.cpu.coers=4", "--set units.cpu.coers: unknown key 'coers': did you mean 'cores' or 'clusters'?"),
        ("units.cpuu.cores=4", "--set units.cpuu.cores: no entry 'cpuu': did you mean 'cpu'?"),
        ("dramm.channels=4", "--set dramm.channels: unknown key 'dramm': did you mean 'dram'?"),
        ("dram.channels=many", "--set dram.channels: expected a whole number, got 'many'"),
        ("dram.channels=", "--set dram.channels: expected a whole number, got nothing"),
        ("dram.capacity=8", "--set dram.capacity: expected a size with its unit, e.g. '8 MiB', got 8"),
        ("dram.channels.x=4", "--set dram.channels.x: 'x' cannot be set below the value 2"),
        ("dram", "--set dram: expected KEY=VALUE with a path by names, e.g. units.gpu.cores=24"),
        ("dram..x=1", "--set dram..x=1: expected KEY=VALUE with a path by names, e.g. units.gpu.cores=24"),
        ("=1", "--set =1: expected KEY=VALUE with a path by names, e.g. units.gpu.cores=24"),
        ("dram.channels=[1", "--set dram.channels: not valid YAML"),
        ("dram.channels=*x", "--set dram.channels: alias '*x' is not allowed here"),
        ("dram.channels=!!python/name:os.system", "tag 'tag:yaml.org,2002:python/name:os.system' is not allowed"),
        ("units=3", "--set units: expected a list, got 3"),
        ("units.cpu=3", "--set units.cpu: expected a mapping of keys to values, got 3"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, option: str, error: str) -> None:
    lines = errors_of_text(tmp_path, SMALL, option)
    assert any(error in line for line in lines), lines


def test_errors_of_options_come_together(tmp_path: Path) -> None:
    path = tmp_path / "chip.yaml"
    path.write_text(SMALL, encoding="utf-8")
    assert len(errors_of(path, ["units.cpuu.cores=4", "dram.channels=0", "units.cpu.clock=3"])) == 3
