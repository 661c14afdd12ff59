"""The page of a run as text: complete, self-contained, and safe whatever names it shows."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from socsim.report.html.chart_data import chart_data
from socsim.report.html.page import page
from socsim.report.html.sources import classify, sourced_numbers
from tests.synthetic_run import SpanRows, camera_and_assistant, instance, make_graph, make_run, make_task, many_tasks

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Outline(HTMLParser):
    """Checks that elements nest, and collects ids, links and what would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.anchors: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [value for key, value in attrs if key == "id" and value]
        if tag == "a":
            self.anchors.append(values.get("href") or "")
        elif values.get("src") or values.get("href"):
            self.fetched.append(values.get("src") or values.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def outline(text: str) -> Outline:
    parser = Outline()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


def embedded(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


@pytest.fixture(scope="module")
def text() -> str:
    return page(camera_and_assistant().record)


def test_elements_nest_and_every_link_has_its_target(text: str) -> None:
    found = outline(text)
    assert len(set(found.ids)) == len(found.ids)
    assert all(anchor.startswith("#") and anchor[1:] in found.ids for anchor in found.anchors)


def test_nothing_is_fetched(text: str) -> None:
    assert outline(text).fetched == ["data:,"]
    assert "default-src 'none'" in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)


def test_no_placeholder_is_left(text: str) -> None:
    assert "{{" not in text


def test_the_headline_says_what_ran_where_and_how_long(text: str) -> None:
    assert "camera_net, chat" in text
    assert "made/by_hand" in text
    assert "<dt>latency</dt><dd>60 µs" in text
    assert "the camera network&#x27;s lengths are its defaults" in text


def test_energy_is_shown_only_where_it_is_known(text: str) -> None:
    assert 'id="energy"' not in text
    record = camera_and_assistant().record
    record.summary.update(energy_j=2e-3, average_power_w=33.0, peak_power_w=50.0, energy_range_j=[1e-3, 3e-3])
    record.summary["units"]["gpu"]["energy_j"] = 1.5e-3
    known = page(record)
    assert 'id="energy"' in known
    assert "75.0%" in known
    outline(known)


def test_names_that_look_like_markup_stay_text() -> None:
    rows = SpanRows()
    rows.add(0, 0, 0, 10)
    evil = "</script><script>alert(1)</script>"
    graph = make_graph(make_task(evil, label=evil, kind=evil), name=evil)
    run = make_run(rows, [instance(evil, 0, 0, 10)], [graph], notes=[evil], manifest={evil: evil})
    shown = page(run.record)
    assert evil not in shown
    assert embedded(shown)["operations"][0]["name"] == evil
    outline(shown)


def test_a_run_without_tasks_has_a_page() -> None:
    outline(page(make_run(SpanRows(), [], []).record))


def test_the_page_of_a_run_is_always_the_same(text: str) -> None:
    assert page(camera_and_assistant().record) == text


def test_roofs_are_those_of_the_units_that_ran() -> None:
    record = camera_and_assistant().record
    assert [(roof["unit"], roof["precision"]) for roof in chart_data(record)["roofs"]] == [
        ("gpu", "fp16"), ("npu", "int8"),
    ]  # fmt: skip


def test_windows_keep_the_mean_of_each_quantity() -> None:
    record = camera_and_assistant().record
    charts = {chart["name"]: chart for chart in chart_data(record)["windows"]["charts"]}
    gpu = charts["gpu busy"]["values"]
    assert sum(gpu) / len(gpu) == pytest.approx(record.summary["units"]["gpu"]["busy_fraction"], rel=1e-2)
    assert charts["dram"]["peak"] == 100e9


def test_the_timeline_of_many_tasks_is_thinned_out() -> None:
    few = chart_data(camera_and_assistant().record)["timeline"]
    assert few["exact"]
    assert [lane["name"] for lane in few["lanes"]] == ["cpu lane 0", "cpu lane 2", "gpu", "npu"]
    many = chart_data(many_tasks(30).record)["timeline"]
    assert not many["exact"]
    assert all(len(lane["pieces"]) <= 800 for lane in many["lanes"])


def test_the_critical_path_of_the_timeline_covers_the_run() -> None:
    pieces = chart_data(camera_and_assistant().record)["timeline"]["path"]
    assert pieces[0][0] == 0
    assert pieces[-1][1] == pytest.approx(60e-6)
    assert all(left[1] == right[0] for left, right in pairwise(pieces))


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("assumed: as cpu_p", "assumed"),
        ("general knowledge, unverified", "unverified"),
        ("calibrated on a table", "calibrated"),
        ("derived: twice the peak", "derived"),
        ("a data sheet, page 3", "published"),
    ],
)
def test_sources_are_classified_by_how_they_begin(source: str, kind: str) -> None:
    assert classify(source) == kind


def test_sources_are_found_with_their_values_wherever_they_stand() -> None:
    data = {
        "units": [
            {"name": "gpu", "clock": 5, "rates": {"fp16": 7}, "sources": {"clock": "x", "rates.fp16": "assumed"}}
        ],
        "dram": {"channels": 8, "sources": {"channels": "y"}},
    }
    assert [(n.part, n.key, n.value, n.kind) for n in sourced_numbers(data)] == [
        ("units.gpu", "clock", 5, "published"),
        ("units.gpu", "rates.fp16", 7, "assumed"),
        ("dram", "channels", 8, "published"),
    ]


def test_energy_is_shown_by_level_and_by_unit_and_adds_up() -> None:
    import socsim
    from socsim.report.html.energy import levels_of

    run = socsim.simulate(socsim.load_workload("resnet-18"), socsim.load_soc("apple/m1"))
    assert run.record.energy is not None
    assert sum(joules for _, _, joules in levels_of(run.record.energy)) == pytest.approx(run.record.energy.total_j)
    shown = page(run.record)
    for text in ("DRAM, by bytes", "leakage", "arithmetic", "level-dram"):
        assert text in shown
    outline(shown)


def test_what_does_not_move_is_said_instead_of_drawn() -> None:
    import socsim

    run = socsim.simulate(socsim.load_workload("resnet-18"), socsim.load_soc("apple/m1"))
    windows = chart_data(run.record)["windows"]
    assert any("temperature" in text for text in windows["flat"])
    assert not any(chart["name"].endswith("hit bytes") for chart in windows["charts"])
    assert {"Units", "Links and memory", "Power"} <= {chart["group"] for chart in windows["charts"]}
