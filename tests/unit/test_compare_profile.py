"""Is a profile read whatever its form, matched with the right tasks, and refused clearly where it is damaged?"""

from __future__ import annotations

import copy
import gzip
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from socsim.cli.app import app
from socsim.errors import InputError
from socsim.report import write_outputs
from socsim.result import RunResult
from socsim.study.compare.profile import ProfileComparison, compare_profile, read_profile
from socsim.study.compare.profile.align import align
from socsim.study.compare.profile.operators import canonical, matmul_flop
from socsim.study.compare.profile.tracks import write_tracks
from socsim.study.compare.profile.views import print_profile, profile_data
from tests.synthetic_run import SpanRows, instance, make_graph, make_run, make_task
from tests.trace_structure import read_trace

US = 10**6


def small_run() -> RunResult:
    """Two blocks of a linear layer with an activation fused into it, then a folded normalization and a head."""
    tasks = []
    for block in range(2):
        path = f"blocks.{block}"
        tasks.append(
            make_task(
                f"{path}.fc/linear", label=f"{path}.fc", operations=(f"{path}.fc/linear", f"{path}.act/relu"),
                matmul_flop=2 * 4 * 8 * 16,
            )
        )  # fmt: skip
        tasks.append(make_task(f"{path}.norm/rms_norm", label=f"{path}.norm", operations=(f"{path}.norm/rms_norm",)))
    tasks.append(make_task("head/linear", label="head", operations=("head/linear",), matmul_flop=2 * 4 * 16 * 10))
    rows = SpanRows()
    for number in range(len(tasks)):
        rows.add(0, number, number * 10 * US, (number + 1) * 10 * US)
    return make_run(rows, [instance("net", 0, 0, 50 * US)], [make_graph(*tasks)])


def kineto(calls: int = 2, begin_us: float = 4464956046966.689) -> dict[str, Any]:
    """What torch.profiler writes of that network: module calls by class and number, operators inside operators."""
    events: list[dict[str, Any]] = [{"ph": "M", "name": "process_name", "pid": 1, "args": {"name": "python"}}]

    def add(category: str, name: str, start: float, duration: float, **arguments: Any) -> None:
        events.append({"ph": "X", "cat": category, "name": name, "pid": 1, "tid": 1, "ts": begin_us + start,
                       "dur": duration, "args": arguments})  # fmt: skip

    def module(name: str, start: float, duration: float) -> None:
        add("python_function", f"nn.Module: {name}", start, duration)

    for call in range(calls):
        at = call * 1000
        module("Net_0", at, 500)
        for block in range(2):
            start = at + 100 * block
            module(f"Block_{block}", start, 99)
            module(f"Linear_{block}", start + 1, 30)
            add("cpu_op", "aten::linear", start + 2, 20 + call, **{"Input Dims": [[4, 8], [16, 8], [16]]})
            add("cpu_op", "aten::addmm", start + 3, 10, **{"Input Dims": [[16], [4, 8], [8, 16]]})
            module(f"ReLU_{block}", start + 40, 10)
            add("cpu_op", "aten::relu_", start + 41, 4)
            module(f"RMSNorm_{block}", start + 60, 30)
            for place, name in enumerate(("pow", "mean", "rsqrt", "mul")):
                add("cpu_op", f"aten::{name}", start + 61 + 5 * place, 3)
        add("cpu_op", "aten::flatten", at + 210, 1)
        module("Linear_2", at + 220, 40)
        add("cpu_op", "aten::linear", at + 225, 30, **{"Input Dims": [[4, 16], [10, 16], [10]]})
    add("cpu_op", "aten::randn", -50, 20)
    return {"schemaVersion": 1, "traceEvents": events}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(kineto()))
    return path


@pytest.fixture
def found(file: Path) -> ProfileComparison:
    return compare_profile(small_run(), read_profile(file))


def test_operators_are_matched_by_the_path_of_their_module(found: ProfileComparison) -> None:
    measured = {row.name: (row.simulated_ps, row.measured_ps, row.operators) for row in found.rows}
    assert measured == {
        "blocks.0.fc/linear": (10 * US, 24.5 * US, ("aten::linear", "aten::relu_")),
        "blocks.0.norm/rms_norm": (10 * US, 12 * US, ("aten::pow", "aten::mean", "aten::rsqrt", "aten::mul")),
        "blocks.1.fc/linear": (10 * US, 24.5 * US, ("aten::linear", "aten::relu_")),
        "blocks.1.norm/rms_norm": (10 * US, 12 * US, ("aten::pow", "aten::mean", "aten::rsqrt", "aten::mul")),
        "head/linear": (10 * US, 30 * US, ("aten::linear",)),
    }
    assert [row.calls for row in found.rows] == [2] * 5
    assert [(item.name, item.count, item.measured_ps) for item in found.unmatched] == [("aten::flatten", 1, US)]
    assert found.missing == ()


