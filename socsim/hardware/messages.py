"""Validation errors in the user's words: what was expected, what was found, which known name is near."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from socsim.registry import did_you_mean


def problem(kind: str, message: str, location: tuple[str | int, ...], value: object = None) -> InitErrorDetails:
    """One error for `ValidationError.from_exception_data`, with a message of our own."""
    # pydantic fills "{name}" from a context; there is none, so braces in a user's text stay as they are
    return InitErrorDetails(type=PydanticCustomError(kind, message), loc=location, input=value)


def unknown_key(key: str, known: Iterable[str]) -> str:
    """The message for a key that does not exist."""
    return f"unknown key '{key}': {did_you_mean(key, known)}"


def readable(error: ValidationError, title: str, known: list[str]) -> ValidationError:
    """The same errors with readable messages; `known` are the keys of the model that found them.

    Errors of nested models arrive here already reworded: their types are none of pydantic's, so they pass unchanged.
    """
    items = [item for item in error.errors() if not _is_echo(item)]
    return ValidationError.from_exception_data(title, [_reworded(item, known) for item in items])


def _is_echo(item: ErrorDetails) -> bool:
    """pydantic counts entries that failed as missing; their own errors are there already."""
    return item["type"] == "too_short" and len(item["input"]) >= item["ctx"]["min_length"]


def _reworded(item: ErrorDetails, known: list[str]) -> InitErrorDetails:
    if item["type"] == "extra_forbidden":
        return problem("unknown_key", unknown_key(str(item["loc"][-1]), known), item["loc"], item["input"])
    say = _WORDS.get(item["type"])
    message = say(item) if say is not None else item["msg"]
    return problem(f"socsim_{item['type']}" if say is not None else item["type"], message, item["loc"], item["input"])


def _expected(what: str) -> Callable[[ErrorDetails], str]:
    return lambda item: f"expected {what}, got {_shown(item['input'])}"


def _bound(words: str, limit: str) -> Callable[[ErrorDetails], str]:
    return lambda item: f"must be {words} {item['ctx'][limit]}, got {_shown(item['input'])}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


_WORDS: dict[str, Callable[[ErrorDetails], str]] = {
    "missing": lambda item: "one entry is missing" if isinstance(item["loc"][-1], int) else "required key is missing",
    "int_type": _expected("a whole number"),
    "int_from_float": _expected("a whole number"),
    "int_parsing": _expected("a whole number"),
    "float_type": _expected("a number"),
    "float_parsing": _expected("a number"),
    "finite_number": _expected("a finite number"),
    "string_type": _expected("text"),
    "bool_type": _expected("true or false"),
    "bool_parsing": _expected("true or false"),
    "tuple_type": _expected("a list"),
    "dict_type": _expected("a mapping of names to values"),
    "model_type": _expected("a mapping of keys to values"),
    "model_attributes_type": _expected("a mapping of keys to values"),
    "literal_error": lambda item: f"expected {item['ctx']['expected']}, got {_shown(item['input'])}",
    "value_error": lambda item: str(item["ctx"]["error"]),
    "greater_than": _bound("greater than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
    "too_short": lambda item: f"needs at least {item['ctx']['min_length']} entry",
    "too_long": lambda item: f"takes at most {item['ctx']['max_length']} entries",
    "string_pattern_mismatch": lambda item: (
        f"{_shown(item['input'])} does not match {item['ctx']['pattern']}: lower "
        "case letters, digits and underscores, a letter first"
    ),
}
