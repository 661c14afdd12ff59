"""The values of a resolved description one by one: `units.gpu.clock`, its value in base units, its dimension."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from socsim.errors import ConfigError
from socsim.hardware.fabric import FabricGenerator, fabrics
from socsim.hardware.fields import Dimension
from socsim.hardware.shown import dimension_of, shown_quantity
from socsim.hardware.soc import Soc
from socsim.hardware.unit import UnitKinds, UnitParams

SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of a description in base units; `dimension` is None for counts, names and ratios."""

    value: Any
    dimension: Dimension | None

    def __str__(self) -> str:
        return shown_quantity(self.value, self.dimension)


def soc_leaves(data: Mapping[str, Any], unit_models: UnitKinds) -> dict[str, Leaf]:
    """Path as `--set` takes it -> value, of what `Soc.to_data()` returned. Sources are left out.

    A key that this version does not know keeps its value and has no dimension.
    """
    return dict(_leaves(data, Soc, None, "", unit_models))


def plain_leaves(data: Any, path: str = "") -> dict[str, Leaf]:
    """The same for data of no known shape: entries of lists by their name, else by their number."""
    return dict(_leaves(data, None, None, path, None))


def _leaves(
    data: Any, model: type[BaseModel] | None, dimension: Dimension | None, path: str, kinds: UnitKinds | None
) -> Iterator[tuple[str, Leaf]]:
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            if key == SOURCES:
                continue
            field = model.model_fields.get(key) if model is not None else None
            inner = _model_of(field.annotation, value, kinds) if field is not None else None
            known = dimension_of(field) if field is not None else dimension
            yield from _leaves(value, inner, known, f"{path}.{key}" if path else str(key), kinds)
    elif isinstance(data, Sequence) and any(isinstance(item, Mapping) for item in data):
        for number, item in enumerate(data):
            name = item.get("name") if isinstance(item, Mapping) else None
            own = _of_kind(model, item, kinds)
            yield from _leaves(item, own, dimension, f"{path}.{name or number}", kinds)
    else:
        yield path, Leaf(data, dimension)


def _model_of(annotation: Any, value: Any, kinds: UnitKinds | None) -> type[BaseModel] | None:
    """The part that a field holds, directly, in a list, or where it is not None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _of_kind(annotation, value, kinds)
    return next((found for item in get_args(annotation) if (found := _model_of(item, value, kinds))), None)


def _of_kind(model: type[BaseModel] | None, value: Any, kinds: UnitKinds | None) -> type[BaseModel] | None:
    """Units and fabrics are described by their kind's own parameters."""
    if model is None or not isinstance(value, Mapping):
        return model
    try:
        if issubclass(model, UnitParams) and kinds is not None:
            params: type[BaseModel] = kinds.get(str(value.get("kind"))).Params
            return params
        if issubclass(model, FabricGenerator):
            return fabrics.get(str(value.get("kind")))
    except ConfigError:
        return None
    return model
