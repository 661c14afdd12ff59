"""Are the points of two sweeps matched by their axes, and is every difference found?"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from socsim.cli.app import app
from socsim.errors import InputError
from socsim.study.compare import compare_sweeps
from socsim.study.compare.as_data import sweeps_data
from socsim.study.compare.console import print_sweeps
from socsim.study.run_sweep import sweep

SWEEP = """
base: {hardware: apple/m1, workload: resnet-18, options: {units: [gpu]}}
axes:
  units.gpu.cores: [%s]
  dram.channels: [4, 8]
figures: {cost: soc.units.gpu.cores + dram.channels}
objectives: {latency_s: min, cost: min}
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    made = []
    for number, (cores, clock) in enumerate((("6, 7, 8", ""), ("7, 8, 9", "overrides: {units.gpu.clock: 1.1 GHz}, "))):
        folder = tmp_path_factory.mktemp(f"sweep{number}")
        text = SWEEP % cores
        if clock:
            text = text.replace("  dram.channels: [4, 8]", "  dram.channels: [4, 8]\n  units.gpu.clock: [1.1 GHz]")
        (folder / "sweep.yaml").write_text(text)
        sweep(folder / "sweep.yaml", folder / "out", workers=0)
        made.append(folder / "out")
    return made[0], made[1]


def test_a_sweep_compared_with_itself_has_not_changed(folders: tuple[Path, Path]) -> None:
    found = compare_sweeps(folders[0], folders[0])
    assert found.nothing_changed
    assert len(found.pairs) == 6
    assert all(item.differ == 0 and item.least == item.most == 1 for item in found.figures)
    answer = CliRunner().invoke(app, ["compare", str(folders[0]), str(folders[0])])
    assert "Nothing changed" in answer.stdout


def test_points_are_matched_by_the_values_of_common_axes(folders: tuple[Path, Path]) -> None:
    found = compare_sweeps(*folders)
    assert found.axes == ("units.gpu.cores", "dram.channels")
    assert [pair.axes for pair in found.pairs] == [(7, 4), (7, 8), (8, 4), (8, 8)]
    assert (len(found.only_before), len(found.only_after)) == (2, 2)
    for pair in found.pairs:
        left, right = (
            sweep.results.row(row) for sweep, row in ((found.before, pair.before_row), (found.after, pair.after_row))
        )
        assert left["units.gpu.cores"] == right["units.gpu.cores"]
        assert left["latency_s"] < right["latency_s"], "the second sweep's clock is lower"


def test_differences_of_file_and_figures_are_found(folders: tuple[Path, Path]) -> None:
    found = compare_sweeps(*folders)
    paths = {item.path for item in found.inputs}
    assert {"axes.units.gpu.cores", "axes.units.gpu.clock"} <= paths
    latency = next(item for item in found.figures if item.name == "latency_s")
    assert latency.differ == latency.points == 4
    assert 1 < latency.least <= latency.median <= latency.most
    cost = next(item for item in found.figures if item.name == "cost")
    assert cost.differ == 0
    data = json.loads(json.dumps(sweeps_data(found)))
    assert data["common_points"] == 4
    file = io.StringIO()
    print_sweeps(found, Console(file=file, width=100))
    assert "4 of 4" in file.getvalue()


def test_points_that_axes_do_not_tell_apart_are_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text((SWEEP % "7").replace("  dram.channels: [4, 8]\n", "").replace("+ dram.channels", "+ 0"))
    sweep(other, tmp_path / "out", workers=0)
    with pytest.raises(InputError, match=r"cannot be told apart by the axes of both.*dram.channels"):
        compare_sweeps(folders[0], tmp_path / "out")
