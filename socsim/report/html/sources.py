"""Where the numbers of a run's configuration come from, for the reader who asks how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CLASSES = {
    "published": "from a document or a measurement that the source names",
    "calibrated": "fitted to the measurements that the source names",
    "derived": "computed from published numbers",
    "simulated": "taken from another simulator",
    "unverified": "general knowledge that nobody checked",
    "assumed": "a guess",
}
"""Kinds of source, the firmest first, and what each means."""

_PREFIXES = {
    "assumed": "assumed",
    "general knowledge": "unverified",
    "calibrated": "calibrated",
    "derived": "derived",
    "simulated": "simulated",
}


@dataclass(frozen=True, slots=True)
class SourcedNumber:
    """A number of the configuration: `units.gpu`, `clock`, its value in base units, where it is from, what kind of
    source that is."""

    part: str
    key: str
    value: Any
    source: str
    kind: str


def classify(source: str) -> str:
    """The kind of a source, by how its text begins; a text without such a beginning is a citation."""
    text = source.strip().lower()
    return next((kind for prefix, kind in _PREFIXES.items() if text.startswith(prefix)), "published")


def sourced_numbers(data: Any, part: str = "") -> Iterator[SourcedNumber]:
    """Every entry of every mapping named `sources` anywhere in the configuration, in its order."""
    if isinstance(data, Mapping):
        sources = data.get("sources")
        if isinstance(sources, Mapping):
            for key, source in sources.items():
                yield SourcedNumber(part, str(key), _value(data, str(key)), str(source), classify(str(source)))
        for key, item in data.items():
            if key != "sources":
                yield from sourced_numbers(item, f"{part}.{key}" if part else str(key))
    elif isinstance(data, list | tuple):
        for number, item in enumerate(data):
            name = item.get("name", number) if isinstance(item, Mapping) else number
            yield from sourced_numbers(item, f"{part}.{name}")


def _value(data: Mapping[str, Any], key: str) -> Any:
    """The value under a key, or under a path of keys with dots."""
    found: Any = data
    for step in key.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
