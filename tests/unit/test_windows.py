"""Are the figures of a run that is cut into windows those of the whole run?"""

from __future__ import annotations

from typing import Any

import pytest

from socsim.api import load_scenario, load_soc
from socsim.result import RunResult
from socsim.simulation import RunOptions, simulate


def run(monkeypatch: pytest.MonkeyPatch, window_tasks: int, scenario: str = "camera_preview") -> RunResult:
    monkeypatch.setattr("socsim.engine.executor.WINDOW_TASKS", window_tasks)
    return simulate(load_scenario(scenario), load_soc("apple/a17_pro"), RunOptions())


def unequal(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two summaries differ by more than the last digits of sums of floats."""
    if isinstance(one, dict):
        return [found for key in one for found in unequal(one[key], other[key], f"{path}/{key}")]
    if isinstance(one, list):
        return [found for a, b in zip(one, other, strict=True) for found in unequal(a, b, path)]
    same = one == (pytest.approx(other, rel=1e-12) if isinstance(one, float) else other)
    return [] if same else [path]


@pytest.mark.parametrize("scenario", ["camera_preview", "game_and_indexing"])
def test_figures_summed_up_over_windows_are_those_of_the_columns(
    monkeypatch: pytest.MonkeyPatch, scenario: str
) -> None:
    result = run(monkeypatch, 900, scenario)
    assert len(result.marks) > 5
    operations = result.operations
    assert result.summary == result.record.summary
    assert [(item.name, item.count, item.critical_ps) for item in operations] == [
        (item.name, item.count, item.critical_ps) for item in result.record.operations
    ]


def test_only_the_walk_along_the_critical_path_knows_where_windows_end(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, cut = run(monkeypatch, 10**9), run(monkeypatch, 500)
    assert not whole.marks
    assert {path.split("/")[1] for path in unequal(whole.summary, cut.summary)} <= {"bound_by"}
    assert sum(cut.summary["bound_by"].values()) == pytest.approx(1)
    assert whole.spans.rows == cut.spans.rows
    assert whole.energy is not None
    assert cut.energy is not None
    assert cut.energy.row_j == pytest.approx(whole.energy.row_j)
