"""Plain YAML scalars by the YAML 1.2 core rules, so that `on`, `off`, `yes` and `1:30` stay the text they look like."""

from __future__ import annotations

import re

ScalarValue = str | int | float | bool | None

_WORDS: dict[str, ScalarValue] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_NUMBER = 400
"""Digits of a number beyond which it is taken as text: no quantity needs them, and int() is quadratic in them."""


def plain_scalar(text: str) -> ScalarValue:
    """The value of an unquoted scalar."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", ""))
    return text
