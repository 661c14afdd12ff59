"""The pages of a sweep, of a search and of two sweeps in a real browser: charts, brushes, tables, offline, readable."""

from __future__ import annotations

from pathlib import Path

import pytest

from socsim.study.compare import compare_sweeps
from socsim.study.compare.sweeps_page import sweeps_page
from socsim.study.execution.table import Column
from socsim.study.pages.points import AXIS, OBJECTIVE, PointColumn, PointTable, points_body, points_data
from socsim.study.pages.search import search_page
from socsim.study.pages.sweep import sweep_page
from socsim.study.run_search import search
from socsim.study.run_sweep import load_sweep, sweep
from tests.browser.chromium import Page
from tests.browser.readability import CONTRAST

pytestmark = pytest.mark.browser

STUDY = """
base: {hardware: apple/m1, workload: resnet-18, options: {units: [gpu]}}
axes:
  units.gpu.cores: [4, 6, 8]
  units.gpu.clock: [1 GHz, 1.278 GHz]
  dram.channels: [4, 8]
figures: {cost: soc.units.gpu.cores * 2 + dram.channels}
objectives: {latency_s: min, cost: min}
"""
ROWS = "[...document.querySelectorAll('#point-table tbody tr')]"
COUNT = "document.getElementById('brush-count').textContent"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies")
    (folder / "a.yaml").write_text(STUDY)
    (folder / "b.yaml").write_text(STUDY.replace("[4, 6, 8]", "[6, 8, 10]").replace("apple/m1", "apple/m2"))
    for name in "ab":
        sweep(folder / f"{name}.yaml", folder / name, workers=0)
    (folder / "a.html").write_text(sweep_page(load_sweep(folder / "a")), encoding="utf-8")
    (folder / "ab.html").write_text(sweeps_page(compare_sweeps(folder / "a", folder / "b")), encoding="utf-8")
    return folder


@pytest.fixture
def page(browser: Page, folder: Path) -> Page:
    opened(browser, folder / "a.html")
    return browser


def opened(browser: Page, path: Path) -> None:
    browser.requests.clear()
    browser.errors.clear()
    browser.emulate()
    browser.open(path)
    assert browser.errors == []
    assert browser.requests == [path.as_uri()]


def choose(page: Page, select: str, value: str) -> None:
    page.evaluate(
        f"(() => {{ const s = document.getElementById('{select}'); s.value = '{value}'; "
        "s.dispatchEvent(new Event('change')); })()"
    )


def test_a_sweep_draws_every_chart_and_asks_the_network_for_nothing(page: Page) -> None:
    assert page.evaluate("document.querySelectorAll('#parallel-chart .brushable').length") == 5
    assert page.evaluate("document.querySelectorAll('#parallel-chart .line.best').length") == 1
    assert page.evaluate("document.querySelectorAll('#heat-chart rect').length") == 6
    front = page.evaluate("document.querySelectorAll('#scatter-chart .ring').length")
    assert 0 < front < 12
    assert page.evaluate(f"{ROWS}.length") == 12
    page.click("#front-only")
    assert page.evaluate(f"{ROWS}.length") == front
    assert "soc.units.gpu.cores * 2" in page.evaluate("document.querySelector('#configuration pre').textContent")


def test_an_axis_is_narrowed_by_keyboard_and_everything_follows(page: Page) -> None:
    assert page.evaluate(COUNT) == "12 of 12 points"
    page.evaluate("document.getElementById('brush-column').focus()")
    choose(page, "brush-column", "units.gpu.clock")
    page.press("Tab")
    page.type_text("1.2 GHz")
    page.press("Enter")
    assert page.evaluate(COUNT).startswith("6 of 12 points with units.gpu.clock 1.2 GHz to 1.278 GHz")
    assert page.evaluate(f"{ROWS}.length") == 6
    assert page.evaluate("document.querySelectorAll('#heat-chart rect').length") == 3
    page.click("#brush-clear")
    assert page.evaluate(COUNT) == "12 of 12 points"


def test_what_is_no_number_is_said(page: Page) -> None:
    page.evaluate("document.getElementById('brush-from').focus()")
    page.type_text("fast")
    page.press("Enter")
    assert page.evaluate(COUNT).startswith("Give numbers")


def test_the_charts_show_other_quantities(page: Page) -> None:
    choose(page, "scatter-y", "energy_j")
    assert "energy_j" in page.evaluate("document.querySelector('#scatter-chart svg').getAttribute('aria-label')")
    choose(page, "heat-over", "worst")
    choose(page, "heat-y", "dram.channels")
    label = page.evaluate("document.querySelector('#heat-chart svg').getAttribute('aria-label')")
    assert label == "worst latency_s by units.gpu.cores and dram.channels"


def test_a_point_of_the_chart_is_found_in_the_table(page: Page) -> None:
    page.evaluate("document.querySelector('#scatter-chart .ring').scrollIntoView({block: 'center'})")
    page.click("#scatter-chart .ring")
    assert page.evaluate("document.querySelectorAll('#point-table tr.chosen').length") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_light_and_dark(page: Page, scheme: str) -> None:
    page.emulate(scheme=scheme)
    assert page.evaluate(CONTRAST) >= 4.5


def test_two_sweeps_are_drawn_against_each_other(browser: Page, folder: Path) -> None:
    opened(browser, folder / "ab.html")
    assert browser.evaluate(f"{ROWS}.length") == 8
    assert browser.evaluate("document.getElementById('scatter-x').value") == "latency_s A"
    assert browser.evaluate("document.querySelectorAll('#scatter-chart .peak').length") == 1
    assert "base.hardware" in browser.evaluate("document.getElementById('inputs').innerText")


def test_a_search_shows_its_hypervolume(browser: Page, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    (tmp_path / "search.yaml").write_text(STUDY + "search: {points: 10, population: 5}\n")
    search(tmp_path / "search.yaml", tmp_path / "out", workers=0)
    (tmp_path / "search.html").write_text(search_page(tmp_path / "out"), encoding="utf-8")
    opened(browser, tmp_path / "search.html")
    assert browser.evaluate("document.querySelectorAll('#growth-chart .growth-mark').length") == 2
    assert browser.evaluate(f"{ROWS}.length") == 10


def test_ten_thousand_points_stay_small_and_quick(browser: Page, tmp_path: Path) -> None:
    from socsim.report.html.document import document

    count = 10_000
    columns = [
        PointColumn("cores", [row % 40 for row in range(count)], AXIS),
        PointColumn("clock", [1e9 + 1e6 * (row % 97) for row in range(count)], AXIS, "Hz"),
        PointColumn("place", Column(["rule" if row % 3 else "heft" for row in range(count)]).values, AXIS),
        PointColumn("latency_s", [None if row == 5 else 1e-3 / (1 + row % 41) for row in range(count)], OBJECTIVE, "s",
                    "min"),
        PointColumn("rate", [float(row % 83) for row in range(count)], OBJECTIVE, "", "max"),
    ]  # fmt: skip
    data = points_data(PointTable(tuple(columns), (40, 80), {}))
    scripts = ("grid.js", "points.js", "parallel.js", "scatter.js", "heat_map.js", "study.js")
    text = document(title="many", heading="many", sections={}, body=points_body(), scripts=scripts,
                    data={"points": data})  # fmt: skip
    assert len(text) < 3_000_000
    (tmp_path / "many.html").write_text(text, encoding="utf-8")
    opened(browser, tmp_path / "many.html")
    assert browser.evaluate("document.querySelectorAll('*').length") < 8_000
    assert browser.evaluate(COUNT) == "10000 of 10000 points"
