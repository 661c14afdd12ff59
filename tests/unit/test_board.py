"""Does a board rank what was simulated, keep its history, and flag what got worse?"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

import socsim
from socsim.errors import ConfigError, ConfigFileError
from socsim.study.board.history import Cell, History
from socsim.study.board.page import ranking
from socsim.study.board.regressions import changes
from socsim.study.board.run_bench import HISTORY, bench
from socsim.study.board.suite_file import read_suite, suite_folder

SUITE = """
name: small
models: [resnet-18, {name: squeezed, workload: squeezenet, units: [gpu]}]
devices: [apple/m1, {name: wide, hardware: apple/m1, set: {units.gpu.cores: 16}}]
options: {precision: fp16}
"""


def write(folder: Path, text: str = SUITE) -> Path:
    file = folder / "suite.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def cell(model: str, device: str, latency_s: float | None, energy_j: float | None = 1.0) -> Cell:
    status = "ok" if latency_s is not None else "failed"
    return Cell(model, device, f"{model}/{device}", status, None, latency_s, energy_j, "{}")


def test_are_cells_the_runs_that_they_name(tmp_path: Path) -> None:
    found = bench(write(tmp_path), tmp_path / "board", workers=0)
    latency = {cell.place: cell.latency_s for cell in found.cells}
    wide = socsim.load_soc("apple/m1", ["units.gpu.cores=16"])
    assert latency["squeezed", "wide"] == socsim.latency("squeezenet", wide, units="gpu", precision="fp16")
    assert latency["resnet-18", "apple/m1"] == socsim.latency("resnet-18", "apple/m1", precision="fp16")
    assert found.ranking()[0][0] == "wide"
    again = bench(write(tmp_path), tmp_path / "board", workers=0)
    assert again.computed == 0
    assert again.run == found.run  # nothing new: no further run in the history
    assert again.against is None


def test_is_a_slower_device_a_regression(tmp_path: Path) -> None:
    bench(write(tmp_path), tmp_path / "board", label="before", workers=0)
    slower = SUITE.replace("units.gpu.cores: 16", "units.gpu.cores: 4")
    found = bench(write(tmp_path, slower), tmp_path / "board", label="after", workers=0)
    assert found.against is not None
    assert found.against.label == "before"
    worse = {(change.model, change.device, change.figure) for change in found.regressions}
    assert ("squeezed", "wide", "latency_s") in worse
    assert not any(device == "apple/m1" for _, device, _ in worse)
    better = bench(write(tmp_path), tmp_path / "board", label="third", against="after", workers=0)
    assert ("squeezed", "wide", "latency_s") not in {(c.model, c.device, c.figure) for c in better.regressions}
    page = (tmp_path / "board" / "board.html").read_text(encoding="utf-8")
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "squeezed" in page
    with pytest.raises(ConfigError, match="no run 'befor' in the history: did you mean 'before'"):
        bench(write(tmp_path), tmp_path / "board", against="befor", workers=0)


def test_counts_only_what_moves_beyond_the_tolerance() -> None:
    before = [cell("a", "x", 1.0), cell("b", "x", 1.0), cell("c", "x", 1.0), cell("d", "x", None)]
    now = [cell("a", "x", 1.005), cell("b", "x", 1.2), cell("c", "x", None, None), cell("d", "x", 1.0)]
    found = {change.model: change for change in changes(before, now, 0.01)}
    assert sorted(found) == ["b", "c"]
    assert all(change.is_worse for change in found.values())
    assert "no longer runs" in str(found["c"])
    assert not changes(before, [cell("a", "x", 0.5)])[0].is_worse


def test_is_the_rank_the_geometric_mean_of_relative_speeds() -> None:
    cells = [cell("a", "x", 1.0), cell("a", "y", 2.0), cell("b", "x", 4.0), cell("b", "y", 1.0), cell("c", "x", 1.0),
             cell("c", "y", None)]  # fmt: skip
    found = ranking(cells)
    assert [(device, count) for device, _, count in found] == [("y", 2), ("x", 3)]
    assert [speed for _, speed, _ in found] == pytest.approx([0.5**0.5, 0.25**0.5])


def test_is_a_run_written_whole_and_a_label_once(tmp_path: Path) -> None:
    history = History(tmp_path / HISTORY)
    history.add("one", "0.1", "code", "s", [cell("a", "x", 1.0)])
    history.add("two", "0.1", "code", "s", [cell("a", "x", 2.0)])
    history.add("one", "0.1", "code", "s", [cell("a", "x", 3.0)])
    assert [run.label for run in history.runs()] == ["two", "one"]
    assert history.cells(history.run("one"))[0].latency_s == 3.0
    twin = cell("a", "x", 1.0)
    with pytest.raises(Exception, match="UNIQUE"):
        history.add("bad", "0.1", "code", "s", [twin, dataclasses.replace(twin)])
    assert [run.label for run in history.runs()] == ["two", "one"]
    history.close()


WRONG = [
    ("models: [resnet-18,", "models: [resnet-18, resnet-18,", "suite.yaml:3:21: models: 'resnet-18' is there twice"),
    ("precision: fp16", "precison: fp16", "unknown key 'precison': did you mean 'precision'"),
    ("units.gpu.cores: 16", "unit.gpu.cores: 16", "'unit.gpu.cores' is no path of the hardware"),
    ("workload: squeezenet, ", "", "name a 'workload' or a 'scenario'"),
    ("resnet-18", "resnet-19", "resnet-19 on apple/m1: .*resnet-18"),
]


@pytest.mark.parametrize(("old", "new", "words"), WRONG, ids=[words for _, _, words in WRONG])
def test_does_an_error_say_where(old: str, new: str, words: str, tmp_path: Path) -> None:
    with pytest.raises((ConfigError, ConfigFileError), match=words):
        bench(write(tmp_path, SUITE.replace(old, new)), tmp_path / "board", workers=0)


@pytest.mark.parametrize("name", sorted(path.stem for path in suite_folder().glob("*.yaml")))
def test_is_every_shipped_suite_readable(name: str) -> None:
    suite = read_suite(name)
    assert len(suite.models) * len(suite.devices) >= 20


def test_does_the_command_fail_on_a_regression(tmp_path: Path) -> None:
    def run(text: str, *more: str) -> subprocess.CompletedProcess[str]:
        words = ["bench", str(write(tmp_path, text)), "--out", str(tmp_path / "board"), "--workers", "0", "--json"]
        command = [sys.executable, "-m", "socsim", *words, "--fail-on-regression", *more]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    small = "models: [squeezenet]\ndevices: [{name: it, hardware: apple/m1, set: {units.npu.clock: 1.1 GHz}}]\n"
    assert run(small, "--label", "a").returncode == 0
    slower = run(small.replace("1.1 GHz", "0.5 GHz"), "--label", "b")
    assert slower.returncode == 1, slower.stderr
    assert json.loads(slower.stdout)["changes"][0]["is_worse"] is True
