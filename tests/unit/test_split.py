"""Do several units share an operation as they should: half the body each, every byte and FLOP once, joins paid for?"""

from __future__ import annotations

from pathlib import Path

import pytest

from socsim import RunOptions, load_soc, load_workload, simulate
from socsim.errors import InputError
from socsim.hardware import Soc
from socsim.mapping.split import Split, cut, part_size
from socsim.report import map_text
from socsim.result import RunResult
from socsim.workload import Workload
from tests.building import make_soc
from tests.unit.test_placement import products

TWINS = make_soc({"one": {}, "two": {}}, port_gb_per_s=1_000_000, latency="0 ns")
ROWS = Split("rows", (("one", 1), ("two", 1)))
COLUMNS = Split("columns", (("one", 3), ("two", 1)))


def run(workload: Workload, soc: Soc, tmp_path: Path, text: str = "", **options: object) -> RunResult:
    path = tmp_path / "map.yaml"
    path.write_text(text or "mappings: []", encoding="utf-8")
    return simulate(workload, soc, RunOptions(map=str(path), **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["rows", "columns"])
def test_two_equal_units_halve_the_body(tmp_path: Path, by: str) -> None:
    workload = products([("a", (), 512)], rows=512)
    whole = run(workload, TWINS, tmp_path)
    text = f"mappings: [{{splits: [{{operations: [a], by: {by}, over: {{one: 1, two: 1}}}}]}}]"
    shared = run(workload, TWINS, tmp_path, text)
    compute = whole.spans.column("compute_ps").tolist()
    parts = dict(zip([t.name for t in shared.graphs[0].tasks], shared.spans.column("compute_ps").tolist(), strict=True))
    assert parts["a#one"] == parts["a#two"] == compute[0] // 2
    starts = shared.spans.column("start_ps")[:2].tolist()
    assert starts[0] == pytest.approx(starts[1], abs=2_000_000)
    assert shared.summary["flop"] == whole.summary["flop"]


def test_a_part_has_its_share_of_rows_or_columns_and_the_copy_costs_every_byte_twice() -> None:
    workload = products([("a", (), 256)], rows=64)
    made = cut(workload, {0: COLUMNS}).workload
    shapes = {name: tensor.shape for name, tensor in made.tensors.items()}
    assert (shapes["y_a#one"], shapes["y_a#two"]) == ((64, 192), (64, 64))
    assert [operation.id for operation in made.operations] == ["a#one", "a#two"]  # nobody needs the whole
    chained = cut(products([("a", (), 64), ("b", ("a",), 64)]), {0: COLUMNS}).workload
    join = next(operation for operation in chained.operations if operation.id == "a#join")
    bound = chained.bind(join, {})
    assert sum(item.size_bytes for item in bound.inputs) == bound.outputs[0].size_bytes == 64 * 64 * 4


def test_operations_cut_alike_go_on_without_meeting_and_others_get_the_whole() -> None:
    workload = products([("a", (), 64), ("b", ("a",), 64), ("c", ("b",), 64)])
    rows = cut(workload, dict.fromkeys(range(3), ROWS)).workload
    assert [operation.id for operation in rows.operations] == [f"{n}#{u}" for n in "abc" for u in ("one", "two")]
    columns = cut(workload, dict.fromkeys(range(2), COLUMNS)).workload
    assert [o.id for o in columns.operations] == ["a#one", "a#two", "a#join", "b#one", "b#two", "b#join", "c"]


def test_parts_of_any_size_add_up() -> None:
    assert [part_size(10, before, before + 1, 3) for before in range(3)] == [3, 3, 4]
    workload = products([("a", (), 100)], rows=7)
    whole = workload.total_work()
    parts = cut(workload, {0: Split("rows", (("one", 2), ("two", 1)))}).workload.total_work()
    assert parts.matmul_flop == whole.matmul_flop


def test_rows_of_a_kernel_read_its_overhang(tmp_path: Path) -> None:
    workload = load_workload("resnet-18")
    index = next(i for i, o in enumerate(workload.operations) if workload.tensors[o.inputs[-1]].shape[2:] == (3, 3))
    made = cut(workload, {index: ROWS}).workload
    part = next(operation for operation in made.operations if operation.id.endswith("#one"))
    image, result = made.tensors[part.inputs[0]], made.tensors[part.outputs[0]]
    assert (image.shape[2], result.shape[2]) == (28 + 2, 28)


def test_two_neural_engines_share_a_batch_and_the_mapping_can_be_saved(tmp_path: Path) -> None:
    soc, workload = load_soc("apple/m1_ultra"), load_workload("resnet-18")
    options = {"precision": "fp16", "batch": 4}
    text = 'mappings: [{splits: [{operations: ["*"], by: batch, over: {npu: 1, npu_1: 1}}]}]'
    whole, shared = run(workload, soc, tmp_path, **options), run(workload, soc, tmp_path, text, **options)  # type: ignore[arg-type]
    assert shared.summary["latency_s"] < 0.65 * whole.summary["latency_s"]
    assert shared.summary["matmul_flop"] == whole.summary["matmul_flop"]
    again = run(workload, soc, tmp_path, map_text(shared.manifest), **options)  # type: ignore[arg-type]
    assert again.summary == shared.summary


def test_search_cuts_where_that_is_faster(tmp_path: Path) -> None:
    soc, workload = load_soc("apple/m1_ultra"), load_workload("resnet-18")
    options = RunOptions(precision="fp16", batch=4, units=("npu", "npu_1"), place="search")
    searched = simulate(workload, soc, options)
    alone = simulate(workload, soc, RunOptions(precision="fp16", batch=4, units=("npu", "npu_1")))
    assert searched.summary["latency_s"] < 0.65 * alone.summary["latency_s"]
    assert any("search cuts by batch over npu and npu_1" in note for note in searched.notes)
    again = run(workload, soc, tmp_path, map_text(searched.manifest), precision="fp16", batch=4, units=("npu", "npu_1"))
    assert again.summary == searched.summary


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ("{operations: [a], by: rows, over: {one: 1}}", "'over' names at least two units"),
        ("{operations: [a], by: rows, over: {one: 1, tow: 1}}", "no unit 'tow' may be used: did you mean 'two'"),
        ("{operations: [b], by: rows, over: {one: 1, two: 1}}", "no operation is called 'b'"),
        ("{operations: [a], by: lines, over: {one: 1, two: 1}}", "by: expected"),
    ],
)
def test_a_wrong_split_is_refused_with_its_place(tmp_path: Path, split: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        run(products([("a", (), 64)]), TWINS, tmp_path, f"mappings: [{{splits: [{split}]}}]")
    assert message in str(caught.value)
    assert "map.yaml:1:" in str(caught.value)
