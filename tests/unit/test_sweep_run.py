"""Is the table of a sweep complete, typed, and the same whoever computed it and however often it was interrupted?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import socsim
from socsim.errors import ConfigError, ConfigFileError
from socsim.study.execution.store import Store
from socsim.study.run_sweep import estimate, load_sweep, sweep

SWEEP = """
base: {hardware: apple/m1, workload: resnet-18, options: {units: [gpu], precision: fp16}}
axes:
  units.gpu.cores: [7, 8]
  units.gpu.clock: [1 GHz, 1.278 GHz]
  dram.channels: [4, 8]
where: units.gpu.cores + dram.channels < 16
derive: {vars.ratio: units.gpu.cores / dram.channels}
figures: {cost: soc.units.gpu.cores * 2 + dram.channels}
objectives: {latency_s: min, cost: min}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sweep.yaml"
    path.write_text(SWEEP, encoding="utf-8")
    return path


def test_does_a_row_hold_what_a_run_says(file: Path, tmp_path: Path) -> None:
    result = sweep(file, tmp_path / "out", workers=0)
    frame = result.frame
    assert len(frame) == 6
    assert frame["status"].tolist() == ["ok"] * 6
    row = frame[(frame["units.gpu.cores"] == 7) & (frame["units.gpu.clock"] == 1_278_000_000)].iloc[0]
    soc = socsim.load_soc("apple/m1", ["units.gpu.cores=7", "units.gpu.clock=1278 MHz", "dram.channels=4"])
    options = socsim.RunOptions(units=("gpu",), precision="fp16")
    summary = socsim.simulate(socsim.load_workload("resnet-18"), soc, options).summary
    assert row["latency_s"] == summary["latency_s"]
    assert row["units.gpu.busy_fraction"] == summary["units"]["gpu"]["busy_fraction"]
    assert row["dram_read_bytes"] == summary["dram_read_bytes"]
    assert row["cost"] == 2 * 7 + 4
    assert row["vars.ratio"] == 7 / 4


def test_are_columns_typed(file: Path, tmp_path: Path) -> None:
    sweep(file, tmp_path / "out", workers=0)
    import pyarrow.parquet as pq

    schema = pq.read_schema(tmp_path / "out" / "results.parquet")
    types = {field.name: str(field.type) for field in schema}
    assert types["units.gpu.cores"] == types["units.gpu.clock"] == types["flop"] == "int64"
    assert types["latency_s"] == types["energy_j"] == "double"
    assert types["status"] == types["error"] == "large_string"
    assert schema.field("units.gpu.clock").metadata == {b"unit": b"Hz"}
    assert list(types)[:6] == ["units.gpu.cores", "units.gpu.clock", "dram.channels", "vars.ratio", "point", "status"]


def test_is_the_table_the_same_from_one_worker_and_from_eight(file: Path, tmp_path: Path) -> None:
    tables = []
    for workers in (0, 1, 8):
        sweep(file, tmp_path / str(workers), workers=workers)
        tables.append((tmp_path / str(workers) / "results.parquet").read_bytes())
        manifest = (tmp_path / str(workers) / "manifest.json").read_bytes()
        assert manifest == (tmp_path / "0" / "manifest.json").read_bytes()
    assert tables[0] == tables[1] == tables[2]


def test_does_a_rerun_compute_only_what_is_missing(file: Path, tmp_path: Path) -> None:
    assert sweep(file, tmp_path / "out", workers=0).computed == 6
    before = (tmp_path / "out" / "results.parquet").read_bytes()
    assert sweep(file, tmp_path / "out", workers=0).computed == 0
    assert (tmp_path / "out" / "results.parquet").read_bytes() == before
    file.write_text(SWEEP.replace("[4, 8]", "[2, 4, 8]"), encoding="utf-8")
    wider = sweep(file, tmp_path / "out", workers=0)
    assert (len(wider.results), wider.computed) == (10, 4)
    chunk = next(iter((tmp_path / "out" / "chunks").iterdir()))
    chunk.unlink()
    assert sweep(file, tmp_path / "out", workers=0).computed >= 1