def test_errors_are_simulated_over_measured(found: ProfileComparison) -> None:
    assert found.rows[-1].error_fraction == pytest.approx(10 / 30 - 1)
    assert found.simulated_ps == 50 * US
    assert found.measured_ps == 103 * US
    assert found.error_fraction == pytest.approx(50 / 103 - 1)
    assert found.weighted_error_fraction == pytest.approx((2 * 14.5 + 2 * 2 + 20) / 103)
    data = json.loads(json.dumps(profile_data(found)))
    assert data["latency_s"] == {"simulated": 50e-6, "measured_call": 500e-6}


def test_kernels_of_a_gpu_count_instead_of_their_launch(tmp_path: Path) -> None:
    data = kineto(calls=1)
    for number, event in enumerate(item for item in data["traceEvents"] if item.get("cat") == "cpu_op"):
        event["args"]["External id"] = number
    addmm = next(item for item in data["traceEvents"] if item["name"] == "aten::addmm")
    kernel = {"ph": "X", "cat": "kernel", "name": "gemm", "pid": 0, "tid": 7, "ts": addmm["ts"] + 100, "dur": 7.5,
              "args": {"External id": addmm["args"]["External id"]}}  # fmt: skip
    data["traceEvents"].append(kernel)
    (tmp_path / "gpu.json").write_text(json.dumps(data))
    found = compare_profile(small_run(), read_profile(tmp_path / "gpu.json"))
    assert next(row for row in found.rows if row.name == "blocks.0.fc/linear").measured_ps == 7.5 * US
    assert any("kernels" in note for note in found.notes)


def test_scopes_named_after_modules_are_taken_at_their_word(tmp_path: Path) -> None:
    events = []
    for path, start in (("head", 0.0), ("blocks.1", 100.0)):
        events.append({"ph": "X", "cat": "user_annotation", "name": path, "pid": 1, "tid": 1, "ts": start, "dur": 50})
        events.append({"ph": "X", "cat": "cpu_op", "name": "my::op", "pid": 1, "tid": 1, "ts": start + 1, "dur": 40})
    (tmp_path / "scopes.json.gz").write_bytes(gzip.compress(json.dumps(events).encode()))
    found = compare_profile(small_run(), read_profile(tmp_path / "scopes.json.gz"))
    rows = {row.name: (len(row.tasks), row.simulated_ps, row.measured_ps) for row in found.rows}
    assert rows == {"head/linear": (1, 10 * US, 40 * US), "blocks.1": (2, 20 * US, 40 * US)}


