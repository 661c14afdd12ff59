"""Is every shipped scenario whole: read without error, valid by the schema, runnable on a phone chip, said in words?"""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

import socsim
from socsim.simulation.checks import check_scenario
from socsim.simulation.models import Models
from socsim.simulation.scenario_file import scenario_schema, shipped_scenarios
from socsim.workload.scenario import Scenario

SCENARIOS = shipped_scenarios()


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(socsim.load_soc("apple/a17_pro"))


def test_a_dozen_scenarios_ship() -> None:
    assert len(SCENARIOS) >= 12


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_valid_by_the_schema_and_named_as_its_file(name: str) -> None:
    data = yaml.safe_load(SCENARIOS[name].read_text(encoding="utf-8"))
    jsonschema.validate(data, scenario_schema(), cls=jsonschema.Draft7Validator)
    assert data["name"] == name
    assert data["description"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_fits_a_phone_chip(name: str, models: Models) -> None:
    scenario = socsim.load_scenario(name)
    assert isinstance(scenario, Scenario)
    json.dumps(scenario.to_data())
    check_scenario(scenario, models)


@pytest.mark.parametrize("name", ["watch", "chat_server"])
def test_a_watch_is_enough_for_what_is_meant_for_it(name: str) -> None:
    check_scenario(socsim.load_scenario(name), Models(socsim.load_soc("generic/wearable")))


def test_the_schema_beside_the_scenarios_is_the_one_the_code_has() -> None:
    path = Path(SCENARIOS["camera_preview"]).with_name("schema.json")
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(scenario_schema()))
