"""Do the example notebooks run from top to bottom, and are the example files of studies right?"""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from socsim.study.design.search_file import read_search
from socsim.study.design.sensitivity_file import read_sensitivity
from socsim.study.design.sweep_file import read_sweep

FOLDER = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.slow
def test_does_the_notebook_on_exploring_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(FOLDER / "explore.py"))
    shown = capsys.readouterr().out
    assert "16 GPU cores" in shown
    assert "units.gpu.clock" in shown
    assert (tmp_path / "runs" / "explore" / "report.html").stat().st_size > 10_000


@pytest.mark.slow
@pytest.mark.torch
def test_does_the_notebook_on_architecture_search_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="needs the extra 'trace'")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(FOLDER / "architecture_search.py"))
    assert "us by the simulator" in capsys.readouterr().out


def test_are_the_example_files_right() -> None:
    assert read_search(FOLDER / "search.yaml").points == 518
    assert len(read_sensitivity(FOLDER / "sensitivity.yaml").axes) == 5
    assert sum(1 for _ in read_sweep(FOLDER / "sweep.yaml").plan.points()) == 24
