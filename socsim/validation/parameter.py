"""A parameter of the hardware that a fit may move: where it stands, on which chips, how far it may go."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from pydantic import BaseModel

from socsim.errors import ConfigError
from socsim.hardware import Soc
from socsim.hardware.shown import dimension_of
from socsim.quantity import PS_PER_S, parse


@dataclass(frozen=True, slots=True)
class Parameter:
    """`key` is a path as `--set` takes it (`units.gpu.launch`). The chips that match `hardware` share one value.

    `low` and `high` bound it, in base units. `prior` (a value, and a standard deviation as a factor of it) pulls it
    where the data leaves it free.
    """

    name: str
    key: str
    hardware: tuple[str, ...] = ("*",)
    low: float = 0.0
    high: float = math.inf
    prior: tuple[float, float] | None = None

    def applies(self, hardware: str) -> bool:
        return any(fnmatchcase(hardware, pattern) for pattern in self.hardware)


Values = Mapping[Parameter, float]
"""Values of parameters in base units."""


def current(parameter: Parameter, soc: Soc) -> float:
    """The value a chip has now, in base units; `ConfigError` where there is none or it is no number."""
    part, field = _locate(parameter.key, soc)
    value = getattr(part, field) if isinstance(part, BaseModel) else part.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"--free {parameter.key}", f"is {value!r} on {soc.name}, not a number that can be fitted")
    return float(value)


def setting(parameter: Parameter, value: float, soc: Soc) -> str:
    """The `--set` option that gives a chip this value."""
    unit = unit_of(parameter.key, soc)
    number = str(round(value)) if unit in ("ps", "B", "Hz") else repr(value)
    return f"{parameter.key}={number} {unit}".rstrip()


def unit_of(key: str, soc: Soc) -> str:
    """The base unit of a value by its path; empty for a plain number."""
    part, field = _locate(key, soc)
    if not isinstance(part, BaseModel) or field not in type(part).model_fields:
        return ""
    found = dimension_of(type(part).model_fields[field])
    return found.unit if found is not None else ""


def limits(parameter: Parameter, soc: Soc) -> tuple[float, float]:
    """The values that the field allows, above zero; `ConfigError` for a whole number such as a count of cores."""
    part, field = _locate(parameter.key, soc)
    low, high = 0.0, math.inf
    if isinstance(part, BaseModel) and field in type(part).model_fields:
        info = type(part).model_fields[field]
        if info.annotation is int and dimension_of(info) is None:
            raise ConfigError(f"--free {parameter.key}", "is a count, which cannot be fitted; change it with --set")
        for item in info.metadata:
            low = max(low, float(getattr(item, "ge", None) or getattr(item, "gt", None) or 0.0))
            top = getattr(item, "le", None)
            high = min(high, float(top) if top is not None else math.inf)
    return low, high


def _locate(key: str, soc: Soc) -> tuple[Any, str]:
    """The part (or table) that holds the last step of a path, and that step."""
    part: Any = soc
    *path, field = key.split(".")
    for step in path:
        if isinstance(part, tuple):
            part = next((item for item in part if item.name == step), None)
        elif isinstance(part, Mapping):
            part = part.get(step)
        else:
            part = getattr(part, step, None)
        if part is None:
            raise ConfigError(f"--free {key}", f"{soc.name} has no '{step}'")
    known = field in part if isinstance(part, Mapping) else hasattr(part, field)
    if not known:
        raise ConfigError(f"--free {key}", f"{soc.name} has no '{field}' there")
    return part, field


def read_value(text: object) -> float:
    """A bound or a prior as people write it (`"5 us"`, `0.7`) in base units; times become picoseconds."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        return float(text)
    for dimension, scale in (("time", PS_PER_S), ("bandwidth", 1), ("size", 1), ("frequency", 1)):
        try:
            return parse(text, dimension) * scale
        except ConfigError:
            continue
    raise ConfigError("", f"{text!r} is no value such as 0.7, '5 us', '60 GB/s' or '2 MiB'")
