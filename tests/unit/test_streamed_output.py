"""Does a streamed run with --out leave the tables of a run that keeps its tasks, and a trace that can be read?"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as protos

import socsim
from socsim.errors import InputError
from socsim.report import StreamedOutputs, write_outputs
from socsim.result import load_run
from socsim.result.streamed import StreamedResult
from socsim.simulation import RunOptions, simulate


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of the same run: kept, and streamed in windows of 20 tasks."""
    kept, streamed = tmp_path_factory.mktemp("kept"), tmp_path_factory.mktemp("streamed")
    soc = socsim.load_soc("apple/a17_pro")
    workloads = [socsim.load_workload(name) for name in ("resnet-18", "mobilenet-v2")]
    with pytest.MonkeyPatch.context() as patch, StreamedOutputs(streamed) as outputs:
        patch.setattr("socsim.engine.executor.WINDOW_TASKS", 20)
        write_outputs(simulate(workloads, soc, RunOptions(repeat=3)), kept)
        result = simulate(workloads, soc, RunOptions(repeat=3, stream=True), sinks=[outputs])
        assert isinstance(result, StreamedResult)
        outputs.finish(result)
    return kept, streamed


def test_the_same_tasks_in_row_groups(folders: tuple[Path, Path]) -> None:
    kept, streamed = (pq.read_table(folder / "tasks.parquet").to_pylist() for folder in folders)
    assert pq.ParquetFile(folders[1] / "tasks.parquet").num_row_groups > 3
    for row in (*kept, *streamed):
        row["energy_j"] = pytest.approx(row["energy_j"])
    assert streamed == kept


def test_the_same_summary_and_no_half_files(folders: tuple[Path, Path]) -> None:
    kept, streamed = folders
    assert (streamed / "summary.json").read_bytes() == (kept / "summary.json").read_bytes()
    assert {path.name for path in streamed.iterdir()} == {
        *(path.name for path in kept.iterdir()),
        "instances.parquet",
    }
    assert "What bounds it" in (streamed / "report.html").read_text()
    instances = pq.read_table(streamed / "instances.parquet").to_pylist()
    assert sorted(row["instance"] for row in instances) == list(range(6))
    assert sum(row["num_tasks"] for row in instances) == json.loads((kept / "summary.json").read_text())["tasks"]


def test_counters_add_up_to_the_same_bytes(folders: tuple[Path, Path]) -> None:
    def carried(folder: Path) -> float:
        rows = [row for row in pq.read_table(folder / "counters.parquet").to_pylist() if row["name"] == "dram"]
        times, values = [row["time_ps"] for row in rows], [row["value"] for row in rows]
        assert times == sorted(times)
        return sum(v * (after - t) for v, t, after in zip(values, times, times[1:], strict=False)) * 1e-12

    kept, streamed = folders
    assert carried(streamed) == pytest.approx(carried(kept))


def test_every_slice_of_the_trace_ends(folders: tuple[Path, Path]) -> None:
    trace = protos.Trace()
    trace.ParseFromString((folders[1] / "trace.pftrace").read_bytes())
    open_slices: dict[int, int] = {}
    for packet in trace.packet:
        event = packet.track_event
        if event.type == event.TYPE_SLICE_BEGIN:
            open_slices[event.track_uuid] = open_slices.get(event.track_uuid, 0) + 1
        elif event.type == event.TYPE_SLICE_END:
            open_slices[event.track_uuid] -= 1
    assert open_slices
    assert set(open_slices.values()) == {0}


def test_report_refuses_a_streamed_run_in_words(folders: tuple[Path, Path]) -> None:
    with pytest.raises(InputError, match="a streamed run"):
        load_run(folders[1])


def test_what_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    soc, workload = socsim.load_soc("apple/a17_pro"), socsim.load_workload("resnet-18")
    with StreamedOutputs(tmp_path) as outputs:
        simulate(workload, soc, RunOptions(stream=True), sinks=[outputs])
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir()), "what was not finished is removed"
