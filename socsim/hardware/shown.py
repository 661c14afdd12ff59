"""The values of a part as people write them: base units -> text with a unit, by the dimension of the field."""

from __future__ import annotations

from typing import Any, get_args

from socsim.hardware.fields import Dimension
from socsim.hardware.part import Part
from socsim.quantity import PS_PER_S, format_si


def shown_value(part: Part, key: str) -> str:
    """The value under `key` (or `table.entry`) of a part, e.g. `1.3 GHz`."""
    name, _, entry = key.partition(".")
    value = getattr(part, name)
    if entry:
        value = value[entry]
    return shown_quantity(value, dimension_of(type(part).model_fields[name]))


def shown_quantity(value: Any, dimension: Dimension | None) -> str:
    """A value in base units as text with a unit; one without a dimension as it is."""
    if dimension is None or value is None:
        return f"{value:.10g}" if isinstance(value, float) else str(value)
    if isinstance(value, list | tuple):
        return " … ".join(shown_quantity(item, dimension) for item in value)
    if dimension.key == "time":
        return format_si(value / PS_PER_S, "s", 4)
    if dimension.key == "size":
        return shown_size(value)
    if dimension.key == "area":
        return f"{value:g} mm2"
    return format_si(value, dimension.unit, 4)


def shown_size(size_bytes: int) -> str:
    """Bytes of a memory, in binary units where they come out even: `8 MiB`."""
    for unit, factor in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if factor <= size_bytes < 1024 * factor and size_bytes % (factor // 4) == 0:
            return f"{size_bytes / factor:g} {unit}"
    return format_si(size_bytes, "B")


def dimension_of(annotation: Any) -> Dimension | None:
    """The `Dimension` of a field, also inside an optional one."""
    for item in (*getattr(annotation, "metadata", ()), *getattr(annotation, "__metadata__", ())):
        if isinstance(item, Dimension):
            return item
    inner = getattr(annotation, "annotation", annotation)
    for argument in get_args(inner) if inner is not annotation else get_args(annotation):
        found = dimension_of(argument) if argument is not type(None) else None
        if found is not None:
            return found
    return None
