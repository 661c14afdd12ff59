"""The page of a comparison in a real browser: waterfalls, tables, trees, offline and readable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import socsim
from socsim.study.compare import compare_runs
from socsim.study.compare.page import runs_page
from tests.browser.chromium import Page
from tests.browser.readability import CONTRAST
from tests.synthetic_run import camera_and_assistant, many_tasks

pytestmark = pytest.mark.browser

ROWS = "[...document.querySelectorAll('#operation-table tbody tr')]"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workload = socsim.load_workload("resnet-18")
    before = socsim.simulate(workload, socsim.load_soc("apple/m1"), socsim.RunOptions())
    after = socsim.simulate(
        workload, socsim.load_soc("apple/m1", ["units.gpu.cores=6"]), socsim.RunOptions(units=("gpu",))
    )
    path = tmp_path_factory.mktemp("compare") / "compare.html"
    path.write_text(runs_page(compare_runs(before, after)), encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Page, file: Path) -> Page:
    browser.requests.clear()
    browser.errors.clear()
    browser.emulate()
    browser.open(file)
    return browser


def test_it_draws_without_an_error_and_asks_the_network_for_nothing(page: Page, file: Path) -> None:
    assert page.errors == []
    assert page.requests == [file.as_uri()]
    names = page.evaluate("[...document.querySelectorAll('#cause-chart text.name')].map(e => e.textContent)")
    assert names[0] == "A"
    assert names[-2] == "B"
    assert "compute" in names
    assert page.evaluate("document.querySelectorAll('#module-chart rect').length") >= 4


def test_the_table_sorts_filters_and_shows_what_did_not_change(page: Page) -> None:
    changed = page.evaluate(f"{ROWS}.length")
    page.click("#operation-table th:nth-child(1) button")
    names = page.evaluate(f"{ROWS}.map(row => row.cells[0].textContent)")
    assert names == sorted(names)
    page.click("#changed")
    assert page.evaluate(f"{ROWS}.length") >= changed
    page.evaluate("document.getElementById('filter-text').focus()")
    page.type_text("classifier linear")
    assert page.evaluate(f"{ROWS}.map(row => row.cells[0].textContent)") == ["classifier.1/linear"]


def test_the_tree_of_modules_opens(page: Page) -> None:
    page.click("#modules summary")
    assert "classifier.1/linear" in page.evaluate("document.querySelector('#modules details').innerText")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_light_and_dark(page: Page, scheme: str) -> None:
    page.emulate(scheme=scheme)
    assert page.evaluate(CONTRAST) >= 4.5


def test_runs_of_streams_and_of_many_tasks_have_a_page(browser: Page, tmp_path: Path) -> None:
    path = tmp_path / "compare.html"
    path.write_text(runs_page(compare_runs(camera_and_assistant(), many_tasks(3))), encoding="utf-8")
    browser.errors.clear()
    browser.open(path)
    assert browser.errors == []
    same = camera_and_assistant()
    path.write_text(runs_page(compare_runs(same, same)), encoding="utf-8")
    browser.open(path)
    assert browser.errors == []
    assert "Nothing changed" in browser.evaluate("document.body.innerText")


def test_a_profile_has_a_page(browser: Page, tmp_path: Path) -> None:
    from socsim.study.compare.profile import compare_profile, read_profile
    from socsim.study.compare.profile.page import profile_page
    from tests.unit.test_compare_profile import kineto, small_run

    (tmp_path / "kineto.json").write_text(json.dumps(kineto()))
    found = compare_profile(small_run(), read_profile(tmp_path / "kineto.json"))
    path = tmp_path / "compare.html"
    path.write_text(profile_page(found), encoding="utf-8")
    browser.errors.clear()
    browser.requests.clear()
    browser.open(path)
    assert browser.errors == []
    assert browser.requests == [path.as_uri()]
    assert browser.evaluate(f"{ROWS}.map(row => row.cells[0].textContent)")[0] == "head/linear"
    assert browser.evaluate(f"{ROWS}[0].cells[3].textContent") == "−66.7 %"
    browser.click("#error-chart circle")
    assert browser.evaluate("document.querySelectorAll('#operation-table tr.chosen').length") == 1
    assert "aten::flatten" in browser.evaluate("document.getElementById('alone').innerText")
