"""Enough of JSON Schema to check the schema of hardware files against data; an unknown keyword is an error."""

from __future__ import annotations

import re
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list, tuple), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_ANNOTATIONS = {"title", "description", "default", "examples", "$schema", "$defs"}


def violations(data: Any, schema: Any, root: dict[str, Any], path: str = "") -> list[str]:
    """Where `data` breaks `schema`."""
    if isinstance(schema, bool):
        return [] if schema else [f"{path}: not allowed"]
    found: list[str] = []
    for keyword, rule in schema.items():
        if keyword not in _ANNOTATIONS:
            found += _check(keyword, rule, data, schema, root, path)
    return found


def _check(keyword: str, rule: Any, data: Any, schema: Any, root: dict[str, Any], path: str) -> list[str]:
    match keyword:
        case "$ref":
            return violations(data, root["$defs"][rule.removeprefix("#/$defs/")], root, path)
        case "type":
            wanted = _TYPES[rule]
            fits = isinstance(data, wanted) and (bool in wanted or not isinstance(data, bool))
            return [] if fits else [f"{path}: no {rule}"]
        case "anyOf" | "oneOf":
            fitting = sum(not violations(data, option, root, path) for option in rule)
            return [] if fitting == 1 or (fitting and keyword == "anyOf") else [f"{path}: {fitting} of {keyword} fit"]
        case "const":
            return [] if data == rule else [f"{path}: not {rule!r}"]
        case "enum":
            return [] if data in rule else [f"{path}: {data!r} is none of {rule}"]
        case "pattern":
            return [] if not isinstance(data, str) or re.search(rule, data) else [f"{path}: {data!r} !~ {rule}"]
        case "required":
            return [f"{path}: no {key}" for key in rule if isinstance(data, dict) and key not in data]
        case "properties":
            keys = [key for key in rule if isinstance(data, dict) and key in data]
            return [error for key in keys for error in violations(data[key], rule[key], root, f"{path}.{key}")]
        case "additionalProperties":
            keys = [key for key in data if key not in schema.get("properties", {})] if isinstance(data, dict) else []
            return [error for key in keys for error in violations(data[key], rule, root, f"{path}.{key}")]
        case "propertyNames":
            keys = list(data) if isinstance(data, dict) else []
            return [error for key in keys for error in violations(key, rule, root, f"{path}.{key}")]
        case "items":
            entries = data if isinstance(data, list | tuple) else ()
            return [error for i, item in enumerate(entries) for error in violations(item, rule, root, f"{path}.{i}")]
        case "minItems" | "maxItems" | "minProperties":
            sign = 1 if keyword.startswith("min") else -1
            fits = not hasattr(data, "__len__") or sign * (len(data) - rule) >= 0
            return [] if fits else [f"{path}: {keyword} {rule}"]
        case "minimum":
            return [] if not isinstance(data, int | float) or data >= rule else [f"{path}: < {rule}"]
        case "maximum":
            return [] if not isinstance(data, int | float) or data <= rule else [f"{path}: > {rule}"]
        case "exclusiveMinimum":
            return [] if not isinstance(data, int | float) or data > rule else [f"{path}: <= {rule}"]
        case _:
            raise AssertionError(f"{path}: the checker knows no keyword '{keyword}'")
