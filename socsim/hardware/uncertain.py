"""A number that is known only within bounds: `2 pJ/B`, or `[1 pJ/B, 2 pJ/B, 4 pJ/B]` for least, likely and most."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from socsim.errors import ConfigError
from socsim.hardware.fields import PRECISIONS, Dimension
from socsim.quantity import EXAMPLES, UNITS, parse
from socsim.registry import did_you_mean

_NUM_BOUNDS = 3


class Uncertain(float):
    """The likely value, as a float; `low` and `high` bound it (both equal to it where it is certain)."""

    low: float
    high: float

    def __new__(cls, value: float, low: float | None = None, high: float | None = None) -> Uncertain:
        number = super().__new__(cls, value)
        number.low = float(value if low is None else low)
        number.high = float(value if high is None else high)
        return number

    @property
    def is_certain(self) -> bool:
        """Whether the bounds are the value itself."""
        return self.low == self.high

    def to_data(self) -> float | list[float]:
        """As JSON types: a number, or least, likely and most."""
        return float(self) if self.is_certain else [self.low, float(self), self.high]


def _reader(dimension: str) -> Any:
    def one(value: object, base_units: bool) -> float:
        if base_units and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        try:
            number = parse(value, dimension)
        except ConfigError as error:
            raise ValueError(error.what) from None
        if number < 0:
            raise ValueError("must not be negative")
        return number

    def read(value: object, info: ValidationInfo) -> Uncertain:
        base_units = bool((info.context or {}).get("base_units"))
        if isinstance(value, Uncertain):
            return value
        if isinstance(value, list | tuple):
            if len(value) != _NUM_BOUNDS:
                raise ValueError("a range has three values: [least, likely, most]")
            low, likely, high = (one(item, base_units) for item in value)
            if not low <= likely <= high:
                raise ValueError("a range goes upwards: [least, likely, most]")
            return Uncertain(likely, low, high)
        return Uncertain(one(value, base_units))

    return read


def _schema(dimension: str) -> dict[str, Any]:
    units = "|".join(unit.replace("^", r"\^").replace("°", "°") for unit in UNITS[dimension])
    number = r"[0-9][0-9_]*(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?"
    value = {"type": "string", "pattern": rf"^\s*{number}\s*({units})\s*$", "examples": [EXAMPLES[dimension]]}
    bounds = {"type": "array", "items": value, "minItems": _NUM_BOUNDS, "maxItems": _NUM_BOUNDS}
    return {"anyOf": [value, {**bounds, "description": "least, likely, most"}]}


def _field(dimension: str, unit: str) -> Any:
    return (
        PlainValidator(_reader(dimension)),
        PlainSerializer(Uncertain.to_data),
        WithJsonSchema(_schema(dimension)),
        Dimension(dimension, unit),
    )


UncertainPower = Annotated[Uncertain, *_field("power", "W")]
"""Watts, perhaps with bounds."""
UncertainEnergy = Annotated[Uncertain, *_field("energy", "J")]
"""Joules, perhaps with bounds."""
UncertainEnergyPerByte = Annotated[Uncertain, *_field("energy_per_byte", "J/B")]
"""Joules per byte, perhaps with bounds."""


def _energies(value: object, info: ValidationInfo) -> dict[str, Uncertain]:
    if not isinstance(value, dict) or not value:
        raise ValueError("expected energies by precision, e.g. {fp16: 0.5 pJ}")
    read = _reader("energy")
    energies = {}
    for name, item in value.items():
        if name not in PRECISIONS:
            raise ValueError(f"unknown precision '{name}': {did_you_mean(str(name), PRECISIONS)}")
        energies[name] = read(item, info)
    return energies


EnergyRates = Annotated[
    dict[str, Uncertain],
    PlainValidator(_energies),
    PlainSerializer(lambda energies: {name: energy.to_data() for name, energy in energies.items()}),
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"enum": list(PRECISIONS)},
            "additionalProperties": _schema("energy"),
            "examples": [{"fp16": "0.5 pJ", "fp32": ["1 pJ", "2 pJ", "4 pJ"]}],
        }
    ),
    Field(min_length=1),
]
"""Joules per FLOP by precision, each perhaps with bounds."""
