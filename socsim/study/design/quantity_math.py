"""Arithmetic on numbers and quantities, with the dimensions watched over."""

from __future__ import annotations

from fractions import Fraction

from socsim.errors import ConfigError
from socsim.study.design.value import Quantity, Value, quantity, shown

_LARGEST_BITS = 4096
"""Whole numbers beyond this are an accident; refusing them keeps arithmetic quick whatever a file says."""


def plain_number(value: Value) -> int | float:
    """A number without a dimension; `ConfigError` for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(value, int) and value.bit_length() > _LARGEST_BITS:
            raise ConfigError("", "the number is too large")
        return value
    if isinstance(value, Quantity):
        raise ConfigError("", f"expected a plain number, got {value}; divide it by a quantity such as '1 {value.unit}'")
    raise ConfigError("", f"expected a number, got {shown(value)!r}")


def negate(value: Value) -> Value:
    """The value with the other sign."""
    return quantity(-value.value, value.dimension) if isinstance(value, Quantity) else -plain_number(value)


def add(left: Value, right: Value) -> Value:
    """The sum: of two numbers, or of two quantities of one dimension."""
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        _alike(left, right)
        return quantity(left.value + right.value, left.dimension)
    if isinstance(left, Quantity) or isinstance(right, Quantity):
        raise ConfigError("", f"{shown(left)} and {shown(right)} cannot be added: one has a unit, the other has none")
    return plain_number(left) + plain_number(right)


def multiply(left: Value, right: Value) -> Value:
    """The product: a quantity may be scaled by a number."""
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        raise ConfigError("", f"{left} and {right} cannot be multiplied: only one factor may have a unit")
    if isinstance(left, Quantity):
        return quantity(left.value * Fraction(plain_number(right)), left.dimension)
    if isinstance(right, Quantity):
        return multiply(right, left)
    return plain_number(left) * plain_number(right)


def divide(left: Value, right: Value) -> Value:
    """The quotient: of two quantities of one dimension it is a plain number."""
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        _alike(left, right)
        ratio = left.value / right.value
        return int(ratio) if ratio.denominator == 1 else float(ratio)
    if isinstance(right, Quantity):
        raise ConfigError("", f"{shown(left)} cannot be divided by {right}: a unit would end up below the line")
    if isinstance(left, Quantity):
        return quantity(left.value / Fraction(plain_number(right)), left.dimension)
    return plain_number(left) / plain_number(right)


def compare(left: Value, right: Value) -> int:
    """-1, 0 or 1 as `left` is less than, equal to or greater than `right`."""
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        _alike(left, right)
        return (left.value > right.value) - (left.value < right.value)
    if isinstance(left, str) and isinstance(right, str):
        raise ConfigError("", f"{left!r} and {right!r} are text: compare them with == or 'in'")
    if isinstance(left, Quantity) or isinstance(right, Quantity):
        raise ConfigError(
            "", f"{shown(left)} and {shown(right)} cannot be compared: one has a unit, the other has none"
        )
    one, other = plain_number(left), plain_number(right)
    return (one > other) - (one < other)


def _alike(left: Quantity, right: Quantity) -> None:
    if left.dimension != right.dimension:
        names = f"a {left.dimension.replace('_', ' ')} and a {right.dimension.replace('_', ' ')}"
        raise ConfigError("", f"{left} and {right} are {names}")
