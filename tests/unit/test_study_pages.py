"""Are the pages of studies whole, self-contained, and about all points?"""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from socsim.cli.app import app
from socsim.errors import InputError
from socsim.study.pages.points import AXIS, MOST_POINTS, PointColumn, PointTable, points_data
from socsim.study.pages.search import search_page
from socsim.study.pages.sweep import sweep_page
from socsim.study.run_sweep import load_sweep, sweep
from tests.unit.test_report_html import outline

SWEEP = """
base: {hardware: apple/m1, workload: resnet-18}
axes:
  units: [[gpu], [npu]]
  dram.channels: [4, 8]
  dram.capacity: [8 GiB, 2304 MiB]
objectives: {latency_s: min}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    sweep(tmp_path / "sweep.yaml", tmp_path / "out", workers=0)
    return tmp_path / "out"


def test_report_writes_the_page_of_a_sweep(folder: Path) -> None:
    answer = CliRunner().invoke(app, ["report", str(folder)])
    assert answer.exit_code == 0, answer.output
    text = (folder / "report.html").read_text(encoding="utf-8")
    outline(text)
    assert "{{" not in text
    assert "sweep of 8 points" in text
    assert "dram.channels: [4, 8]" in text
    assert text == sweep_page(load_sweep(folder))


def test_a_folder_that_is_no_search_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match=r"search\.json"):
        search_page(folder)
    (folder / "search.json").write_text("{}")
    with pytest.raises(InputError, match="not the result of a search"):
        search_page(folder)


def test_too_many_points_are_thinned_out_but_the_front_stays() -> None:
    count = 2 * MOST_POINTS
    table = PointTable((PointColumn("x", list(range(count)), AXIS),), (1, count - 1), {})
    data = points_data(table)
    values = data["columns"][0]["values"]
    assert data["total"] == count
    assert data["rows"] == len(values) <= MOST_POINTS + 2
    assert [values[row] for row in data["front"]] == [1, count - 1]


def test_a_sweep_leaves_its_page(tmp_path: Path) -> None:
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    command = ["sweep", str(tmp_path / "sweep.yaml"), "--out", str(tmp_path / "out"), "--workers", "0", "--json"]
    answer = CliRunner().invoke(app, command)
    assert answer.exit_code == 0, answer.output
    outline((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
