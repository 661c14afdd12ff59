"""Do the `socsim hw` commands show what they promise and exit as they should?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from socsim.cli.hw import app
from socsim.errors import ConfigError, OutputError
from tests.hardware_text import SMALL, write

run = CliRunner()


def test_list_names_every_shipped_chip_with_its_peaks() -> None:
    result = run.invoke(app, ["list"])
    assert result.exit_code == 0
    line = next(line for line in result.stdout.splitlines() if line.startswith("apple/m1_max "))
    assert all(text in line for text in ("gpu × 32", "LPDDR5-6400", "32 GiB", "410 GB/s"))


def test_list_as_json_holds_the_same_in_base_units() -> None:
    found = json.loads(run.invoke(app, ["list", "--json"]).stdout)
    assert found["apple/m1"]["dram_peak_bytes_per_s"] == pytest.approx(68.256e9)
    gpu = next(unit for unit in found["apple/m1"]["units"] if unit["name"] == "gpu")
    assert gpu["peak_flop_per_s"]["fp32"] == pytest.approx(2.617e12, rel=1e-3)
    assert gpu["ridge_dram_flop_per_byte"]["fp32"] == pytest.approx(2.617e12 / 68.256e9, rel=1e-3)


def test_show_draws_units_peaks_ridges_ways_and_memory() -> None:
    text = run.invoke(app, ["show", "apple/m1_max", "--set", "units.gpu.cores=24"]).stdout
    for expected in (
        "gpu × 24  gpu, 1.296 GHz",
        "peak   fp32 fp16 7.96 TFLOP/s",
        "ridge  fp32 fp16 19.4 FLOP/B against DRAM",
        "cpu_p [l2_p 24 MiB] 204 GB/s → noc [slc 48 MiB]",
        "32 × 16 bit at 6.4 GT/s = 409.6 GB/s, 32 GiB",
        "against its own way",
        "slc: 48 MiB at noc",
    ):
        assert expected in text, text
    assert "metal-benchmarks" not in text


def test_show_sources_gives_the_source_of_every_number(tmp_path: Path) -> None:
    text = run.invoke(app, ["show", "apple/m1", "--sources"]).stdout
    assert "special_per_cycle_per_core = 32 · philipturner/metal-benchmarks" in text
    assert "no source given" not in text
    bare = write(tmp_path, "chip.yaml", SMALL.replace(', sources: {"*": assumed}}', "}"))
    assert "bandwidth = 10 GB/s · no source given" in run.invoke(app, ["show", str(bare), "--sources"]).stdout


def test_show_as_json_is_one_object() -> None:
    found = json.loads(run.invoke(app, ["show", "apple/m1", "--json"]).stdout)
    assert found["description"]["dram"]["channels"] == 8
    assert found["units"]["cpu_p"]["route"] == ["cpu_p_port", "noc_dram"]


def test_check_says_ok_or_all_errors_with_exit_status_2(tmp_path: Path) -> None:
    good = write(tmp_path, "good.yaml", SMALL)
    bad = write(tmp_path, "bad.yaml", SMALL.replace("cores: 2", "cores: x").replace("channels: 2", "channels: x"))
    result = run.invoke(app, ["check", str(good), "apple/m1"])
    assert (result.exit_code, result.stdout) == (0, f"{good}: ok\napple/m1: ok\n")
    result = run.invoke(app, ["check", str(bad), str(good), str(tmp_path / "none.yaml")])
    assert result.exit_code == 2
    assert result.stdout == f"{good}: ok\n"
    assert [line.rpartition("/")[2].partition(":")[0] for line in result.stderr.splitlines()] == [
        "bad.yaml", "bad.yaml", "none.yaml",
    ]  # fmt: skip


def test_the_example_that_newcomers_copy_is_right() -> None:
    assert run.invoke(app, ["check", "example"]).stdout == "example: ok\n"


def test_an_unknown_chip_is_an_input_error() -> None:
    result = run.invoke(app, ["show", "apple/m7"])
    assert isinstance(result.exception, ConfigError)
    assert result.exception.exit_status == 2


def test_schema_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "schema.json"
    assert run.invoke(app, ["schema", "-o", str(target)]).exit_code == 0
    assert json.loads(target.read_text()) == json.loads(run.invoke(app, ["schema"]).stdout)
    result = run.invoke(app, ["schema", "-o", str(target / "schema.json")])
    assert isinstance(result.exception, OutputError)
    assert list(tmp_path.iterdir()) == [target]


def test_blocks_without_arithmetic_have_no_empty_peaks() -> None:
    lines = run.invoke(app, ["show", "apple/m1"]).stdout.splitlines()
    assert any("isp" in line for line in lines)
    assert not [line for line in lines if line.endswith("peak   ") or "ridge   " in line]
