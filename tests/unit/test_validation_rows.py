"""Are measurements read as written, and wrong ones refused with their place?"""

from __future__ import annotations

from pathlib import Path

import pytest

from socsim.errors import ConfigError
from socsim.validation.catalog import suite_names, suite_titles
from socsim.validation.measurement import Measurement, averaged
from socsim.validation.parameter import Parameter, current, read_value, setting
from socsim.validation.rows import read_rows
from socsim.validation.statistics import accuracy, spearman
from socsim.validation.suite import load_suite
from socsim.validation.terms import term, terms

HEAD = "hardware,workload,options,quantity,measured,use\n"
GOOD = "apple/m1,resnet-50,units=npu; precision=fp16,latency_s,0.001,fitted\n"


def read(tmp_path: Path, text: str, **defaults: str) -> tuple[Measurement, ...]:
    file = tmp_path / "rows.csv"
    file.write_text(text, encoding="utf-8")
    return read_rows(file, defaults)


def test_a_row_is_what_it_says(tmp_path: Path) -> None:
    (row,) = read(tmp_path, HEAD + GOOD)
    assert (row.hardware, row.workload, row.quantity, row.measured) == ("apple/m1", "resnet-50", "latency_s", 0.001)
    assert dict(row.options) == {"units": ("npu",), "precision": "fp16"}
    assert row.fitted


def test_defaults_fill_columns_that_are_not_there_and_options_add_up(tmp_path: Path) -> None:
    text = "options,measured\nprompt=512; tokens=1,600\n"
    (row,) = read(
        tmp_path, text, hardware="apple/m1", workload="llama-2-7b", quantity="prompt_tokens_per_s", options="units=gpu"
    )
    assert dict(row.options) == {"units": ("gpu",), "prompt": 512, "tokens": 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("hardware,workload,quantity\n", "lacks the column 'measured'"),
        (HEAD.replace("measured", "mesured"), ":1:36: unknown column 'mesured': did you mean 'measured'"),
        (HEAD + GOOD.replace("latency_s", "latency"), ":2:46: unknown quantity 'latency': did you mean 'latency_s'"),
        (HEAD + GOOD.replace("0.001", "-1"), ":2:56: 'measured' is a number above zero"),
        (HEAD + GOOD.replace("units=npu; ", "unts=npu; "), ":2:20: unknown option 'unts': did you mean 'units'?"),
        (HEAD + GOOD.replace("fitted", "maybe"), ":2:62: 'use' is fitted or predicted, not 'maybe'"),
        (HEAD + "a,b\n", ":2:1: 2 cells where the first line has 6"),
    ],
)
def test_a_wrong_file_says_where_and_what_would_be_right(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)


def test_measurements_of_the_same_thing_count_once_by_their_geometric_mean(tmp_path: Path) -> None:
    (row,) = averaged(read(tmp_path, HEAD + GOOD + GOOD.replace("0.001", "0.004")))
    assert row.measured == pytest.approx(0.002)
    assert row.spread == 4.0


@pytest.mark.parametrize("name", suite_names())
def test_every_shipped_suite_loads_with_a_source_for_each_row(name: str) -> None:
    suite = load_suite(name)
    assert suite.title == suite_titles()[name]
    assert suite.rows
    assert 0 < suite.noise_fraction < 1
    assert all(row.source for row in suite.rows)


def test_statistics_of_known_errors() -> None:
    found = accuracy([1.1, 2.2, 2.7], [1.0, 2.0, 3.0])
    assert [found.median, found.worst] == pytest.approx([0.1, 0.1])
    assert found.spearman == 1.0
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == -1.0
    assert spearman([1, 1, 1], [1, 2, 3]) is None
    assert spearman([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(0.9486833)


def test_a_parameter_is_read_and_set_by_its_path() -> None:
    from socsim.api import load_soc

    soc = load_soc("apple/m1_max")
    launch = Parameter("launch", "units.gpu.launch")
    value = current(launch, soc)
    changed = load_soc("apple/m1_max", [setting(launch, 2 * value, soc)])
    assert current(launch, changed) == 2 * value
    for key in ("units.npu.port_bandwidth", "units.npu.on_chip", "units.gpu.matrix_efficiency"):
        one = Parameter(key, key)
        again = load_soc("apple/m1_max", [setting(one, current(one, soc), soc)])
        assert current(one, again) == current(one, soc)


@pytest.mark.parametrize(
    ("key", "words"),
    [("units.gpuu.launch", "has no 'gpuu'"), ("units.gpu.lunch", "has no 'lunch'"), ("units.gpu.kind", "not a number")],
)
def test_a_parameter_that_does_not_exist_is_an_error(key: str, words: str) -> None:
    from socsim.api import load_soc

    with pytest.raises(ConfigError, match=words):
        current(Parameter(key, key), load_soc("apple/m1"))


def test_values_with_units_become_base_units() -> None:
    assert [read_value(text) for text in (0.7, "5 us", "60 GB/s", "2 MiB")] == [0.7, 5e6, 60e9, 2 * 2**20]
    with pytest.raises(ConfigError):
        read_value("5 parsec")


def test_every_term_can_be_taken_away_from_a_chip() -> None:
    from socsim.api import load_soc

    soc = load_soc("apple/m1_max")
    for one in terms().values():
        load_soc("apple/m1_max", one.overrides(soc))
    with pytest.raises(ConfigError, match="did you mean 'launch'"):
        term("lunch")
