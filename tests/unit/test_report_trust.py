"""Does a page say how far the family of chips was off, and does every shown error rest on a shipped measurement?"""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import pytest

from socsim.hardware import hardware_names
from socsim.report.html.trust import ACCURACY, errors_of, trust
from socsim.validation.catalog import suite_names
from tests.synthetic_run import camera_and_assistant


def test_errors_are_of_the_chip_and_of_its_family() -> None:
    found = {item.suite: item for item in errors_of("apple/m1")}
    assert "llamacpp" in found
    assert 0 < len(found["llamacpp"].own) < len(found["llamacpp"].family)
    assert errors_of("made/by_hand") == []
    assert errors_of("mine") == []


def test_the_stored_errors_are_of_shipped_suites_and_chips() -> None:
    data = json.loads((files("socsim.report.html") / ACCURACY).read_text(encoding="utf-8"))
    known = set(hardware_names())
    assert {suite["name"] for suite in data["suites"]} <= set(suite_names())
    for suite in data["suites"]:
        assert suite["rows"]
        assert {row["hardware"] for row in suite["rows"]} <= known
        assert all(-1 < row["error"] < 100 for row in suite["rows"])


def test_a_family_without_measurements_is_said_to_have_none() -> None:
    record = camera_and_assistant().record
    assert "No published measurement of <strong>made/by_hand</strong>" in trust(record)
    assert "The 1 that rest on no document" in trust(record)
    assert "median error" in trust(replace(record, hardware="apple/m1"))


def test_a_partial_run_is_a_lower_bound() -> None:
    record = camera_and_assistant().record
    assert "lower bound" not in trust(record)
    assert "lower bound" in trust(replace(record, partial=True))


@pytest.mark.parametrize("known", [True, False])
def test_a_notebook_shows_the_headline_and_the_bottleneck(known: bool) -> None:
    import socsim
    from tests.unit.test_report_html import outline

    run = socsim.simulate(socsim.load_workload("resnet-18"), socsim.load_soc("apple/m1")) if known else None
    text = (run or camera_and_assistant())._repr_html_()
    outline(text)
    assert "latency" in text
    assert "bound by" in text
    assert "<script" not in text
    assert len(text) < 8000
