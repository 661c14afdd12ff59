"""Options of a run as values of a study file: the fields of `RunOptions`, by the names that `socsim run` uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from socsim.engine.schedulers import schedulers
from socsim.errors import ConfigError, ConfigFileError
from socsim.mapping.placement import placements
from socsim.registry import did_you_mean
from socsim.simulation import RunOptions, load_components
from socsim.study.design.value import Value, shown
from socsim.transform import transform_of, weight_format
from socsim.workload.dtype import dtype

LENGTHS = "lengths."
"""`lengths.seq` is the symbolic length `seq` of a workload."""

TRANSFORMS = "transforms"

_NAMED: dict[str, Callable[[str], object]] = {
    "precision": dtype,
    "weights": weight_format,
    "place": placements.get,
    "scheduler": schedulers.get,
}
"""Options that name something that can be looked up before anything runs."""


@cache
def option_types() -> dict[str, Any]:
    """Option name -> its type, for the options that a study may set."""
    hints = get_type_hints(RunOptions)
    return {field.name: hints[field.name] for field in fields(RunOptions) if field.name != "lengths"}


def is_option(name: str) -> bool:
    return name in option_types() or (name.startswith(LENGTHS) and len(name) > len(LENGTHS))


def checked_option(name: str, value: Value) -> object:
    """The value as `RunOptions` takes it; `ConfigError` (without a place) where it is of the wrong type or unknown."""
    if name.startswith(LENGTHS):
        return _typed(name, int, value)
    types = option_types()
    if name not in types:
        raise ConfigError("", f"unknown option '{name}': {did_you_mean(name, types)}")
    if name == TRANSFORMS:
        return _checked_transforms(value)
    converted = _typed(name, types[name], value)
    look_up = _NAMED.get(name)
    if look_up is not None and isinstance(converted, str):
        load_components()
        try:
            look_up(converted)
        except ConfigError as error:
            raise ConfigError("", error.what) from None
    return converted


def run_options(values: Mapping[str, object]) -> RunOptions:
    """The options of a run from checked values by name."""
    given = {  # JSON knows no tuples
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if not name.startswith(LENGTHS)
    }
    lengths = tuple((name.removeprefix(LENGTHS), value) for name, value in values.items() if name.startswith(LENGTHS))
    return RunOptions(**given, lengths=lengths)  # type: ignore[arg-type]


def _checked_transforms(value: Value) -> tuple[str, ...]:
    """Steps, each a line of YAML; `none` or an empty list leaves a workload as it is."""
    load_components()
    items = value if isinstance(value, tuple) else (value,)
    texts = tuple(str(item) for item in items if item is not None and item not in ("", "none"))
    for text in texts:
        try:
            transform_of(text)
        except ConfigFileError as error:
            raise ConfigError("", f"transforms: {error.errors[0].what}") from None
    return texts


def _typed(name: str, kind: Any, value: Value) -> object:
    if isinstance(kind, UnionType):
        kinds = get_args(kind)
        if value is None and NoneType in kinds:
            return None
        kind = next(item for item in kinds if item is not NoneType)
    if get_origin(kind) is tuple:
        items = value if isinstance(value, tuple) else str(value).split(",")
        return tuple(str(_typed(name, str, item)).strip() for item in items)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind in (int, float, str, bool) and type(value) is kind:
        return value
    words = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
    if kind not in words:
        raise ConfigError("", f"{name} cannot be set in a study file")
    raise ConfigError("", f"{name}: expected {words[kind]}, got {shown(value)!r}")
