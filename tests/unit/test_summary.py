"""The figures of a run: the promised keys, and their values on runs made by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from socsim.result import LinkTotals, RunResult
from tests.synthetic_run import US, SpanRows, camera_and_assistant, instance, make_graph, make_run, make_task

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "summary.schema.json").read_text())
"""The published schema of the summary, version 1."""

DOCUMENTED_KEYS = {
    "schema_version", "socsim_version", "hardware", "workload", "seed", "latency_s", "energy_j", "average_power_w",
    "peak_power_w", "tasks", "flop", "matmul_flop", "dram_read_bytes", "dram_write_bytes", "achieved_flop_per_s",
    "dram_average_bytes_per_s", "dram_peak_fraction", "bound_by", "units", "links", "caches", "streams", "generation",
}  # fmt: skip


@pytest.fixture(scope="module")
def summary() -> dict[str, Any]:
    return camera_and_assistant().summary


def generation(*steps: tuple[str, int, int, int], request: int = 0, batch: int = 1) -> RunResult:
    """A run of one stream: (phase, arrival, done, tokens) per instance, one task each."""
    rows = SpanRows()
    records = []
    for number, (phase, arrival, done, tokens) in enumerate(steps):
        rows.add(number, 0, arrival, done)
        records.append(
            instance("chat", 0, arrival, done, number, phase=phase, tokens=tokens, request=request, batch=batch)
        )
    return make_run(rows, records, [make_graph(make_task("a"))])


def test_summary_has_exactly_the_documented_keys_and_satisfies_the_schema(summary: dict[str, Any]) -> None:
    assert set(summary) == DOCUMENTED_KEYS
    Draft202012Validator(SCHEMA).validate(summary)


@pytest.mark.parametrize(
    "run",
    [
        make_run(SpanRows(), [], []),
        make_run(SpanRows(), [instance("s", 0, 0, -1)], [make_graph(make_task("a"))]),
        generation(("prefill", 0, 10, 4)),
        generation(("decode", 0, 10, 1)),
    ],
    ids=["nothing ran", "nothing completed", "prefill alone", "one decode step"],
)
def test_summary_satisfies_the_schema_at_the_edges(run: RunResult) -> None:
    Draft202012Validator(SCHEMA).validate(run.summary)


def test_summary_survives_strict_json_without_change(summary: dict[str, Any]) -> None:
    text = json.dumps(summary, allow_nan=False)
    assert json.loads(text) == summary


def test_totals_of_two_streams(summary: dict[str, Any]) -> None:
    assert summary["workload"] == ["camera_net", "chat"]
    assert summary["latency_s"] == pytest.approx(60e-6)
    assert summary["tasks"] == 9
    assert summary["flop"] == 2 * 24_000_000 + 90_001_000 + 2 * 2_000_000
    assert summary["matmul_flop"] == 2 * 22_000_000 + 88_000_000 + 2 * 1_900_000
    assert summary["achieved_flop_per_s"] == pytest.approx(summary["flop"] / 60e-6)
    assert summary["energy_j"] is None


def test_dram_figures_come_from_the_link_so_that_write_backs_count(summary: dict[str, Any]) -> None:
    assert (summary["dram_read_bytes"], summary["dram_write_bytes"]) == (3_800_000, 8_000)
    assert summary["dram_average_bytes_per_s"] == pytest.approx(3_808_000 / 60e-6)
    assert summary["dram_peak_fraction"] == pytest.approx(3_808_000 / 60e-6 / 100e9)


def test_busy_fraction_counts_fill_and_body_per_slot(summary: dict[str, Any]) -> None:
    units = summary["units"]
    assert units["gpu"]["busy_fraction"] == pytest.approx((9.5 + 20 + 4 + 4 + 11) / 60)
    assert units["cpu"]["busy_fraction"] == pytest.approx((2 * 2 + 1 * 1) / (4 * 60))
    assert units["npu"] == {"busy_fraction": pytest.approx(12 / 60), "tasks": 2, "flop": 8_000_000, "energy_j": None}


def test_a_unit_without_tasks_is_listed_as_idle() -> None:
    run = generation(("prefill", 0, 10, 4))
    assert run.summary["units"]["npu"] == {"busy_fraction": 0.0, "tasks": 0, "flop": 0, "energy_j": None}


def test_a_duplex_link_is_as_busy_as_its_busier_direction() -> None:
    rows = SpanRows()
    rows.add(0, 0, 0, 10 * US)
    links = [LinkTotals("both", 1e9, 6_000, 4_000), LinkTotals("each", 1e9, 6_000, 4_000, duplex=True)]
    links.append(LinkTotals("ring", 1e9, 6_000, 4_000, duplex=True, busiest_bytes=9_000))
    run = make_run(rows, [instance("s", 0, 0, 10 * US)], [make_graph(make_task("a"))], links=links)
    figures = run.summary["links"]
    assert figures["both"] == {"average_bytes_per_s": pytest.approx(1e9), "peak_fraction": pytest.approx(1.0)}
    assert figures["each"] == {"average_bytes_per_s": pytest.approx(1e9), "peak_fraction": pytest.approx(0.6)}
    assert figures["ring"] == {"average_bytes_per_s": pytest.approx(1e9), "peak_fraction": pytest.approx(0.9)}


def test_warm_up_frames_count_in_no_figure_of_their_stream(summary: dict[str, Any]) -> None:
    camera = summary["streams"]["camera"]
    assert camera["completed"] == 1
    assert camera["latency_s"]["max"] == pytest.approx(25e-6)


def test_a_frame_done_after_its_deadline_is_missed(summary: dict[str, Any]) -> None:
    assert summary["streams"]["camera"]["deadline_misses"] == 1
    assert summary["streams"]["assistant"]["deadline_misses"] == 0


def test_a_frame_never_done_is_missed_once_its_deadline_passed() -> None:
    rows = SpanRows()
    rows.add(0, 0, 0, 100)
    frames = [
        instance("s", 0, 0, 100),
        instance("s", 0, 10, -1, 1, deadline_ps=90),
        instance("s", 0, 10, -1, 2, deadline_ps=110),
    ]
    stream = make_run(rows, frames, [make_graph(make_task("a"))]).summary["streams"]["s"]
    assert (stream["completed"], stream["deadline_misses"]) == (1, 1)


def test_percentiles_interpolate_between_instances() -> None:
    rows = SpanRows()
    frames = []
    for number in range(101):
        rows.add(number, 0, number * 1000, number * 1000 + number)
        frames.append(instance("s", 0, number * 1000, number * 1000 + number, number))
    stream = make_run(rows, frames, [make_graph(make_task("a"))]).summary["streams"]["s"]
    latency = {name: round(value * 1e12, 6) for name, value in stream["latency_s"].items()}
    assert latency == {"mean": 50, "p50": 50, "p95": 95, "p99": 99, "max": 100}
    assert stream["throughput_per_s"] == pytest.approx(101 / 100_100e-12)


def test_a_stream_that_only_warmed_up_has_no_latency() -> None:
    rows = SpanRows()
    rows.add(0, 0, 0, 10)
    run = make_run(rows, [instance("s", 0, 0, 10, warm_up=True)], [make_graph(make_task("a"))])
    assert run.summary["streams"]["s"] == {
        "completed": 0, "latency_s": None, "jitter_s": None, "throughput_per_s": 0.0, "deadline_misses": 0,
        "generation": None,
    }  # fmt: skip


def test_generation_counts_requests_and_times_tokens() -> None:
    # |prefill of 8 tokens 0-40|decode 40-50|decode 50-62|
    run = generation(("prefill", 0, 40, 8), ("decode", 40, 50, 1), ("decode", 50, 62, 1))
    figures = run.summary["generation"]
    assert figures["time_to_first_token_s"] == pytest.approx(40e-12)
    assert figures["time_per_output_token_s"] == pytest.approx(11e-12)
    assert figures["prompt_tokens_per_s"] == pytest.approx(8 / 40e-12)
    assert figures["output_tokens_per_s"] == pytest.approx(2 / 22e-12)
    stream = run.summary["streams"]["chat"]
    assert stream["completed"] == 1
    assert stream["latency_s"]["max"] == pytest.approx(62e-12)
    assert stream["generation"] == figures


def test_a_step_of_a_program_that_is_called_decode_generates_nothing() -> None:
    assert generation(("encode", 0, 40, 0), ("decode", 40, 50, 0)).summary["generation"] is None


def test_a_batch_raises_tokens_per_second_but_not_the_time_per_token() -> None:
    run = generation(("prefill", 0, 40, 32), ("decode", 40, 50, 4), ("decode", 50, 60, 4), batch=4)
    figures = run.summary["generation"]
    assert figures["time_per_output_token_s"] == pytest.approx(10e-12)
    assert figures["output_tokens_per_s"] == pytest.approx(8 / 20e-12)


def test_a_prefill_in_chunks_is_one_prefill() -> None:
    run = generation(("prefill", 0, 40, 8), ("prefill", 40, 60, 4), ("decode", 60, 70, 1))
    figures = run.summary["generation"]
    assert figures["time_to_first_token_s"] == pytest.approx(60e-12)
    assert figures["prompt_tokens_per_s"] == pytest.approx(12 / 60e-12)
    assert figures["time_per_output_token_s"] == pytest.approx(10e-12)


def test_a_prefill_alone_has_no_time_per_output_token() -> None:
    assert set(generation(("prefill", 0, 40, 8)).summary["generation"]) == {
        "time_to_first_token_s", "prompt_tokens_per_s", "requests",
    }  # fmt: skip


def test_decode_alone_counts_from_its_arrival() -> None:
    figures = generation(("decode", 0, 50, 1)).summary["generation"]
    assert figures["time_per_output_token_s"] == pytest.approx(50e-12)
    assert figures["output_tokens_per_s"] == pytest.approx(1 / 50e-12)
    assert "time_to_first_token_s" not in figures


def test_two_streams_that_generate_have_no_common_generation() -> None:
    rows = SpanRows()
    records = []
    for number, stream in enumerate(("one", "two")):
        rows.add(number, 0, 0, 10)
        records.append(instance(stream, 0, 0, 10, phase="prefill", tokens=4))
    summary = make_run(rows, records, [make_graph(make_task("a"))]).summary
    assert summary["generation"] is None
    assert summary["streams"]["one"]["generation"] is not None


def test_no_figure_is_nan_or_infinite_in_a_run_of_no_length() -> None:
    rows = SpanRows()
    rows.add(0, 0, 5, 5)
    summary = make_run(rows, [instance("s", 0, 5, 5)], [make_graph(make_task("a"))]).summary
    flat = json.dumps(summary, allow_nan=False)
    assert summary["achieved_flop_per_s"] == 0.0
    assert not any(math.isnan(value) for value in summary["bound_by"].values())
    assert "NaN" not in flat


def test_a_batch_takes_as_long_per_token_of_one_sequence_and_brings_forth_more() -> None:
    import socsim

    soc = socsim.load_soc("apple/m1_max")
    figures = {}
    for batch in (1, 4):
        options = socsim.RunOptions(prompt=16, tokens=4, batch=batch)
        figures[batch] = socsim.simulate(socsim.load_workload("gpt2"), soc, options).summary["generation"]
    rate = {
        batch: figures[batch]["output_tokens_per_s"] * figures[batch]["time_per_output_token_s"] for batch in (1, 4)
    }
    assert rate == {1: pytest.approx(1), 4: pytest.approx(4)}


def test_gaps_between_tokens_are_those_of_each_request_alone() -> None:
    figures = generation(("prefill", 0, 40, 8), ("decode", 40, 50, 1), ("decode", 50, 90, 1)).summary["generation"]
    assert figures["inter_token_gap_s"]["max"] == pytest.approx(40e-12)
    assert figures["inter_token_gap_s"]["mean"] == pytest.approx(25e-12)
    assert figures["requests"] == [
        {
            "request": 0, "time_to_first_token_s": pytest.approx(40e-12), "time_per_output_token_s":
            pytest.approx(25e-12), "largest_gap_s": pytest.approx(40e-12), "prompt_tokens": 8, "output_tokens": 3,
        }
    ]  # fmt: skip
