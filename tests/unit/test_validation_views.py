"""Do table and plot show what was found?"""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from socsim.errors import OutputError
from socsim.validation.evaluation import Evaluation, Predicted
from socsim.validation.measurement import Measurement
from socsim.validation.scatter import save_scatter, scatter_svg
from socsim.validation.suite import Suite
from socsim.validation.table import print_evaluation, to_data

ROWS = (
    Measurement("chip/a", "net <one>", "latency_s", 0.010, fitted=True, source="s"),
    Measurement("chip/b", "net & two", "output_tokens_per_s", 50.0, source="s"),
)
SUITE = Suite("demo", "a demo", ROWS, 0.05, ())
FOUND = Evaluation(SUITE, "shipped", (Predicted(ROWS[0], 0.011, True), Predicted(ROWS[1], 40.0, False)))


def test_the_table_tells_fitted_from_predicted() -> None:
    out = io.StringIO()
    print_evaluation(FOUND, Console(file=out, width=200))
    text = out.getvalue()
    for words in ("10.000 ms", "11.000 ms", "+10.0%", "-20.0%", "1 fitted", "1 predicted", "2 all"):
        assert words in text
    data = to_data(FOUND)
    assert data["predicted"]["median"] == pytest.approx(0.2)
    assert [row["use"] for row in data["rows"]] == ["fitted", "predicted"]


def test_the_plot_is_an_svg_with_a_mark_for_each_row() -> None:
    name = "{http://www.w3.org/2000/svg}"
    tree = ElementTree.fromstring(scatter_svg([FOUND]))
    marks = [node for node in tree.iter(f"{name}circle") if node.find(f"{name}title") is not None]
    assert len(marks) == 2
    titles = [node.find(f"{name}title").text for node in marks]  # type: ignore[union-attr]
    assert titles[0] == "chip/a net <one>: measured 10.000 ms, predicted 11.000 ms (+10.0%)"
    slow, fast = (float(node.attrib["cy"]) for node in marks)
    assert slow > fast, "50 tokens/s (20 ms) predicted as 25 ms lies above 11 ms"


def test_a_plot_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    save_scatter(tmp_path / "plot.svg", [FOUND])
    with pytest.raises(OutputError, match=r"plot\.svg is not a folder"):
        save_scatter(tmp_path / "plot.svg" / "plot.svg", [FOUND])
    assert [path.name for path in tmp_path.iterdir()] == ["plot.svg"]