def test_is_a_failing_point_a_row_with_its_message(tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text(
        "base: {hardware: apple/m1, workload: llama-2-7b}\n"
        "axes: {weights: [null, q4_0]}\nzip: {dram.capacity: [8 GiB], dram.reserved: [2 GiB]}\n",
        encoding="utf-8",
    )
    result = sweep(file, tmp_path / "out", workers=0)
    assert result.results.columns["status"].values == ["failed", "ok"]
    assert "needs" in str(result.results.columns["error"].values[0])
    assert result.results.columns["latency_s"].values[0] is None
    assert result.failed == 1
    assert sweep(file, tmp_path / "out", workers=0).computed == 0
    assert sweep(file, tmp_path / "out", workers=0, retry_failed=True).computed == 1


def test_is_an_objective_that_does_not_exist_an_error_after_one_point(file: Path, tmp_path: Path) -> None:
    file.write_text(SWEEP.replace("latency_s: min", "latency: min"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"objectives\.latency: .*did you mean 'latency_s'"):
        sweep(file, tmp_path / "out", workers=0)
    assert not (tmp_path / "out" / "results.parquet").exists()
    with Store(tmp_path / "out") as store:
        assert len(store.known()) == 1


def test_is_the_front_what_no_point_beats(file: Path, tmp_path: Path) -> None:
    result = sweep(file, tmp_path / "out", workers=0)
    latency, cost = result.results.numbers("latency_s"), result.results.numbers("cost")
    rows = list(zip(latency.tolist(), cost.tolist(), strict=True))
    front = {rows[i] for i in result.front()}
    for row in rows:
        beaten = any(other != row and other[0] <= row[0] and other[1] <= row[1] for other in rows)
        assert (row in front) != beaten
    again = load_sweep(tmp_path / "out")
    assert again.front() == result.front()
    assert again.best() == result.best()


def test_does_a_dry_run_write_nothing(file: Path, tmp_path: Path) -> None:
    found = estimate(file, tmp_path / "out", workers=2)
    assert (found.points, found.combinations, found.missing) == (6, 8, 6)
    assert found.wall_s > 0
    assert not (tmp_path / "out").exists()


# -- the command -----------------------------------------------------------------------------------------------------


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "socsim", "sweep", *arguments]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False)


def test_is_nothing_lost_or_doubled_when_the_driver_is_killed(tmp_path: Path) -> None:
    file, out = tmp_path / "sweep.yaml", tmp_path / "out"
    file.write_text(
        "base: {hardware: apple/m1, workload: resnet-18, options: {units: [gpu]}}\n"
        "axes:\n  units.gpu.clock: {linspace: {from: 1 GHz, to: 1.5 GHz, points: 60}}\n",
        encoding="utf-8",
    )
    driver = subprocess.Popen(command(str(file), "--out", str(out), "--workers", "2"), stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(list(out.glob("chunks/*.json.gz"))) < 3:
        time.sleep(0.02)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    assert not (out / "results.parquet").exists()
    with Store(out) as store:
        known = len(store.known())
        assert 3 <= known < 60
    again = run(str(file), "--out", str(out), "--workers", "2", "--json")
    figures = json.loads(again.stdout)
    assert figures["points"] == 60
    assert figures["computed"] == 60 - known
    assert figures["status"] == {"ok": 60}
    points = load_sweep(out).results.columns["point"].values
    assert len(set(points)) == 60


def test_does_the_command_print_the_front_and_say_what_is_wrong(file: Path, tmp_path: Path) -> None:
    done = run(str(file), "--out", str(tmp_path / "out"))
    assert "Pareto front: latency_s (min) and cost (min)" in done.stdout
    assert "6/6" in done.stderr
    file.write_text(SWEEP.replace("units.gpu.clock:", "units.gpu.clok:"), encoding="utf-8")
    wrong = run(str(file), "--out", str(tmp_path / "new"))
    assert wrong.returncode == 2
    assert "sweep.yaml:5:20: units.gpu.clok" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert not (tmp_path / "new").exists()
    assert os.listdir(tmp_path / "out")


def test_may_a_sweep_run_scenarios(tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text(
        "base: {hardware: apple/m1}\n"
        "axes: {scenario: [watch, camera_preview], units.npu.clock: [1 GHz, 1.2 GHz]}\n"
        "objectives: {latency_s: min}\n",
        encoding="utf-8",
    )
    found = sweep(file, tmp_path / "out", workers=0)
    alone = socsim.simulate(socsim.load_scenario("watch"), socsim.load_soc("apple/m1", ["units.npu.clock=1 GHz"]))
    assert found.failed == 0
    assert found.results.columns["scenario"].values == ["watch", "watch", "camera_preview", "camera_preview"]
    assert found.results.columns["latency_s"].values[0] == alone.summary["latency_s"]
    assert sweep(file, tmp_path / "out", workers=0).computed == 0


def test_are_workload_and_scenario_together_an_error(tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text("base: {hardware: apple/m1, workload: resnet-18, scenario: watch}\naxes: {seed: [1]}\n")
    with pytest.raises(ConfigFileError, match=r"sweep\.yaml:1:7: base: give one of 'workload' and 'scenario'"):
        sweep(file, tmp_path / "out", workers=0)
