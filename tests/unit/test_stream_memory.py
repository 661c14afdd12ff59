"""Does the memory that a streamed run needs stay as it is while the run gets longer?"""

from __future__ import annotations

import gc
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import socsim
from socsim.engine.executor import Executor
from socsim.result import Counter, InstanceRecord
from socsim.result.running import WindowDetail
from socsim.result.streamed import WindowSink
from socsim.simulation import RunOptions, simulate
from socsim.workload.scenario import Scenario

S = 10**12
TEN_MINUTES = Path(__file__).parents[2] / "examples" / "ten_minutes.yaml"


def lasting(scenario: Scenario, duration_ps: int) -> Scenario:
    """The scenario over another time."""
    return replace(scenario, streams=tuple(replace(stream, duration_ps=duration_ps) for stream in scenario.streams))


class Census(WindowSink):
    """Counts what Python keeps track of each time a window ends."""

    def __init__(self) -> None:
        self.objects: list[int] = []
        self.tasks = 0
        self._windows = 0

    def add(self, detail: WindowDetail, done: list[tuple[int, InstanceRecord]], series: tuple[Counter, ...]) -> None:
        self.tasks += detail.window.last - detail.window.first
        self._windows += 1
        if self._windows % 5 == 0:
            self.objects.append(len(gc.get_objects()))


def test_what_is_kept_does_not_grow_with_the_length_of_a_streamed_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socsim.engine.executor.WINDOW_TASKS", 300)
    rows: list[int] = []
    forget = Executor.forget

    def forgetting(executor: Executor, row: int, carried: frozenset[int] = frozenset()) -> None:
        forget(executor, row, carried)
        rows.append(len(executor.spans) + len(executor.memory.fabric.record.rows) + len(executor.instances))

    monkeypatch.setattr(Executor, "forget", forgetting)
    census = Census()
    soc, scenario = socsim.load_soc("apple/a17_pro"), lasting(socsim.load_scenario(TEN_MINUTES), S // 2)
    result = simulate(scenario, soc, RunOptions(stream=True), sinks=[census])
    assert census.tasks == result.summary["tasks"] > 4_500
    early, late = census.objects[0], census.objects[-1]
    assert late - early < 0.1 * census.tasks, "an object per task would be ten times that"
    assert max(rows) < 1500


@pytest.mark.long
@pytest.mark.slow
def test_ten_minutes_of_six_streams_run_in_bounded_memory(capsys: pytest.CaptureFixture[str]) -> None:
    """Some six million tasks. Prints what it took; speed is not asserted, because machines differ."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.process_time()
    result = simulate(socsim.load_scenario(TEN_MINUTES), socsim.load_soc("apple/a17_pro"), RunOptions())
    tasks, cpu_s = result.summary["tasks"], time.process_time() - begin
    more_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000
    with capsys.disabled():
        sys.stdout.write(
            f"\n{tasks:,} tasks, {tasks / cpu_s:,.0f} per CPU second, {more_mb:,.0f} MB more than before\n"
        )
    assert tasks > 6_000_000
    assert all(figures["completed"] > 17_900 for figures in result.summary["streams"].values())
    assert more_mb < 1000
