"""Field types of hardware files: text with a unit in YAML, base units in Python, a pattern in the JSON Schema.

A field written `clock: Frequency` reads `"1.278 GHz"` and holds `1278000000`. A bare number is refused, unless the
validation context says `{"base_units": True}`, as it does when a resolved description is read back from a manifest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo, WithJsonSchema

from socsim.errors import ConfigError
from socsim.hardware.messages import problem
from socsim.quantity import EXAMPLES, UNITS, parse, parse_int, parse_ps
from socsim.registry import did_you_mean


def _reader(read: Callable[[object], float]) -> Callable[[Any, ValidationInfo], float]:
    def validate(value: Any, info: ValidationInfo) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and (info.context or {}).get("base_units"):
            return value
        try:
            return read(value)
        except ConfigError as error:
            raise ValueError(error.what) from None

    return validate


@dataclass(frozen=True, slots=True)
class Dimension:
    """Stands in the annotation of a field that is a quantity; `key` is one of `socsim.quantity.UNITS`, `unit` its base
    unit as people read it (empty where the number is shown in another way)."""

    key: str
    unit: str


def _schema(dimension: str) -> WithJsonSchema:
    units = "|".join(re.escape(unit) for unit in UNITS[dimension])
    number = r"[+-]?[0-9][0-9_]*(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?"
    return WithJsonSchema(
        {"type": "string", "pattern": rf"^\s*{number}\s*({units})\s*$", "examples": [EXAMPLES[dimension]]}
    )


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


PRECISIONS = ("fp64", "fp32", "tf32", "bf16", "fp16", "fp8", "fp4", "int64", "int32", "int16", "int8", "uint8", "int4")
"""Number formats that a unit may compute in."""


def _known_precisions(rates: dict[str, float]) -> dict[str, float]:
    strangers = [name for name in rates if name not in PRECISIONS]
    if strangers:
        raise ValidationError.from_exception_data(
            "rates",
            [
                problem("unknown_key", f"unknown precision '{n}': {did_you_mean(n, PRECISIONS)}", (n,))
                for n in strangers
            ],
        )
    return rates


def _of(dimension: str) -> Callable[[object], float]:
    return lambda value: parse(value, dimension)


Frequency = Annotated[
    int,
    BeforeValidator(_reader(_frequency)),
    AfterValidator(_positive),
    _schema("frequency"),
    Dimension("frequency", "Hz"),
]
"""Hz, a whole number greater than zero."""
Size = Annotated[
    int, BeforeValidator(_reader(_size)), AfterValidator(_not_negative), _schema("size"), Dimension("size", "B")
]
"""Bytes, a whole number."""
Bandwidth = Annotated[
    float,
    BeforeValidator(_reader(_of("bandwidth"))),
    AfterValidator(_positive),
    _schema("bandwidth"),
    Dimension("bandwidth", "B/s"),
]
"""Bytes per second, greater than zero."""
TransferRate = Annotated[
    float,
    BeforeValidator(_reader(_of("transfer_rate"))),
    AfterValidator(_positive),
    _schema("transfer_rate"),
    Dimension("transfer_rate", "T/s"),
]
"""Transfers per second of one pin, greater than zero."""
Duration = Annotated[
    int, BeforeValidator(_reader(parse_ps)), AfterValidator(_not_negative), _schema("time"), Dimension("time", "ps")
]
"""Picoseconds, rounded up."""
Power = Annotated[
    float,
    BeforeValidator(_reader(_of("power"))),
    AfterValidator(_not_negative),
    _schema("power"),
    Dimension("power", "W"),
]
"""Watts."""
Energy = Annotated[
    float,
    BeforeValidator(_reader(_of("energy"))),
    AfterValidator(_not_negative),
    _schema("energy"),
    Dimension("energy", "J"),
]
"""Joules."""
Voltage = Annotated[
    float,
    BeforeValidator(_reader(_of("voltage"))),
    AfterValidator(_positive),
    _schema("voltage"),
    Dimension("voltage", "V"),
]
"""Volts."""
Area = Annotated[
    float,
    BeforeValidator(_reader(_of("area"))),
    AfterValidator(_not_negative),
    _schema("area"),
    Dimension("area", "mm2"),
]
"""Square millimetres."""
Temperature = Annotated[
    float, BeforeValidator(_reader(_of("temperature"))), _schema("temperature"), Dimension("temperature", "K")
]
"""Kelvin."""
Rates = Annotated[
    dict[str, Annotated[float, Field(gt=0)]],
    AfterValidator(_known_precisions),
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"enum": list(PRECISIONS)},
            "additionalProperties": {"type": "number", "exclusiveMinimum": 0},
            "examples": [{"fp32": 256, "fp16": 512}],
        }
    ),
]
"""FLOP per cycle by precision, each greater than zero."""


def quantity_field(dimension: str, unit: str) -> tuple[object, ...]:
    """The annotations of a quantity greater than zero, for `Annotated[float, *quantity_field(...)]`."""
    read = BeforeValidator(_reader(_of(dimension)))
    return read, AfterValidator(_positive), _schema(dimension), Dimension(dimension, unit)
