"""Does the JSON Schema that editors use accept what the reader accepts, and flag what it refuses?"""

from __future__ import annotations

from typing import Any

import pytest

from socsim.cost import unit_models
from socsim.hardware.json_schema import hardware_schema
from socsim.hardware.yaml_tree import parse_yaml, to_data
from socsim.simulation import load_components
from tests.hardware_text import SMALL
from tests.json_schema_check import violations


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    load_components()
    return hardware_schema(unit_models)


def _violations(text: str, schema: dict[str, Any]) -> list[str]:
    return violations(to_data(parse_yaml(text, "x", [])), schema, schema)


def test_a_whole_description_and_a_partial_one_fit(schema: dict[str, Any]) -> None:
    assert _violations(SMALL, schema) == []
    partial = (
        "extends: a.yaml\nunits:\n  - {name: gpu, cores: 3, launch: null}\n  - {name: b, like: gpu}\n"
        "links:\n  - {name: old, remove: true}\n"
    )
    assert _violations(partial, schema) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("clock: 2 GHz", "clock: 2"),
        ("clock: 2 GHz", "clock: 2 GB"),
        ("clock: 2 GHz", "clok: 2 GHz"),
        ("cores: 2", "cores: two"),
        ("cores: 2", "launch_time: 2 us"),
        ("fp16: 32", "fp61: 32"),
        ("fp16: 32", "fp16: 0"),
        ("kind: cpu", "kind: npu"),
        ("kind: cpu", "kind: tpu"),
        ("channels: 2", "channels: 65"),
        ("[cpu, dram]", "[cpu]"),
        ("name: small", "name: small\ncach: []"),
    ],
)
def test_what_the_reader_refuses_an_editor_flags(schema: dict[str, Any], old: str, new: str) -> None:
    assert _violations(SMALL.replace(old, new), schema) != []


def test_every_key_is_explained(schema: dict[str, Any]) -> None:
    unexplained = [
        f"{part}.{key}"
        for part, definition in schema["$defs"].items()
        for key, value in definition.get("properties", {}).items()
        if "description" not in value and not all("description" in option for option in value.get("anyOf", [{}]))
    ]
    assert unexplained == []


def test_a_new_kind_of_unit_brings_its_keys(schema: dict[str, Any]) -> None:
    class Kinds:
        def get(self, name: str, where: str = "") -> Any:
            return unit_models.get(name, where)

        def items(self) -> Any:
            return [("accelerator", unit_models.get("npu"))]

    other = hardware_schema(Kinds())
    assert other["$defs"]["unit_accelerator"]["properties"]["kind"]["const"] == "accelerator"
    assert "unit_cpu" not in other["$defs"]
