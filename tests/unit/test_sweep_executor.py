"""Does every item get its result exactly once, whatever dies on the way?"""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from socsim.errors import ConfigError, OutputError, SocsimError
from socsim.study.execution.driver import Driver, Item, results_of
from socsim.study.execution.identity import code_hash
from socsim.study.execution.inline import Inline
from socsim.study.execution.job import Executor, Result, decode, encode
from socsim.study.execution.local_pool import LocalPool
from socsim.study.execution.store import Store

SQUARE = "tests.unit.study_jobs:square"


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes import the functions of the tests from the repository."""
    root = str(Path(__file__).resolve().parents[2])
    monkeypatch.syspath_prepend(root)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])))


def run(executor: Executor, data: list[dict[str, Any]], **options: Any) -> dict[str, Result]:
    """Results by point; fails where one came twice."""
    results: dict[str, Result] = {}

    def accept(blob: bytes) -> None:
        for result in results_of(blob):
            assert str(result["point"]) not in results
            results[str(result["point"])] = result

    items = [Item(str(item["x"]), item) for item in data]
    Driver(executor, SQUARE, accept, **options).run(items)
    return results


def test_do_pool_and_inline_agree() -> None:
    data: list[dict[str, Any]] = [{"x": x} for x in range(100)]
    pool = LocalPool(2)
    try:
        assert run(pool, data) == run(Inline(), data)
    finally:
        pool.close()


def test_does_a_failing_item_become_a_result_with_its_message() -> None:
    results = run(Inline(), [{"x": 1}, {"x": 2, "refused": True}, {"x": 3, "broken": True}])
    assert [results[x]["status"] for x in ("1", "2", "3")] == ["ok", "failed", "failed"]
    assert results["2"]["error"] == "x: refused on purpose"
    assert str(results["3"]["error"]).startswith(
        "internal error: ValueError: broken on purpose (tests.unit.study_jobs:"
    )


def test_does_the_pool_survive_an_item_that_kills_its_process(tmp_path: Path) -> None:
    data: list[dict[str, Any]] = [{"x": x} for x in range(60)]
    data[17]["poison"] = True
    data[40]["once"] = str(tmp_path / "once")
    pool = LocalPool(2)
    try:
        results = run(pool, data)
    finally:
        pool.close()
    assert sorted(results, key=int) == [str(x) for x in range(60)]
    assert {x: result["status"] for x, result in results.items() if result["status"] != "ok"} == {"17": "crashed"}
    assert "signal 9" in str(results["17"]["error"])


def test_does_the_pool_survive_kill_minus_9_of_a_worker() -> None:
    pool = LocalPool(2)

    def kill_soon() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not pool.process_ids:
            time.sleep(0.01)
        time.sleep(0.5)
        os.kill(pool.process_ids[0], signal.SIGKILL)

    killer = threading.Thread(target=kill_soon)
    killer.start()
    try:
        results = run(pool, [{"x": x, "sleep_s": 0.02} for x in range(100)])
    finally:
        killer.join()
        pool.close()
    assert len(results) == 100
    assert {result["status"] for result in results.values()} == {"ok"}


def test_are_workers_gone_after_close() -> None:
    pool = LocalPool(2)
    run(pool, [{"x": x} for x in range(4)])
    processes = pool.process_ids
    pool.close()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_is_a_function_that_does_not_exist_an_error_at_once() -> None:
    pool = LocalPool(1)
    with pytest.raises(SocsimError, match="cannot be imported"):
        Driver(pool, "tests.unit.study_jobs:cube", lambda _: None).run([Item("1", {"x": 1})])
    pool.close()


def test_does_a_worker_with_other_code_refuse() -> None:
    Driver(Inline(), SQUARE, lambda _: None, code=code_hash()).run([Item("1", {"x": 1})])
    with pytest.raises(ConfigError, match="another version of socsim"):
        Driver(Inline(), SQUARE, lambda _: None, code="0" * 20).run([Item("1", {"x": 1})])


def test_are_chunks_of_some_seconds() -> None:
    counts: list[int] = []
    items = [Item(str(x), {"x": x, "sleep_s": 0.001}) for x in range(3000)]
    Driver(Inline(), SQUARE, lambda blob: counts.append(len(results_of(blob))), most_items=500).run(items)
    assert sum(counts) == 3000
    assert counts[0] == 1
    assert max(counts) == 500
    assert len(counts) < 15


# -- the store -------------------------------------------------------------------------------------------------------


def test_does_a_blob_come_back_as_it_was() -> None:
    results: list[Result] = [
        {"point": "a", "status": "ok", "error": None, "x": 1, "y": 0.1 + 0.2, "text": "µ"},
        {"point": "b", "status": "failed", "error": "no"},
    ]
    back = list(decode(encode(results)))
    assert back[0] == results[0]
    assert back[1] == {"point": "b", "status": "failed", "error": "no", "x": None, "y": None, "text": None}
    assert encode(results) == encode(results)


def test_what_does_a_store_know_after_a_restart(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.add(
            encode([{"point": "a", "status": "ok", "error": None}, {"point": "b", "status": "failed", "error": "n"}])
        )
        store.add(encode([{"point": "c", "status": "crashed", "error": "died"}]))
    with Store(tmp_path) as store:
        assert store.known() == {"a", "b"}
        assert store.known(retry_failed=True) == {"a"}


def test_does_a_store_merge_its_chunks_without_loss(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        for number in range(250):
            store.add(encode([{"point": str(number), "status": "ok", "error": None, "x": number}]))
        store.compact()
        assert len(list((tmp_path / "chunks").iterdir())) == 1
        assert store.known() == {str(number) for number in range(250)}
        (columns,) = store
        assert sorted(columns["x"]) == list(range(250))  # type: ignore[type-var]


def test_is_a_half_written_file_ignored_and_a_damaged_one_named(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.add(encode([{"point": "a", "status": "ok", "error": None}]))
        (tmp_path / "chunks" / ".b.json.gz.1.partial").write_bytes(b"half")
        assert store.known() == {"a"}
        (tmp_path / "chunks" / "b.json.gz").write_bytes(b"half")
        with pytest.raises(SocsimError, match=r"b\.json\.gz: damaged"):
            store.known()


def test_is_a_second_study_in_the_same_folder_refused(tmp_path: Path) -> None:
    with Store(tmp_path), pytest.raises(OutputError, match="another study is at work"), Store(tmp_path):
        pass
    with Store(tmp_path):
        pass


def test_is_a_folder_that_is_a_file_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write there"):
        Store(tmp_path / "file")
