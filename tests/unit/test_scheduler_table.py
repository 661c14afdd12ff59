"""Does the table of schedulers run what it names, and does it show that schedulers differ?"""

from __future__ import annotations

import pytest

import socsim
from socsim.errors import ConfigError
from socsim.study.schedulers import compare_schedulers, scheduler_names


def test_every_scheduler_runs_a_shipped_scenario() -> None:
    soc = socsim.load_soc("apple/a17_pro")
    found = {outcome.scheduler: outcome for outcome in compare_schedulers(soc, ["watch"], scheduler_names())}
    assert sorted(found) == scheduler_names()
    assert len({tuple(s.completed for s in outcome.streams) for outcome in found.values()}) == 1


def test_an_unknown_scheduler_is_named_before_anything_runs() -> None:
    with pytest.raises(ConfigError, match="unknown scheduler 'edff'"):
        next(compare_schedulers(socsim.load_soc("apple/a17_pro"), ["watch"], ["fifo", "edff"]))


def test_on_a_unit_that_is_nearly_full_the_earliest_deadline_first_misses_fewer() -> None:
    soc = socsim.load_soc("apple/a17_pro", ["units.npu.clock=60 MHz"])
    first, edf = compare_schedulers(soc, ["video_call"], ["fifo", "edf"])
    assert edf.deadline_misses < first.deadline_misses
