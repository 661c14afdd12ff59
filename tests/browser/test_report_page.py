"""The page of a run in a real browser: it draws, sorts, filters, follows keys, stays offline and is readable."""

from __future__ import annotations

from pathlib import Path

import pytest

from socsim.report.html import write_page
from tests.browser.chromium import Page
from tests.browser.readability import CONTRAST
from tests.synthetic_run import camera_and_assistant, many_tasks

pytestmark = pytest.mark.browser

ROWS = "[...document.querySelectorAll('#operation-table tbody tr')]"
FIRST_CELLS = f"{ROWS}.map(row => row.cells[0].textContent)"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_page(camera_and_assistant().record, path)
    return path


@pytest.fixture
def page(browser: Page, small: Path) -> Page:
    browser.requests.clear()
    browser.errors.clear()
    browser.emulate()
    browser.open(small)
    return browser


def test_it_draws_without_an_error_and_asks_the_network_for_nothing(page: Page, small: Path) -> None:
    assert page.errors == []
    assert page.requests == [small.as_uri()]
    assert page.evaluate("document.querySelectorAll('#roofline-chart circle').length") == 5
    assert page.evaluate("document.querySelectorAll('#time-charts svg').length") == 5
    lanes = page.evaluate("[...document.querySelectorAll('#timeline-chart text')].map(e => e.textContent)")
    assert {"cpu lane 0", "cpu lane 2", "gpu", "npu", "bound by"} <= set(lanes)
    assert page.evaluate("document.querySelector('.lead').textContent").startswith("Mostly compute (45%)")


def test_the_table_starts_with_the_longest_and_sorts_by_a_press_on_a_heading(page: Page) -> None:
    times = f"{ROWS}.map(row => row.cells[2].textContent)"
    assert page.evaluate(times) == ["20.5 µs", "20 µs", "12 µs", "8 µs", "2 µs", "1 µs"]
    page.click("#operation-table th:nth-child(1) button")
    names = page.evaluate(FIRST_CELLS)
    assert names == sorted(names)
    assert page.evaluate("document.querySelector('th[aria-sort]').textContent") == "operation"
    page.click("#operation-table th:nth-child(1) button")
    assert page.evaluate(FIRST_CELLS) == names[::-1]


def test_it_filters_by_keyboard_alone(page: Page) -> None:
    page.evaluate("document.getElementById('filter-text').focus()")
    page.type_text("attention dec")
    assert page.evaluate(FIRST_CELLS) == ["attention (decode)"]
    assert page.evaluate("document.getElementById('filter-count').textContent").startswith("1 of 6 operations")
    for _ in range(4):
        page.press("Tab")
    assert page.evaluate("document.activeElement.id") == "merge"
    page.press(" ")
    assert page.evaluate("document.getElementById('merge').checked") is False
    for _ in range(2):
        page.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "operation"
    page.press("Enter")
    assert page.evaluate("document.querySelector('th[aria-sort]').textContent") == "operation"


def test_it_filters_by_unit(page: Page) -> None:
    page.evaluate(
        "(() => { const s = document.getElementById('filter-unit'); s.value = 'npu'; "
        "s.dispatchEvent(new Event('change')); })()"
    )
    assert page.evaluate(FIRST_CELLS) == ["head"]


def test_a_mark_of_the_roofline_leads_to_its_row(page: Page) -> None:
    page.click("#roofline-chart circle")
    assert page.evaluate("document.querySelector('tr.chosen').cells[0].textContent") == "conv"
    assert page.evaluate(FIRST_CELLS) == ["conv"]


def test_sources_and_configuration_open(page: Page) -> None:
    assert page.evaluate("document.querySelector('#trust .source-assumed').textContent") == "1 assumed"
    page.click("#trust details:last-of-type summary")
    assert "a data sheet, table 3" in page.evaluate("document.querySelector('#trust details:last-of-type').innerText")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_light_and_dark(page: Page, scheme: str) -> None:
    page.emulate(scheme=scheme)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    assert page.evaluate(CONTRAST) >= 4.5, "the contrast that readable text needs (WCAG AA)"


def test_it_fits_a_narrow_window(page: Page) -> None:
    page.evaluate("document.body.style.width = '420px'")
    assert page.evaluate("document.body.scrollWidth") <= 420 + 2 * 48


def test_it_prints_in_black_on_white_without_its_controls(page: Page) -> None:
    page.emulate(scheme="dark", media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('form')).display") == "none"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.pdf_size() > 20_000


def test_a_run_of_50_000_tasks_stays_small(browser: Page, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    write_page(many_tasks(500).record, path)
    assert path.stat().st_size < 3_000_000
    browser.errors.clear()
    browser.open(path)
    assert browser.errors == []
    assert browser.evaluate("document.querySelectorAll('*').length") < 20_000
    assert browser.evaluate("document.getElementById('filter-count').textContent").startswith("4 of 4 operations")
