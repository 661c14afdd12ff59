"""The timeline of a run made by hand: tracks, nesting, names, units, arrows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from socsim.report.perfetto import write_trace
from socsim.report.perfetto.stream_tracks import module_path
from socsim.result import Counter, Gate, RunResult
from tests.synthetic_run import US, SpanRows, camera_and_assistant, instance, make_graph, make_run, make_task
from tests.trace_structure import Structure, Track, read_trace


def structure_of(run: RunResult, folder: Path) -> Structure:
    path = folder / "trace.pftrace"
    write_trace(run.record, path)
    return read_trace(path)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Structure:
    return structure_of(camera_and_assistant(), tmp_path_factory.mktemp("trace"))


def times_us(track: Track, depth: int = 0) -> list[tuple[str, float, float]]:
    return [(s.name, s.begin_ns / 1000, s.end_ns / 1000) for s in track.slices if s.depth == depth]


def test_one_process_per_kind_and_one_track_per_lane(trace: Structure) -> None:
    assert trace.names("units") == [
        "cpu lane 0", "cpu lane 2", "gpu front end", "gpu", "gpu drains", "npu front end", "npu",
        "cpu busy", "gpu busy", "npu busy",
    ]  # fmt: skip
    assert trace.names("streams") == ["camera", "assistant"]
    assert trace.names("workload structure") == ["camera", "assistant"]
    assert trace.names("critical path") == ["bound by"]
    assert trace.names("memory") == ["dram", "slc", "cache hits"]


def test_the_trace_says_that_time_was_rounded(trace: Structure) -> None:
    assert "rounded down from ps" in trace.title
    assert any("rounded down from ps" in label for label in trace.labels)


def test_a_task_slice_runs_from_fill_to_drain_and_holds_its_phases(trace: Structure) -> None:
    gpu = trace.track("units", "gpu")
    assert times_us(gpu) == [
        ("conv", 0.5, 10), ("attention", 10, 30), ("attention", 32, 37), ("attention", 37, 41), ("conv", 41, 53),
    ]  # fmt: skip
    assert times_us(gpu, 1) == [
        ("fill", 0.5, 1), ("body", 1, 10), ("fill", 10, 12), ("body", 12, 30), ("body", 32, 36), ("drain", 36, 37),
        ("fill", 37, 37.5), ("body", 37.5, 41), ("body", 41, 52), ("drain", 52, 53),
    ]  # fmt: skip


def test_a_drain_that_overlaps_the_next_task_stands_on_its_own_track(trace: Structure) -> None:
    assert times_us(trace.track("units", "gpu drains")) == [("conv", 10, 11), ("attention", 41, 42)]


def test_launches_stand_on_the_front_end_track(trace: Structure) -> None:
    assert times_us(trace.track("units", "gpu front end")) == [("conv", 0, 0.5), ("attention", 5, 6)]


def test_a_task_without_fill_and_drain_is_one_slice(trace: Structure) -> None:
    lane = trace.track("units", "cpu lane 0")
    assert [(s.name, s.depth, s.attributes["slots"]) for s in lane.slices] == [("sample", 0, 2)]


def test_attributes_of_a_task_slice(trace: Structure) -> None:
    first = trace.track("units", "gpu").slices[0]
    assert first.category == "convolution"
    assert first.attributes == {
        "label": "backbone.stem.conv", "stream": "camera", "phase": "run", "operations": "op0 op1",
        "bound_by": "compute", "gate_kind": "launch", "row": 0, "slots": 1, "flop": 20_000_000,
        "read_bytes": 600_000, "write_bytes": 100_000, "dram_read_bytes": 600_000, "dram_write_bytes": 0,
        "start_ps": 1 * US, "end_ps": 10 * US, "critical_ps": 5 * US,
    }  # fmt: skip


def test_arrows_run_along_dependencies_that_crossed_units(trace: Structure) -> None:
    ends: dict[int, list[str]] = {}
    for track in trace.tracks:
        for piece in track.slices:
            for flow in piece.flows_out:
                ends.setdefault(flow, ["", ""])[0] = f"{track.name}: {piece.name} {piece.begin_ns}"
            for flow in piece.flows_in:
                ends.setdefault(flow, ["", ""])[1] = f"{track.name}: {piece.name} {piece.begin_ns}"
    assert sorted(ends.values()) == [
        ["gpu: attention 10000", "cpu lane 0: sample 30000"],
        ["gpu: attention 10000", "cpu lane 2: tokenize 30000"],
        ["gpu: conv 41000", "npu: head 55000"],
        ["gpu: conv 500", "npu: head 13000"],
    ]


def test_dependencies_within_a_unit_have_no_arrows(tmp_path: Path) -> None:
    rows = SpanRows()
    first = rows.add(0, 0, 0, 10 * US)
    rows.add(0, 1, 10 * US, 20 * US, gate=first, gate_kind=int(Gate.DEPENDENCY))
    graph = make_graph(make_task("a"), make_task("b", predecessors=[0]))
    trace = structure_of(make_run(rows, [instance("s", 0, 0, 20 * US)], [graph]), tmp_path)
    assert not [piece for track in trace.tracks for piece in track.slices if piece.flows_in or piece.flows_out]


def test_instances_show_warm_up_and_time_past_the_deadline(trace: Structure) -> None:
    camera = trace.track("streams", "camera")
    assert times_us(camera) == [("run 0 (warm-up)", 0, 20), ("run 1", 35, 60)]
    assert times_us(camera, 1) == [("past its deadline", 58, 60)]
    assert [name for name, *_ in times_us(trace.track("streams", "assistant"))] == ["prefill 0", "decode 1", "decode 2"]


def test_modules_nest_by_their_path(trace: Structure) -> None:
    camera = trace.track("workload structure", "camera")
    assert [(s.name, s.depth) for s in camera.slices] == [
        ("backbone", 0), ("stem", 1), ("conv", 2), ("classifier", 0),
        ("backbone", 0), ("stem", 1), ("conv", 2), ("classifier", 0),
    ]  # fmt: skip


def test_layers_of_one_list_share_it_and_tasks_of_one_layer_share_that(tmp_path: Path) -> None:
    labels = ["model.layers.0.attn.q", "model.layers.0.attn.k", "model.layers.1.mlp"]
    graph = make_graph(*(make_task(f"t{i}", label=label) for i, label in enumerate(labels)))
    rows = SpanRows()
    for number in range(3):
        rows.add(0, number, number * 10 * US, (number * 10 + 8) * US)
    trace = structure_of(make_run(rows, [instance("s", 0, 0, 28 * US)], [graph]), tmp_path)
    modules = trace.track("workload structure", "s")
    assert [(s.name, s.depth, s.begin_ns, s.end_ns) for s in modules.slices] == [
        ("model", 0, 0, 28_000),
        ("layers", 1, 0, 28_000),
        ("layers.0", 2, 0, 18_000),
        ("attn", 3, 0, 18_000),
        ("q", 4, 0, 8_000),
        ("k", 4, 10_000, 18_000),
        ("layers.1", 2, 20_000, 28_000),
        ("mlp", 3, 20_000, 28_000),
    ]


def test_a_repeated_module_does_not_run_on_into_the_next_instance(tmp_path: Path) -> None:
    rows = SpanRows()
    rows.add(0, 0, 0, 10 * US)
    rows.add(1, 0, 30 * US, 40 * US)
    frames = [instance("s", 0, 0, 10 * US), instance("s", 0, 30 * US, 40 * US, 1)]
    trace = structure_of(make_run(rows, frames, [make_graph(make_task("a"))]), tmp_path)
    assert times_us(trace.track("workload structure", "s")) == [("a", 0, 10), ("a", 30, 40)]


def test_instances_that_overlap_get_tracks_of_their_own(tmp_path: Path) -> None:
    rows = SpanRows()
    rows.add(0, 0, 0, 10 * US)
    rows.add(1, 0, 10 * US, 20 * US, ready_ps=5 * US, gate=0, gate_kind=int(Gate.UNIT))
    frames = [instance("s", 0, 0, 10 * US), instance("s", 0, 5 * US, 20 * US, 1)]
    trace = structure_of(make_run(rows, frames, [make_graph(make_task("a"))]), tmp_path)
    assert times_us(trace.track("streams", "s (2)")) == [("run 1", 5, 20)]
    assert times_us(trace.track("workload structure", "s (2)")) == [("a", 10, 20)]


def test_lanes_that_overlap_by_mistake_still_nest(tmp_path: Path) -> None:
    rows = SpanRows()
    rows.add(0, 0, 0, 10 * US)
    rows.add(0, 1, 5 * US, 20 * US)
    graph = make_graph(make_task("a"), make_task("b"))
    trace = structure_of(make_run(rows, [instance("s", 0, 0, 20 * US)], [graph]), tmp_path)
    assert trace.names("units")[:2] == ["gpu", "gpu (2)"]


def test_times_below_a_nanosecond_never_run_backwards(tmp_path: Path) -> None:
    # Bodies of 700 ps with fill and drain of 200 ps: many events fall on the same nanosecond.
    rows = SpanRows()
    graph = make_graph(*(make_task(f"t{number}") for number in range(50)))
    for number in range(50):
        begin = number * 1100
        rows.add(0, number, begin + 200, begin + 900, ready_ps=begin, fill_ps=200, done_ps=begin + 1100)
    trace = structure_of(make_run(rows, [instance("s", 0, 0, 55_000)], [graph]), tmp_path)
    assert len([s for s in trace.track("units", "gpu").slices if s.depth == 0]) == 50


def test_counters_carry_units_and_values(trace: Structure) -> None:
    dram = trace.track("memory", "dram")
    assert dram.unit == "GB/s"
    assert dram.samples[:3] == [(0, 0.0), (1000, 60.0), (10_000, 14.0)]
    assert trace.track("memory", "slc").unit == "B"
    busy = trace.track("units", "gpu busy")
    assert busy.unit == "fraction"
    average = sum(value for _, value in busy.samples[:-1]) / (len(busy.samples) - 1)
    assert average == pytest.approx(48.5 / 60, rel=1e-3)


def test_the_critical_path_shows_its_causes_without_gap(trace: Structure) -> None:
    pieces = trace.track("critical path", "bound by").slices
    assert pieces[0].begin_ns == 0
    assert pieces[-1].end_ns == 60_000
    assert all(left.end_ns == right.begin_ns for left, right in pairwise(pieces))
    assert {piece.name for piece in pieces} >= {"compute", "memory", "contention", "queue", "handover", "latency"}


def test_two_samples_on_one_nanosecond_leave_the_last(tmp_path: Path) -> None:
    rows = SpanRows()
    rows.add(0, 0, 0, 5000)
    counter = Counter("noc", "B/s", "link")
    for instant, value in ((0, 1e9), (1200, 2e9), (1700, 3e9), (4000, 0.0)):
        counter.sample(instant, value)
    run = make_run(rows, [instance("s", 0, 0, 5000)], [make_graph(make_task("a"))], series=[counter])
    track = structure_of(run, tmp_path).track("fabric", "noc")
    assert track.samples == [(0, 1.0), (1, 3.0), (4, 0.0)]


def test_a_run_without_tasks_is_a_valid_trace(tmp_path: Path) -> None:
    trace = structure_of(make_run(SpanRows(), [], []), tmp_path)
    assert trace.tracks == []


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_trace(camera_and_assistant().record, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_module_path_names_numbers_after_their_list() -> None:
    assert module_path("model.layers.12.self_attn") == ("model", "layers", "layers.12", "self_attn")
    assert module_path("0.weight") == ("0", "weight")
    assert module_path("") == ("(none)",)
