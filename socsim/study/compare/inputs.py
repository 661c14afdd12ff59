"""What differs between the resolved inputs of two runs: path by path, with units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from socsim.hardware.leaves import SOURCES, Leaf, plain_leaves, soc_leaves
from socsim.hardware.unit import UnitKinds
from socsim.quantity import PS_PER_S, format_si

_MAPPING = "mapping"
_DERIVED = ("roofs", "dram_peak_bytes_per_s", "record", _MAPPING)
"""Parts of a manifest that follow from the others."""
_HARDWARE = "hardware"
_SUFFIXES = {"_ps": ("s", 1 / PS_PER_S), "_bytes": ("B", 1.0), "_hz": ("Hz", 1.0), "_s": ("s", 1.0)}
"""How a name tells its unit, outside the hardware description."""


@dataclass(frozen=True, slots=True)
class Change:
    """A value that differs. `path` is as `--set` takes it for hardware, else begins with the part of the manifest.

    `before` and `after` are in base units (durations in ps), None where that side has no such value; `before_text` and
    `after_text` are as people write them.
    """

    path: str
    before: Any
    after: Any
    before_text: str
    after_text: str


def input_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], unit_models: UnitKinds
) -> tuple[tuple[Change, ...], int]:
    """All differences of two manifests, in the order of the first, and how many sources of numbers differ."""
    left, right = _leaves(before, unit_models), _leaves(after, unit_models)
    numbers = _sources(before)
    differing_sources = sum(path in numbers and numbers[path] != text for path, text in _sources(after).items())
    return (*leaf_changes(left, right), *_map_file(before, after)), differing_sources


def _map_file(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Where tasks ran follows from the other inputs, unless a map file said so: of that only the path is an option."""
    files = [manifest.get("options", {}).get("map") for manifest in (before, after)]
    if not any(files) or before.get(_MAPPING) == after.get(_MAPPING):
        return ()
    texts = [f"as {file} says" if file else "chosen by the policy" for file in files]
    return (Change(_MAPPING, before.get(_MAPPING), after.get(_MAPPING), texts[0], texts[1]),)


def leaf_changes(left: Mapping[str, Leaf], right: Mapping[str, Leaf]) -> tuple[Change, ...]:
    """Paths whose values differ, in the order of the first; a part that one side lacks altogether is one change."""
    changes: list[Change] = []
    seen: set[str] = set()
    for path in [*left, *[path for path in right if path not in left]]:
        one, other = left.get(path), right.get(path)
        if one is not None and other is not None:
            if one.value != other.value:
                changes.append(_changed(path, one, other))
            continue
        whole = _missing_part(path, right if other is None else left)
        if whole not in seen:
            seen.add(whole)
            present = left if other is None else right
            changes.append(_missing(whole, present, other is None))
    return tuple(changes)


def _leaves(manifest: Mapping[str, Any], unit_models: UnitKinds) -> dict[str, Leaf]:
    found = soc_leaves(manifest.get(_HARDWARE, {}), unit_models)
    # a chip's own name and text would read like a part of it
    found = {f"hardware.{path}" if "." not in path else path: leaf for path, leaf in found.items()}
    for key, value in manifest.items():
        if key != _HARDWARE and key not in _DERIVED:
            found |= plain_leaves(value, key)
    return found


def _changed(path: str, one: Leaf, other: Leaf) -> Change:
    texts = _text(path, one), _text(path, other)
    if texts[0] == texts[1]:  # they differ further on than people read
        texts = repr(one.value), repr(other.value)
    return Change(path, one.value, other.value, *texts)


def _missing(path: str, present: Mapping[str, Leaf], in_first: bool) -> Change:
    leaf = present.get(path)
    if leaf is None:
        count = sum(name.startswith(f"{path}.") for name in present)
        leaf = Leaf(f"present, {count} values", None)
    text = _text(path, leaf)
    return Change(path, leaf.value, None, text, "–") if in_first else Change(path, None, leaf.value, "–", text)


def _missing_part(path: str, other: Mapping[str, Leaf]) -> str:
    """The largest part around a path of which the other side has nothing: a whole unit rather than each parameter."""
    steps = path.split(".")
    for length in range(1, len(steps)):
        part = ".".join(steps[:length])
        if part not in other and not any(name.startswith(f"{part}.") for name in other):
            return part
    return path


def _text(path: str, leaf: Leaf) -> str:
    value = leaf.value
    if leaf.dimension is None:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if value is None or value in ([], {}, ""):
            return "–"
        if isinstance(value, int | float):
            for suffix, (unit, factor) in _SUFFIXES.items():
                if path.endswith(suffix):
                    return format_si(value * factor, unit, 4)
        if isinstance(value, list):
            return ", ".join(str(item) for item in value)
    return str(leaf)


def _sources(manifest: Mapping[str, Any]) -> dict[str, str]:
    return dict(_walk_sources(manifest.get(_HARDWARE, {}), ""))


def _walk_sources(data: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == SOURCES and isinstance(value, Mapping):
                yield from ((f"{path}.{name}", str(text)) for name, text in value.items())
            else:
                yield from _walk_sources(value, f"{path}.{key}")
    elif isinstance(data, list):
        for number, item in enumerate(data):
            name = item.get("name", number) if isinstance(item, Mapping) else number
            yield from _walk_sources(item, f"{path}.{name}")
