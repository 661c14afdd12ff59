"""Field types of hardware files: text with a unit in YAML, base units in Python, a pattern in the JSON Schema.

A field written `clock: Frequency` reads `"1.278 GHz"` and holds `1278000000`. A bare number is refused, unless the
validation context says `{"base_units": True}`, as it does when a resolved description is read back from a manifest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, WithJsonSchema

from socsim.errors import ConfigError
from socsim.quantity import EXAMPLES, parse, parse_int, parse_ps


def _reader(read: Callable[[object], float]) -> Callable[[Any, ValidationInfo], float]:
    def validate(value: Any, info: ValidationInfo) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and (info.context or {}).get("base_units"):
            return value
        try:
            return read(value)
        except ConfigError as error:
            raise ValueError(error.what) from None

    return validate


def _schema(dimension: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": r"^\s*[0-9]", "examples": [EXAMPLES[dimension]]})


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("must be greater than zero")
    return value


def _not_negative(value: float) -> float:
    if value < 0:
        raise ValueError("must not be negative")
    return value


def _frequency(value: object) -> int:
    return parse_int(value, "frequency")


def _size(value: object) -> int:
    return parse_int(value, "size")


def _of(dimension: str) -> Callable[[object], float]:
    return lambda value: parse(value, dimension)


Frequency = Annotated[int, BeforeValidator(_reader(_frequency)), AfterValidator(_positive), _schema("frequency")]
"""Hz, a whole number greater than zero."""
Size = Annotated[int, BeforeValidator(_reader(_size)), AfterValidator(_not_negative), _schema("size")]
"""Bytes, a whole number."""
Bandwidth = Annotated[
    float, BeforeValidator(_reader(_of("bandwidth"))), AfterValidator(_positive), _schema("bandwidth")
]
"""Bytes per second, greater than zero."""
Duration = Annotated[int, BeforeValidator(_reader(parse_ps)), AfterValidator(_not_negative), _schema("time")]
"""Picoseconds, rounded up."""
Power = Annotated[float, BeforeValidator(_reader(_of("power"))), AfterValidator(_not_negative), _schema("power")]
"""Watts."""
Energy = Annotated[float, BeforeValidator(_reader(_of("energy"))), AfterValidator(_not_negative), _schema("energy")]
"""Joules."""
EnergyPerByte = Annotated[
    float, BeforeValidator(_reader(_of("energy_per_byte"))), AfterValidator(_not_negative), _schema("energy_per_byte")
]
"""Joules per byte."""
Voltage = Annotated[float, BeforeValidator(_reader(_of("voltage"))), AfterValidator(_positive), _schema("voltage")]
"""Volts."""
Area = Annotated[float, BeforeValidator(_reader(_of("area"))), AfterValidator(_not_negative), _schema("area")]
"""Square millimetres."""
Temperature = Annotated[float, BeforeValidator(_reader(_of("temperature"))), _schema("temperature")]
"""Kelvin."""
ElementRate = Annotated[
    float, BeforeValidator(_reader(_of("throughput"))), AfterValidator(_positive), _schema("throughput")
]
"""Elements (or other things counted) per second, written "5 G/s"."""
