"""Writing all outputs of a run: whole or not at all, the same bytes twice, and back without loss."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from socsim.errors import InputError, OutputError
from socsim.report import check_writable, write_outputs, write_text, write_views
from socsim.result import RunRecord, load_run
from socsim.result.columns import ListColumn, TextColumn
from socsim.result.output import outputs
from tests.synthetic_run import SpanRows, camera_and_assistant, instance, make_graph, make_run, make_task

ALL = {
    "summary.json", "manifest.json", "timing.json", "mapping.yaml", "tasks.parquet", "counters.parquet",
    "trace.pftrace", "report.html",
}  # fmt: skip


def same(left: Any, right: Any) -> bool:
    if isinstance(left, TextColumn):
        return bool(left.texts() == right.texts())
    if isinstance(left, ListColumn):
        return np.array_equal(left.offsets, right.offsets) and np.array_equal(left.values, right.values)
    return bool(left.dtype == right.dtype and np.array_equal(left, right))


def assert_equal(left: RunRecord, right: RunRecord) -> None:
    for field in fields(left.tasks):
        assert same(getattr(left.tasks, field.name), getattr(right.tasks, field.name)), field.name
    for one, other in zip(left.series, right.series, strict=True):
        assert (one.name, one.unit, one.kind) == (other.name, other.unit, other.kind)
        assert same(one.time_ps, other.time_ps)
        assert same(one.value, other.value)
    for name in ("hardware", "workloads", "seed", "instances", "graphs", "units", "unit_slots", "links", "caches",
                 "dram_peak_bytes_per_s", "partial", "notes", "manifest"):  # fmt: skip
        assert getattr(left, name) == getattr(right, name), name


def test_a_run_leaves_the_documented_files_and_nothing_else(tmp_path: Path) -> None:
    write_outputs(camera_and_assistant(), tmp_path / "runs" / "one")
    assert {path.name for path in (tmp_path / "runs" / "one").iterdir()} == ALL


def test_the_same_run_gives_the_same_bytes_in_every_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_outputs(camera_and_assistant(), tmp_path / name)
    for name in ALL:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_a_run_comes_back_without_loss(tmp_path: Path) -> None:
    run = camera_and_assistant()
    write_outputs(run, tmp_path)
    loaded = load_run(tmp_path)
    assert_equal(run.record, loaded)
    assert loaded.simulator is None
    assert loaded.summary == run.summary == json.loads((tmp_path / "summary.json").read_text())


def test_a_run_without_tasks_comes_back(tmp_path: Path) -> None:
    run = make_run(SpanRows(), [instance("s", 0, 3, -1)], [make_graph(make_task("a"))])
    write_outputs(run, tmp_path)
    assert_equal(run.record, load_run(tmp_path))


def test_views_of_a_loaded_run_are_the_same_bytes(tmp_path: Path) -> None:
    write_outputs(camera_and_assistant(), tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in ("report.html", "trace.pftrace")}
    for name in before:
        (tmp_path / name).unlink()
    written = write_views(load_run(tmp_path), tmp_path)
    assert {path.name for path in written} == set(before)
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_timing_holds_only_what_the_simulation_cost(tmp_path: Path) -> None:
    write_outputs(camera_and_assistant(), tmp_path)
    assert json.loads((tmp_path / "timing.json").read_text()) == {
        "wall_s": 0.5, "cpu_s": 0.25, "events": 100, "tasks_per_s": 36.0,
    }  # fmt: skip


def test_the_manifest_keeps_the_input_and_adds_the_record(tmp_path: Path) -> None:
    run = camera_and_assistant()
    write_outputs(run, tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert {key: manifest[key] for key in run.manifest} == run.manifest
    assert manifest["record"]["instances"]["phase"] == ["run", "prefill", "decode", "decode", "run"]


def test_tables_read_as_plain_parquet(tmp_path: Path) -> None:
    import pandas as pd

    write_outputs(camera_and_assistant(), tmp_path)
    tasks = pd.read_parquet(tmp_path / "tasks.parquet")
    assert tasks["label"].iloc[0] == "backbone.stem.conv"
    assert list(tasks["predecessors"].iloc[1]) == [0]
    counters = pd.read_parquet(tmp_path / "counters.parquet")
    assert list(counters.columns) == ["name", "unit", "kind", "time_ps", "value"]
    assert counters[counters.name == "slc"].value.tolist() == [0.0, 600e3, 900e3]


def test_an_output_that_fails_leaves_the_folder_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_outputs(camera_and_assistant(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(record: RunRecord, path: Path) -> None:
        path.write_text("half a file")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setitem(outputs._items, "trace.pftrace", fail)
    other = make_run(SpanRows(), [], [])
    with pytest.raises(OutputError, match="No space left"):
        write_outputs(other, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_interrupted_run_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(record: RunRecord, path: Path) -> None:
        path.write_text("half a file")
        raise KeyboardInterrupt

    monkeypatch.setitem(outputs._items, "report.html", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_outputs(camera_and_assistant(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_registered_output_is_written_with_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(outputs._items, "names.txt", lambda record, path: path.write_text(" ".join(record.units)))
    write_outputs(camera_and_assistant(), tmp_path)
    assert (tmp_path / "names.txt").read_text() == "cpu gpu npu"


def test_a_folder_that_does_not_exist_yet_is_writable_and_not_made(tmp_path: Path) -> None:
    check_writable(tmp_path / "not" / "yet")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    for folder in (tmp_path / "taken", tmp_path / "taken" / "deeper"):
        with pytest.raises(OutputError, match=r"taken is not a folder"):
            check_writable(folder)


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that nobody may write to")
def test_a_folder_that_may_not_be_written_is_refused() -> None:
    with pytest.raises(OutputError, match="cannot write there"):
        check_writable("/proc/self/runs")


def test_a_missing_run_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest\.json: cannot be read .*expected a folder that --out wrote"):
        load_run(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("manifest.json", b"{", "not JSON"),
        ("manifest.json", b"[]", "expected an object"),
        ("manifest.json", b"{}", "not the manifest of a run"),
        ("tasks.parquet", b"PAR1", "not a Parquet file"),
        ("counters.parquet", None, "cannot be read"),
    ],
)
def test_a_broken_run_is_a_clear_error(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    write_outputs(camera_and_assistant(), tmp_path)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_run(tmp_path)


def test_tables_of_another_kind_do_not_fit(tmp_path: Path) -> None:
    write_outputs(camera_and_assistant(), tmp_path)
    (tmp_path / "tasks.parquet").write_bytes((tmp_path / "counters.parquet").read_bytes())
    with pytest.raises(InputError, match="do not fit together"):
        load_run(tmp_path)


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=f"{tmp_path}: is a folder; name a file in it"):
        write_text(tmp_path, "text")
    assert not list(tmp_path.iterdir())
