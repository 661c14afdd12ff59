"""Do expressions of study files compute what they say, watch over units, and execute nothing?"""

from __future__ import annotations

import pytest

from socsim.errors import ConfigError
from socsim.study.design.expression import parse_expression
from socsim.study.design.value import Quantity, Value, as_yaml, canonical, from_text, plain

SCOPE: dict[str, Value] = {
    "units.gpu.cores": 24,
    "units.gpu.clock": from_text("1.2 GHz"),
    "dram.capacity": from_text("8 GiB"),
    "precision": "fp16",
    "streams.resnet-50.latency_s.p99": 0.25,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("units.gpu.cores * 2 + 1", 49),
        ("units.gpu.cores / 5", 4.8),
        ("units.gpu.cores // 5 % 3", 1),
        ("-units.gpu.cores ** 2", -576),
        ("2 ** 0.5", 2**0.5),
        ("units.gpu.cores >= 8 and not precision == 'fp32'", True),
        ("8 <= units.gpu.cores < 24", False),
        ("precision in ['fp16', 'bf16']", True),
        ("precision not in ['fp16', 'bf16']", False),
        ("1 if precision == 'fp16' else 2", 1),
        ("max(units.gpu.cores, 30, 7)", 30),
        ("ceil(units.gpu.cores / 7) + floor(2.7) + round(2.567, 2)", 8.57),
        ("units.gpu.clock > '1100 MHz'", True),
        ("units.gpu.clock / '1 GHz'", 1.2),
        ("dram.capacity / '1 GiB'", 8),
        ("min(units.gpu.clock, '0.9 GHz') == '900 MHz'", True),
        ("value('streams.resnet-50.latency_s.p99') * 2", 0.5),
        (7, 7),
        (True, True),
    ],
)
def test_what_is_the_value(text: object, value: Value) -> None:
    assert parse_expression(text)(SCOPE) == pytest.approx(value)


def test_does_a_scaled_quantity_keep_its_unit() -> None:
    scaled = parse_expression("units.gpu.clock * 1.5 + '1 MHz'")(SCOPE)
    assert isinstance(scaled, Quantity)
    assert as_yaml(scaled) == "1801000000 Hz"


def test_are_computed_hertz_whole() -> None:
    third = parse_expression("units.gpu.clock / 7")(SCOPE)
    assert plain(third) == 171428571


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("units.gpu.core", "did you mean 'units.gpu.cores'"),
        ("units.gpu.clock + 1", "one has a unit, the other has none"),
        ("units.gpu.clock + dram.capacity", "a frequency and a size"),
        ("units.gpu.clock * dram.capacity", "only one factor may have a unit"),
        ("1 / units.gpu.clock", "a unit would end up below the line"),
        ("units.gpu.clock < 5", "one has a unit, the other has none"),
        ("precision < 'fp32'", "compare them with =="),
        ("units.gpu.cores / 0", "divides by zero"),
        ("sqrt(-1)", "math domain error"),
        ("sinus(1)", "unknown function 'sinus'"),
        ("units.gpu.cores and True", "expected a condition"),
        ("precision in 'fp16'", "expected a list"),
        ("9 ** 9 ** 9", "too large"),
    ],
)
def test_is_nonsense_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words.replace("(", r"\(")):
        parse_expression(text)(SCOPE)


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "units.__class__()", "[x for x in [1]]", "lambda: 1", "a; b", "(1", "f'{1}'", "a := 1", "",
     None, "1" * 2000],
)  # fmt: skip
def test_is_anything_but_an_expression_refused(text: object) -> None:
    with pytest.raises(ConfigError):
        parse_expression(text)({"a": 1})


def test_do_equal_quantities_have_one_identity() -> None:
    assert canonical(from_text("1.4 GHz")) == canonical(from_text("1400 MHz")) != canonical(from_text("1.5 GHz"))


@pytest.mark.parametrize("text", ["8 GBit", "7b", "q4_0", "5 apples", "5", "fast", "1..2 GHz"])
def test_does_text_without_a_known_unit_stay_text(text: str) -> None:
    assert from_text(text) == text