def test_a_chrome_trace_and_a_csv_are_matched_by_their_names(tmp_path: Path) -> None:
    events = [
        {"ph": "B", "name": "blocks.0.fc/linear", "pid": 1, "tid": 1, "ts": 0},
        {"ph": "E", "pid": 1, "tid": 1, "ts": 8},
        {"ph": "X", "name": "blocks.0.fc/linear", "pid": 1, "tid": 1, "ts": 20, "dur": 12},
        {"ph": "X", "name": "elsewhere", "pid": 1, "tid": 1, "ts": 40, "dur": 5},
    ]
    (tmp_path / "chrome.json").write_text(json.dumps({"traceEvents": events}))
    found = compare_profile(small_run(), read_profile(tmp_path / "chrome.json"))
    assert [(row.name, row.measured_ps, row.calls) for row in found.rows] == [("blocks.0.fc/linear", 10 * US, 2)]
    assert [item.name for item in found.unmatched] == ["elsewhere"]
    (tmp_path / "times.csv").write_text("module,time_us\nblocks.0,30\nblocks.0.norm,10\n1.fc,25\n\nhead,40\n")
    found = compare_profile(small_run(), read_profile(tmp_path / "times.csv"))
    rows = {row.name: (row.simulated_ps // US, (row.measured_ps or 0) // US) for row in found.rows}
    assert rows == {"blocks.0": (20, 30), "blocks.0.norm/rms_norm": (10, 10), "blocks.1.fc/linear": (10, 25),
                    "head/linear": (10, 40)}  # fmt: skip
    assert (found.simulated_ps, found.measured_ps) == (40 * US, 95 * US), "what lies inside another counts once"


def test_an_execution_trace_has_shapes_and_takes_its_times_from_the_trace_beside_it(tmp_path: Path) -> None:
    data = kineto(calls=1)
    nodes: list[dict[str, Any]] = [{"id": 1, "name": "[pytorch|profiler|execution_trace|process]", "ctrl_deps": 1}]
    outer = None
    for number, event in enumerate(item for item in data["traceEvents"] if item.get("cat") == "cpu_op"):
        inner = event["name"] == "aten::addmm"
        nodes.append(
            {"id": 10 + number, "name": event["name"], "ctrl_deps": outer if inner else 1,
             "inputs": {"values": [], "shapes": event["args"].get("Input Dims", []), "types": []},
             "attrs": [{"name": "rf_id", "type": "uint64", "value": number + 1}]}
        )  # fmt: skip
        outer = 10 + number
        event["args"]["Record function id"] = number + 1
    (tmp_path / "et.json").write_text(json.dumps({"schema": "1.1.1-chakra.0.0.4", "nodes": nodes}))
    (tmp_path / "kineto.json").write_text(json.dumps(data))
    alone = compare_profile(small_run(), read_profile(tmp_path / "et.json"))
    assert {row.name for row in alone.rows} >= {"blocks.0.fc/linear", "blocks.1.fc/linear", "head/linear"}
    assert alone.error_fraction is None
    assert any("holds no times" in note for note in alone.notes)
    timed = compare_profile(small_run(), read_profile(tmp_path / "et.json", tmp_path / "kineto.json"))
    assert {row.name: row.measured_ps for row in timed.rows} == {
        "blocks.0.fc/linear": 24 * US, "blocks.0.norm/rms_norm": 12 * US, "blocks.1.fc/linear": 24 * US,
        "blocks.1.norm/rms_norm": 12 * US, "head/linear": 30 * US,
    }  # fmt: skip


def test_calls_of_a_run_with_phases_are_matched_in_their_order(file: Path) -> None:
    task = make_task("head/linear", label="head", operations=("head/linear",))
    rows = SpanRows()
    for number in range(2):
        rows.add(number, 0, number * 10 * US, (number + 1) * 10 * US)
    instances = [
        instance("net", 0, 0, 10 * US, 0, phase="prefill"),
        instance("net", 0, 10 * US, 20 * US, 1, phase="decode"),
    ]
    found = compare_profile(make_run(rows, instances, [make_graph(task)]), read_profile(file))
    assert [(row.phase, row.calls) for row in found.rows] == [("prefill", 1), ("decode", 1)]


def test_the_trace_shows_both_as_parallel_tracks(found: ProfileComparison, tmp_path: Path) -> None:
    write_tracks(found, tmp_path / "both.pftrace")
    trace = read_trace(tmp_path / "both.pftrace")
    assert trace.names("simulated") == ["gpu"]
    assert trace.names("measured") == ["as simulated tasks", "operators", "calls of the model"]
    simulated, measured = trace.track("simulated", "gpu"), trace.track("measured", "as simulated tasks")
    assert [item.name for item in simulated.slices] == [item.name for item in measured.slices]
    head = measured.slices[-1]
    assert (head.name, head.begin_ns // 1000, head.end_ns // 1000) == ("head/linear", 275, 305)


def test_the_console_names_the_errors(found: ProfileComparison) -> None:
    out = io.StringIO()
    print_profile(found, Console(file=out, width=100))
    assert "-66.7%" in out.getvalue()
    assert "5 operations matched" in out.getvalue()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("{", "not JSON"),
        ("[1, 2]", "no list of events"),
        ('{"other": 1}', "no list of events"),
        ('{"traceEvents": []}', "holds no slices"),
        ('{"traceEvents": [{"ph": "X", "name": "a", "ts": "soon"}]}', "event 0: 'ts' is not a number but 'soon'"),
        ('{"traceEvents": [{"ph": "X", "name": "a", "ts": 1, "dur": -5}]}', "duration is negative"),
        ('{"traceEvents": [{"ph": "E", "ts": 1}]}', "event 0: ends a slice that nothing began"),
        ('{"nodes": [{"name": "x"}]}', "node 0: expected an 'id'"),
        ('{"nodes": [{"id": 1, "name": "x"}]}', "holds no operators"),
        ("operator,seconds\na,1\n", ":1: no column naming the operator"),
        ("module,seconds\na,1\n", ":1: no column with its time"),
        ("module,time_us\na,fast\n", ":2: column 'time_us': expected a number, got 'fast'"),
        ("module,time_us\na,1,2\n", ":2: 3 cells, the heading has 2"),
        ("module,time_us\na,-1\n", ":2: column 'time_us': expected a time that is not negative"),
        ("module,time_us\n", "no rows"),
        ("module,time_us\nnowhere,1\n", "none of its 1 operators is in stream 'net'"),
        ("module,time\na,5 parsecs\n", ":2: unit 'parsecs'"),
    ],
)
def test_a_damaged_profile_is_one_clear_message(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "damaged"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        compare_profile(small_run(), read_profile(path))
    assert message in str(error.value)
    assert "damaged" in str(error.value)
    assert error.value.exit_status == 2


def test_values_of_a_wrong_kind_anywhere_never_end_in_a_traceback(tmp_path: Path) -> None:
    generator = random.Random(7)
    strange = (None, -1, 1e308, "x", [], {}, [[1]], True, float("nan"), 10**30)
    node = {"id": 2, "name": "aten::linear", "ctrl_deps": 1, "inputs": {"shapes": [[4, 8], [16, 8]], "values": []},
            "attrs": [{"name": "rf_id", "value": 3}], "ts": 1, "dur": 5}  # fmt: skip
    trace = {"schema": "1.1.1", "nodes": [{"id": 1, "name": "[root]", "ctrl_deps": 1}, node]}
    path, refused = tmp_path / "strange.json", 0
    for number in range(150):
        data = copy.deepcopy(trace if number % 3 == 0 else kineto(calls=1))
        places = list(places_of(data))
        for _ in range(2):
            holder, key = generator.choice(places)
            holder[key] = generator.choice(strange)
        path.write_text(json.dumps(data))
        try:
            found = compare_profile(small_run(), read_profile(path))
            json.dumps(profile_data(found), allow_nan=False)
            write_tracks(found, tmp_path / "strange.pftrace")
        except InputError:
            refused += 1
    assert 0 < refused < 150


def places_of(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a value: its container and its key."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield data, key
        if isinstance(value, dict | list):
            yield from places_of(value)


def test_the_command_compares_in_either_order_and_refuses_options_that_do_not_go(file: Path, tmp_path: Path) -> None:
    write_outputs(small_run(), tmp_path / "run")
    run, profile, trace = str(tmp_path / "run"), str(file), tmp_path / "new" / "both.pftrace"
    answers = [
        json.loads(CliRunner().invoke(app, ["compare", *pair, "--json", "--perfetto", str(trace)]).stdout)
        for pair in ((run, profile), (profile, run))
    ]
    assert answers[0] == answers[1]
    assert [path.name for path in trace.parent.iterdir()] == ["both.pftrace"]
    answer = CliRunner().invoke(app, ["compare", run, run, "--stream", "net"])
    assert isinstance(answer.exception, InputError)
    answer = CliRunner().invoke(app, ["compare", run, profile, "--stream", "nett"])
    assert "no stream 'nett'" in str(answer.exception)


def test_alignment_takes_the_pairs_worth_most_without_crossings() -> None:
    scores = np.array([[0, 2, 3], [2, 0, 0], [0, 2, 0]], dtype=np.int32)
    assert align(scores) == [(1, 0), (2, 1)]
    assert align(np.zeros((2, 3), dtype=np.int32)) == []


@pytest.mark.parametrize(
    ("name", "shapes", "values", "flop"),
    [
        ("aten::linear", [[2, 5, 8], [16, 8], [16]], [], 2 * 2 * 5 * 8 * 16),
        ("aten::addmm", [[16], [4, 8], [8, 16], [], []], [], 2 * 4 * 8 * 16),
        ("aten::bmm", [[3, 4, 8], [3, 8, 5]], [], 2 * 3 * 4 * 8 * 5),
        ("aten::conv2d", [[1, 3, 8, 8], [6, 3, 3, 3], [6], [], [], [], []],
         ["", "", "", "[2, 2]", "[1, 1]", "[1, 1]", "1"], 2 * 4 * 4 * 6 * 27),
        ("aten::conv2d", [[1, 3, 8, 8], [6, 3, 3, 3]], [], None),
        ("aten::relu", [[4, 4]], [], None),
    ],
)  # fmt: skip
def test_the_work_of_a_product_follows_from_its_shapes(name: str, shapes: Any, values: Any, flop: int | None) -> None:
    assert matmul_flop(name, shapes, values) == flop


def test_operators_have_one_name() -> None:
    assert [canonical(name) for name in ("aten::add_", "add_1", "aten::convolution", "aten::native_layer_norm")] == [
        "add", "add", "conv2d", "layer_norm",
    ]  # fmt: skip
