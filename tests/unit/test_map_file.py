"""Can a mapping be saved, edited and run again, and does a wrong map file say what is wrong and where?"""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from socsim import RunOptions, load_soc, load_workload, simulate
from socsim.errors import InputError
from socsim.hardware import hardware_folder
from socsim.mapping import map_schema, parse_map
from socsim.report import map_text
from socsim.result import RunResult
from tests.unit.test_cli_run import socsim as command


def run(tmp_path: Path, text: str | None = None, model: str = "squeezenet", **options: object) -> RunResult:
    path = None
    if text is not None:
        path = tmp_path / "map.yaml"
        path.write_text(text, encoding="utf-8")
    made = RunOptions(precision="fp16", map=None if path is None else str(path), **options)  # type: ignore[arg-type]
    return simulate(load_workload(model), load_soc("apple/m1"), made)


@pytest.mark.parametrize("place", ["rule", "heft"])
def test_a_saved_mapping_gives_the_same_run_under_any_policy(tmp_path: Path, place: str) -> None:
    first = run(tmp_path, place=place)
    text = map_text(first.manifest)
    again = run(tmp_path, text, place="greedy")
    assert again.summary == first.summary
    assert map_text(again.manifest) == text


def test_a_saved_mapping_of_a_generation_holds_for_prompt_and_tokens(tmp_path: Path) -> None:
    options = {"model": "gpt2", "prompt": 16, "tokens": 3}
    first = run(tmp_path, **options)  # type: ignore[arg-type]
    again = run(tmp_path, map_text(first.manifest), place="heft", **options)  # type: ignore[arg-type]
    assert again.summary == first.summary


def test_an_edited_mapping_moves_what_was_edited_and_nothing_else(tmp_path: Path) -> None:
    first = run(tmp_path)
    lines = map_text(first.manifest).splitlines()
    at = next(index for index, line in enumerate(lines) if "unit: " in line)
    lines[at] = lines[at].replace('"npu"', '"gpu"')
    edited = run(tmp_path, "\n".join(lines))
    units = [task.variants[0].unit for task in edited.graphs[0].tasks]
    assert units == ["gpu"] + ["npu"] * (len(units) - 1)
    assert edited.summary["latency_s"] > first.summary["latency_s"]


def test_patterns_pin_units_and_policies_place_the_rest(tmp_path: Path) -> None:
    text = 'mappings: [{place: [{operations: ["layers.12*"], unit: cpu_p}, {operations: ["*"], unit: gpu}]}]'
    result = run(tmp_path, text)
    by_label = {task.label: task.variants[0].unit for task in result.graphs[0].tasks}
    assert {unit for label, unit in by_label.items() if label.startswith("layers.12")} == {"cpu_p"}
    assert {unit for label, unit in by_label.items() if not label.startswith("layers.12")} == {"gpu"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mappings:\n  - place:\n      - {operations: [x], unit: gqu}", "3:33: no unit 'gqu' may be used"),
        ("mappings:\n  - place:\n      - {operations: [klassifier], unit: gpu}", "3:23: no operation is called 'klas"),
        ("mappings:\n  - plaice: []", "2:5: mappings.0.plaice: unknown key 'plaice': did you mean 'place'"),
        ("mappings:\n  - place: [{operations: [], unit: gpu}]", "needs at least 1 entry"),
        ("mappings: []\nextra: 1", "2:1: extra: unknown key 'extra'"),
        ("mappings:\n  - lengths: {sek: 1}", "1 is not used"),
    ],
)  # fmt: skip
def test_a_wrong_map_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    if "not used" in message:
        assert any("not used" in note for note in run(tmp_path, text).notes)
        return
    with pytest.raises(InputError) as caught:
        run(tmp_path, text)
    assert message in str(caught.value)


def test_an_operation_pinned_where_it_cannot_run_is_named(tmp_path: Path) -> None:
    text = 'mappings: [{place: [{operations: ["*"], unit: npu}]}]'
    with pytest.raises(InputError, match="is pinned to unit 'npu', which does not support it"):
        run(tmp_path, text, model="gpt2")


def test_operations_that_need_another_task_in_between_cannot_be_one_task(tmp_path: Path) -> None:
    ids = [operation.id for operation in load_workload("squeezenet").operations]
    text = f"mappings:\n  - tasks: [{{unit: npu, operations: [{ids[0]}, {ids[3]}]}}]"
    with pytest.raises(InputError, match="2:13: cannot be one task"):
        run(tmp_path, text)


def test_the_command_line_saves_and_takes_maps(tmp_path: Path) -> None:
    saved = tmp_path / "a.yaml"
    first = command("run", "apple/m1", "squeezenet", "--place", "heft", "--save-map", str(saved), "--json")
    again = command("run", "apple/m1", "squeezenet", "--map", str(saved), "--json")
    assert json.loads(first.stdout)["latency_s"] == json.loads(again.stdout)["latency_s"]
    wrong = command("run", "apple/m1", "squeezenet", "--map", str(tmp_path / "none.yaml"))
    assert wrong.returncode == 2


def test_the_schema_is_fresh_and_takes_what_is_saved(tmp_path: Path) -> None:
    """Refresh it with `socsim hw schema --map -o hw_configs/map.schema.json`."""
    committed = json.loads((hardware_folder() / "map.schema.json").read_text(encoding="utf-8"))
    assert committed == map_schema()
    text = map_text(run(tmp_path).manifest)
    jsonschema.validate(yaml.safe_load(text), committed)
    assert parse_map(text, "saved").entries[0].workload == "squeezenet"
