"""Are the figures of a streamed run, byte for byte, those of one that keeps its tasks: for every shipped scenario?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

import socsim
from socsim.errors import ConfigError
from socsim.result.streamed import StreamedResult
from socsim.simulation import RunOptions, simulate
from socsim.simulation.scenario_file import shipped_scenarios
from socsim.workload.scenario import Scenario, Stream

MS = 10**9
SHORT_PS = 120 * MS


def short(scenario: Scenario) -> Scenario:
    """The scenario's first moments."""
    return replace(scenario, streams=tuple(_short(stream) for stream in scenario.streams))


def _short(stream: Stream) -> Stream:
    return replace(
        stream,
        duration_ps=SHORT_PS if stream.duration_ps is not None else None,
        count=min(stream.count, 2) if stream.count is not None else None,
        warm_up_ps=min(stream.warm_up_ps, SHORT_PS // 4),
    )


QUICK = ("camera_preview", "game_and_indexing")
SCENARIOS = [
    name if name in QUICK else pytest.param(name, marks=[pytest.mark.slow, pytest.mark.long])
    for name in shipped_scenarios()
]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_streamed_run_has_the_same_summary(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socsim.engine.executor.WINDOW_TASKS", 30)
    soc, scenario = socsim.load_soc("apple/a17_pro"), short(socsim.load_scenario(name))
    kept = simulate(scenario, soc, RunOptions())
    streamed = simulate(scenario, soc, RunOptions(stream=True))
    assert kept.marks
    assert isinstance(streamed, StreamedResult)
    assert json.dumps(streamed.summary) == json.dumps(kept.summary)
    assert streamed.latency_ps == kept.latency_ps
    assert [item.critical_ps for item in streamed.operations] == [item.critical_ps for item in kept.operations]


def test_a_run_is_streamed_from_a_number_of_tasks_on_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socsim.engine.executor.WINDOW_TASKS", 30)
    soc, scenario = socsim.load_soc("apple/a17_pro"), short(socsim.load_scenario("camera_preview"))
    kept = simulate(scenario, soc, RunOptions(keep_tasks=10_000))
    assert not isinstance(kept, StreamedResult)
    streamed = simulate(scenario, soc, RunOptions(keep_tasks=200))
    assert streamed.summary == kept.summary
    assert "streamed (more than 200 tasks" in streamed.notes[-1]
    with pytest.raises(ConfigError, match="not kept"):
        len(streamed.tasks)


@pytest.mark.parametrize("changes", [{"grain": "tile"}, {"sample_steps": 4, "prompt": 8, "tokens": 32}])
def test_what_needs_all_tasks_at_the_end_is_not_streamed(changes: dict[str, Any]) -> None:
    soc, workload = socsim.load_soc("apple/a17_pro"), socsim.load_workload("llama-3.2-1b")
    with pytest.raises(ConfigError, match="--stream"):
        simulate(workload, soc, RunOptions(stream=True, **changes))
