"""Does a comparison say what changed, all of it and nothing else, and do its parts add up to the picosecond?"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

import socsim
from socsim.cli.app import app
from socsim.errors import InputError
from socsim.result import RunResult
from socsim.study.compare import RunComparison, compare_runs
from socsim.study.compare.as_data import runs_data
from socsim.study.compare.console import print_runs
from socsim.study.compare.operations import merged, pair_streams
from socsim.study.compare.results import FigureChange
from tests.synthetic_run import SpanRows, camera_and_assistant, instance, make_graph, make_run, make_task


def run(*changes: str, workload: str = "resnet-18", **options: object) -> RunResult:
    soc = socsim.load_soc("apple/m1", list(changes))
    return socsim.simulate(socsim.load_workload(workload), soc, socsim.RunOptions(**options))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def base() -> RunResult:
    return run()


@pytest.fixture(scope="module")
def moved(base: RunResult) -> RunComparison:
    return compare_runs(base, run("units.gpu.cores=6", "dram.latency=80 ns", units=("gpu",)))


def test_a_run_compared_with_itself_has_not_changed(base: RunResult) -> None:
    same = compare_runs(base, run())
    assert same.nothing_changed
    assert not same.inputs
    assert not same.results
    assert same.latency_change_ps == 0
    assert all(step.change_ps == 0 for step in (*same.by_cause, *same.by_module))
    assert all(pair.critical_change_ps == 0 and pair.before == pair.after for pair in same.operations)


def test_inputs_differ_by_path_with_units(moved: RunComparison) -> None:
    assert [(c.path, c.before_text, c.after_text) for c in moved.inputs] == [
        ("units.gpu.cores", "8", "6"),
        ("dram.latency", "70 ns", "80 ns"),
        ("options.units", "–", "gpu"),
    ]


def test_what_a_map_file_says_is_an_input_and_what_the_policy_chose_is_none(base: RunResult) -> None:
    def mapped(unit: str, file: str | None) -> RunResult:
        options = {**base.manifest["options"], "map": file}
        return replace(base, manifest={**base.manifest, "options": options, "mapping": [{"unit": unit}]})

    assert compare_runs(mapped("gpu", None), mapped("npu", None)).inputs == ()
    (change,) = compare_runs(mapped("gpu", "a.yaml"), mapped("npu", "a.yaml")).inputs
    assert (change.path, change.before_text) == ("mapping", "as a.yaml says")


def test_values_that_differ_beyond_the_digits_that_people_read_are_shown_in_full(base: RunResult) -> None:
    change = compare_runs(base, run("units.gpu.clock=1278000001 Hz")).inputs[0]
    assert (change.path, change.before_text, change.after_text) == ("units.gpu.clock", "1278000000", "1278000001")


def test_figures_that_differ_late_keep_their_unit() -> None:
    assert FigureChange("energy_j", 0.011579358847398798, 0.0115815436619).texts == ("11.57936 mJ", "11.58154 mJ")
    assert FigureChange("dram_peak_fraction", 0.5, 0.500001).texts == ("50.00000%", "50.00010%")


def test_a_part_that_only_one_chip_has_is_one_change(base: RunResult) -> None:
    hardware = base.manifest["hardware"]
    smaller = {**hardware, "caches": [cache for cache in hardware["caches"] if cache["name"] != "slc"]}
    other = replace(base, manifest={**base.manifest, "hardware": smaller})
    assert [c.path for c in compare_runs(base, other).inputs] == ["caches.slc"]
    (back,) = compare_runs(other, base).inputs
    assert (back.path, back.before_text) == ("caches.slc", "–")
    assert back.after_text.startswith("present")


def test_where_the_time_went_adds_up_exactly(moved: RunComparison) -> None:
    change = moved.latency_change_ps
    assert change > 0
    assert sum(step.change_ps for step in moved.by_cause) == change
    assert sum(step.change_ps for step in moved.by_module) == change
    assert sum(pair.critical_change_ps for pair in moved.operations) == change
    for steps in (moved.by_cause, moved.by_module):
        assert sum(step.before_ps for step in steps) == moved.before.latency_ps
        assert sum(step.after_ps for step in steps) == moved.after.latency_ps


def test_it_adds_up_for_streams_in_company_too() -> None:
    before = camera_and_assistant()
    last = replace(before.instances[-1], done_ps=-1)
    after = replace(before, instances=(*before.instances[:-1], last))  # ends with the assistant's last token
    found = compare_runs(before, after)
    assert found.latency_change_ps == -18 * 10**6
    assert sum(step.change_ps for step in found.by_cause) == found.latency_change_ps
    assert sum(step.change_ps for step in found.by_module) == found.latency_change_ps
    assert {step.name.split(".")[0] for step in found.by_module} <= {"camera", "assistant", "nothing ran"}


def test_every_operation_is_matched_by_its_name(moved: RunComparison) -> None:
    assert all(pair.before and pair.after for pair in moved.operations)
    conv = next(pair for pair in moved.operations if pair.name == "resnet.embedder.embedder.convolution/conv2d")
    assert (conv.before and conv.before.units, conv.after and conv.after.units) == (("npu",), ("gpu",))


def test_an_operation_that_another_run_fused_is_found_there() -> None:
    def made(*tasks: object) -> RunResult:
        rows = SpanRows()
        for number in range(len(tasks)):
            rows.add(0, number, number * 10, number * 10 + 10)
        return make_run(rows, [instance("net", 0, 0, 10 * len(tasks))], [make_graph(*tasks)])  # type: ignore[arg-type]

    conv, relu = make_task("a/conv", operations=("a/conv",)), make_task("a/relu", operations=("a/relu",))
    fused = make_task("a/conv", operations=("a/conv", "a/relu"))
    found = compare_runs(made(conv, relu), made(fused))
    alone = next(pair for pair in found.operations if pair.name == "a/relu")
    assert alone.after is None
    assert alone.note == "there in a/conv"


def test_a_stream_under_another_name_is_the_same_where_it_is_the_only_one() -> None:
    assert pair_streams(["old", "both"], ["both", "new"]) == {"both": "both", "new": "old"}
    assert pair_streams(["a", "b"], ["c", "d"]) == {"c": "c", "d": "d"}


def test_repeated_layers_are_one_row_without_losing_time(moved: RunComparison) -> None:
    rows = merged(moved.operations)
    assert sum(row.change_ps for row in rows) == moved.latency_change_ps
    assert len(rows) < len(moved.operations)
    assert sum(row.number for row in rows) == len(moved.operations)


def test_the_data_hold_the_whole_comparison(moved: RunComparison) -> None:
    data = json.loads(json.dumps(runs_data(moved)))
    assert sum(step["change_ps"] for step in data["by_cause"]) == data["latency_s"]["change_ps"]
    assert len(data["operations"]) == len(moved.operations)
    assert data["nothing_changed"] is False
    assert not any("simulator" in item["name"] for item in data["results"])


@pytest.mark.parametrize("width", [80, 160])
def test_the_console_shows_every_part_in_its_width(moved: RunComparison, width: int) -> None:
    file = io.StringIO()
    print_runs(moved, Console(file=file, width=width))
    text = file.getvalue()
    assert "units.gpu.cores: 8 → 6" in text
    for title in ("inputs", "results", "by what bounds the run", "by module", "Operations whose part"):
        assert title in text
    assert max(map(len, text.splitlines())) <= width


def test_the_command_says_so_where_nothing_changed(base: RunResult, tmp_path: Path) -> None:
    from socsim.report import write_outputs

    write_outputs(base, tmp_path / "a")
    answer = CliRunner().invoke(app, ["compare", str(tmp_path / "a"), str(tmp_path / "a")])
    assert answer.exit_code == 0
    assert "Nothing changed" in answer.stdout
    answer = CliRunner().invoke(app, ["compare", str(tmp_path / "a"), str(tmp_path / "a"), "--json"])
    assert json.loads(answer.stdout)["nothing_changed"] is True


def test_out_leaves_a_page_and_the_same_data(base: RunResult, tmp_path: Path) -> None:
    from socsim.report import write_outputs

    write_outputs(base, tmp_path / "a")
    paths = [str(tmp_path / name) for name in ("a", "a", "out")]
    answer = CliRunner().invoke(app, ["compare", *paths[:2], "--json", "--out", paths[2]])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["compare.html", "compare.json"]
    assert json.loads((tmp_path / "out" / "compare.json").read_text()) == json.loads(answer.stdout)
    text = (tmp_path / "out" / "compare.html").read_text()
    assert "Nothing changed" in text
    assert "{{" not in text


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in ("nowhere", "empty"):
        answer = CliRunner().invoke(app, ["compare", str(tmp_path / path), str(tmp_path / path)])
        assert isinstance(answer.exception, InputError)
        assert path in str(answer.exception)
