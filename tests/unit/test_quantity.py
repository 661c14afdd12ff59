"""Are quantities read exactly, refused clearly, and rounded only upwards?"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socsim.errors import ConfigError
from socsim.quantity import (
    EXAMPLES,
    UNITS,
    bytes_to_ps,
    cycles_to_ps,
    format_si,
    parse,
    parse_exact,
    parse_int,
    parse_ps,
    seconds_to_ps,
)


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("1.278 GHz", "frequency", 1_278_000_000),
        ("8 MiB", "size", 8 * 2**20),
        ("8 MB", "size", 8_000_000),
        ("51.2 GB/s", "bandwidth", 51_200_000_000),
        ("6400 MT/s", "transfer_rate", 6_400_000_000),
        ("40 pJ/B", "energy_per_byte", Fraction(40, 10**12)),
        ("25 degC", "temperature", Fraction(29815, 100)),
        ("1e3 B", "size", 1000),
        ("1_000B", "size", 1000),
        ("3.5 µs", "time", Fraction(35, 10**7)),
    ],
)
def test_a_quantity_is_read_exactly(text: str, dimension: str, value: Fraction) -> None:
    assert parse_exact(text, dimension) == value


@pytest.mark.parametrize("dimension", sorted(UNITS))
def test_the_example_shown_in_errors_is_itself_right(dimension: str) -> None:
    assert parse_exact(EXAMPLES[dimension], dimension) > 0


@pytest.mark.parametrize(
    ("text", "dimension", "says"),
    [
        (200, "frequency", "with its unit"),
        (True, "size", "with its unit"),
        (None, "size", "with its unit"),
        ("200", "frequency", "has no unit"),
        ("200 MB", "frequency", "unit 'MB'"),
        ("8 mib", "size", "unit 'mib'"),
        ("6400 MT/s", "bandwidth", "unit 'MT/s'"),
        ("fast", "bandwidth", "expected a bandwidth"),
        ("1e999999999 B", "size", "unit 'e999999999 B'"),
        ("9" * 5000 + " B", "size", "expected a size"),
        ("", "time", "expected a time"),
    ],
)
def test_what_is_no_quantity_is_refused_with_an_example(text: object, dimension: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, dimension)
    assert says in caught.value.what
    assert EXAMPLES[dimension] in caught.value.what or "unit" in caught.value.what
    assert len(str(caught.value)) < 200


def test_a_fraction_of_a_byte_is_refused() -> None:
    with pytest.raises(ConfigError, match="whole number"):
        parse_int("1.5 B", "size")
    assert parse_int("1.5 KiB", "size") == 1536


def test_durations_round_up_to_picoseconds() -> None:
    assert parse_ps("2.5 us") == 2_500_000
    assert parse_ps("0.1 ps") == 1
    assert seconds_to_ps(1e-12) == 1


@given(st.integers(1, 10**12), st.integers(1, 10**10))
def test_cycles_never_take_less_time_than_they_need(cycles: int, clock_hz: int) -> None:
    time_ps = cycles_to_ps(cycles, clock_hz)
    assert time_ps * clock_hz >= cycles * 10**12
    assert (time_ps - 1) * clock_hz < cycles * 10**12


def test_many_cycles_do_not_drift_as_a_rounded_period_would() -> None:
    assert cycles_to_ps(3_000_000_000, 3_000_000_000) == 10**12


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_bytes_never_arrive_early(size_bytes: int, bytes_per_s: int) -> None:
    assert bytes_to_ps(size_bytes, bytes_per_s) * bytes_per_s >= size_bytes * 10**12 * (1 - 1e-12)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(1.278e9, "Hz", "1.28 GHz"), (0, "B", "0 B"), (999.9, "B", "1 kB"), (2.5e-6, "s", "2.5 µs"), (-3e3, "W", "-3 kW")],
)
def test_values_are_shown_with_a_fitting_prefix(value: float, unit: str, text: str) -> None:
    assert format_si(value, unit) == text


def test_digits_before_the_point_are_never_an_exponent() -> None:
    assert format_si(0.2149, "s", 2) == "215 ms"
