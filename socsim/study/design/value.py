"""Values of a study: numbers, text, truth, lists, and quantities such as `1.4 GHz` that keep their unit.

A quantity is exact and lies in the base unit of its dimension. What arithmetic or an interpolation makes of it is
rounded to whole base units where the dimension has them (hertz, bytes), so that hardware files accept it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from fractions import Fraction

from socsim.errors import ConfigError
from socsim.hardware.yaml_tree import Mapping, Node, Scalar
from socsim.quantity import UNITS, format_si, parse_exact

_WHOLE = ("frequency", "size", "transfer_rate")
"""Dimensions measured in whole base units."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a dimension (a key of `socsim.quantity.UNITS`), in base units; `text` is as the user wrote it."""

    value: Fraction
    dimension: str
    text: str = field(default="", compare=False)

    @property
    def number(self) -> int | float:
        """The value in base units: whole where it is whole."""
        return int(self.value) if self.value.denominator == 1 else float(self.value)

    @property
    def unit(self) -> str:
        """The base unit."""
        return BASE_UNITS[self.dimension]

    def __str__(self) -> str:
        return self.text or f"{self.number!r} {self.unit}"


Value = int | float | bool | str | Quantity | tuple["Value", ...] | None


def _base_units() -> dict[str, str]:
    return {dimension: next(u for u, factor in table.items() if factor == 1) for dimension, table in UNITS.items()}


def _dimensions() -> dict[str, str]:
    """Unit -> dimension, for the units that belong to one dimension only."""
    found: dict[str, list[str]] = {}
    for dimension, table in UNITS.items():
        for unit in table:
            found.setdefault(unit, []).append(dimension)
    return {unit: names[0] for unit, names in found.items() if len(names) == 1}


BASE_UNITS = _base_units()
"""Dimension -> the unit that numbers without a prefix are in."""

_DIMENSION_OF = _dimensions()
_NUMBER_AND_UNIT = re.compile(r"\s*[+-]?[0-9][0-9_.]*(?:[eE][+-]?[0-9]+)?\s*([^\s0-9].*?)\s*")


def value_of(node: Node) -> Value:
    """The value that a node of a study file stands for; `ConfigError` for a mapping."""
    if isinstance(node, Scalar):
        return from_text(node.value) if isinstance(node.value, str) else node.value
    if isinstance(node, Mapping):
        raise ConfigError(str(node.mark), "expected a value or a list of values, got a mapping")
    return tuple(value_of(item) for item in node.items)


def from_text(text: str) -> Value:
    """A quantity where the text is a number with a known unit; the text itself otherwise."""
    found = _NUMBER_AND_UNIT.fullmatch(text)
    dimension = _DIMENSION_OF.get(found[1]) if found else None
    if dimension is None:
        return text
    try:
        return Quantity(parse_exact(text, dimension), dimension, text)
    except ConfigError:
        return text


def quantity(number: Fraction | float, dimension: str) -> Quantity:
    """A computed quantity; rounded to whole base units where its dimension has them."""
    exact = Fraction(number)
    if dimension in _WHOLE:
        exact = Fraction(round(exact))
    return Quantity(exact, dimension)


def plain(value: Value) -> int | float | bool | str | None:
    """The value as a table holds it: quantities as numbers in base units, lists as text."""
    if isinstance(value, Quantity):
        return value.number
    if isinstance(value, tuple):
        return " + ".join(str(plain(item)) for item in value)
    return value


def canonical(value: Value) -> object:
    """The value as JSON data that is the same for equal values however they were written (`1.4 GHz`, `1400 MHz`)."""
    if isinstance(value, Quantity):
        return {value.dimension: str(value.value)}
    if isinstance(value, tuple):
        return [canonical(item) for item in value]
    return value


def as_yaml(value: Value) -> str:
    """The value as `--set KEY=` takes it."""
    if isinstance(value, tuple):
        return "[" + ", ".join(as_yaml(item) for item in value) + "]"
    if isinstance(value, Quantity):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def shown(value: Value) -> str:
    """The value as people read it."""
    if isinstance(value, tuple):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, Quantity) and not value.text:
        return format_si(float(value.value), value.unit, digits=5)
    if isinstance(value, float):
        return f"{value:.6g}"
    return "none" if value is None else str(value)
