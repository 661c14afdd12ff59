"""Does a run that nobody holds any more go at once, templates and records and all, without the garbage collector?"""

from __future__ import annotations

import gc
import weakref

import pytest

import socsim
from socsim.engine.executor import Executor
from socsim.engine.memory.fabric import Fabric


def test_a_run_keeps_nothing_of_itself_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[weakref.ref[object]] = []
    run = Executor.run

    def noted(self: Executor) -> None:
        held.append(weakref.ref(self.preparer))
        held.append(weakref.ref(self.memory.fabric))
        run(self)
        held.append(weakref.ref(self.graphs[0]))

    monkeypatch.setattr(Executor, "run", noted)
    chip, workload = socsim.load_soc("apple/m1"), socsim.load_workload("resnet-18")
    result = socsim.simulate(workload, chip)
    assert isinstance(held[1](), Fabric)
    gc.disable()
    try:
        del result
        assert [kept() for kept in held] == [None, None, None]
    finally:
        gc.enable()


def test_what_a_run_leaves_is_not_young_and_what_was_frozen_stays_so() -> None:
    chip, workload = socsim.load_soc("apple/m1"), socsim.load_workload("resnet-18")
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        result = socsim.simulate(workload, chip)
        assert gc.get_freeze_count() <= frozen
        assert gc.get_freeze_count() > frozen // 2
    finally:
        gc.unfreeze()
    result = socsim.simulate(workload, chip)
    oldest = {id(item) for item in gc.get_objects(generation=2)}
    assert id(result.graphs[0].tasks[0]) in oldest
    assert gc.isenabled()
