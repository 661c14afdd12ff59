"""A mapping of a scenario file, read strictly: known keys, right types, every error with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TypeVar

from socsim.errors import ConfigError
from socsim.hardware.yaml_tree import Entry, Mapping, Mark, Node, Scalar, Sequence
from socsim.quantity import parse_exact, parse_ps
from socsim.registry import did_you_mean

T = TypeVar("T")


class Section:
    """Getters take a key; a wrong value is noted in `problems` and the default stands in. `close` reports the keys that
    nobody asked for."""

    def __init__(self, node: Node, path: str, problems: list[ConfigError]) -> None:
        self.path = path
        self.problems = problems
        self.mark = node.mark
        self._asked: list[str] = []
        self._entries: dict[str, Entry] = {}
        if isinstance(node, Mapping):
            self._entries = node.entries
        else:
            self.problem(node.mark, f"{path or 'the file'}: expected a mapping of keys to values")

    def problem(self, mark: Mark, what: str) -> None:
        """Note an error at a place."""
        self.problems.append(ConfigError(str(mark), what))

    def name(self, key: str) -> str:
        """The path of a key, for messages."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        """Whether the key is given; asking makes it known."""
        self._asked.append(key)
        return key in self._entries

    def mark_of(self, key: str) -> Mark:
        """Where the value of a key stands."""
        return self._entries[key].node.mark if key in self._entries else self.mark

    def node(self, key: str, what: str = "") -> Node | None:
        """What stands under a key. With `what` the key is required, and that says what it is."""
        if self.has(key):
            return self._entries[key].node
        if what:
            self.problem(self.mark, f"{self.name(key)}: required key is missing: {what}")
        return None

    def value(self, key: str, default: T, read: Callable[[object], T], expected: str) -> T:
        """The scalar under a key, through `read`; `ValueError` and `ConfigError` from there become problems."""
        node = self.node(key)
        if node is None:
            return default
        try:
            if not isinstance(node, Scalar):
                raise ValueError(expected)
            return read(node.value)
        except ConfigError as error:
            self.problem(node.mark, f"{self.name(key)}: {error.what}")
        except ValueError:
            shown = repr(node.value) if isinstance(node, Scalar) else "a mapping or list"
            self.problem(node.mark, f"{self.name(key)}: expected {expected}, got {shown}")
        return default

    def text(self, key: str, default: str = "") -> str:
        """Text."""
        return self.value(key, default, _text, "text")

    def optional_text(self, key: str) -> str | None:
        """Text, or None where the key is not given."""
        return self.text(key) if self.has(key) else None

    def choice(self, key: str, known: tuple[str, ...], default: str) -> str:
        """One of some words."""
        value = self.text(key, default)
        if value in known:
            return value
        self.problem(self.mark_of(key), f"{self.name(key)}: unknown '{value}': {did_you_mean(value, known)}")
        return default

    def integer(self, key: str, default: int, minimum: int = 0) -> int:
        """A whole number."""
        return self.value(key, default, lambda v: _whole(v, minimum), f"a whole number of at least {minimum}")

    def optional_integer(self, key: str, minimum: int = 1) -> int | None:
        """A whole number, or None where the key is not given."""
        return self.integer(key, minimum, minimum) if self.has(key) else None

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """A number within bounds, both included."""
        return self.value(key, default, lambda v: _between(v, low, high), f"a number from {low:g} to {high:g}")

    def duration_ps(self, key: str, default: int = 0) -> int:
        """A time such as 20 ms."""
        return self.value(key, default, duration_ps, "a time such as '20 ms'")

    def size_bytes(self, key: str, default: int = 0) -> int:
        """A size such as 8 MB."""
        return self.value(key, default, _size, "a size such as '8 MB'")

    def texts(self, key: str) -> tuple[tuple[str, Mark], ...]:
        """A text or a list of texts, each with its place."""
        node = self.node(key)
        if node is None:
            return ()
        items = node.items if isinstance(node, Sequence) else (node,)
        found = []
        for item in items:
            if isinstance(item, Scalar) and isinstance(item.value, str):
                found.append((item.value, item.mark))
            else:
                self.problem(item.mark, f"{self.name(key)}: expected text or a list of texts")
        return tuple(found)

    def section(self, key: str) -> Section | None:
        """The mapping under a key, or None where it is not given."""
        node = self.node(key)
        return None if node is None else Section(node, self.name(key), self.problems)

    def items(self) -> Iterator[tuple[str, Entry]]:
        """All keys, where they are names of the user's own."""
        for key, entry in self._entries.items():
            self._asked.append(key)
            yield key, entry

    def close(self) -> None:
        """Report unknown keys."""
        for key, entry in self._entries.items():
            if key not in self._asked:
                where = f"{self.path}: " if self.path else ""
                self.problem(entry.key_mark, f"{where}unknown key '{key}': {did_you_mean(key, set(self._asked))}")


def duration_ps(value: object) -> int:
    """A time, not negative, as picoseconds."""
    time_ps = parse_ps(value)
    if time_ps < 0:
        raise ConfigError("", "must not be negative")
    return time_ps


def flop(value: object) -> int:
    """An amount of arithmetic such as 3 GFLOP, whole and not negative."""
    amount = parse_exact(value, "work")
    if amount < 0 or amount.denominator != 1:
        raise ConfigError("", "must be a whole number of operations, not negative")
    return int(amount)


def rate_hz(value: object) -> Fraction:
    """A rate such as 30 Hz, or the period of one such as 33 ms, exactly; above zero."""
    try:
        rate = parse_exact(value, "frequency")
    except ConfigError:
        period = Fraction(0)
        try:
            period = parse_exact(value, "time")
        except ConfigError:
            raise ConfigError(
                "", f"expected a rate such as '30 Hz' or a period such as '33 ms', got {value!r}"
            ) from None
        rate = 1 / period if period else period
    if rate <= 0:
        raise ConfigError("", "must be greater than zero")
    return rate


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _whole(value: object, minimum: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
        raise ValueError
    return value


def _between(value: object, low: float, high: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError
    return float(value)


def _size(value: object) -> int:
    size = parse_exact(value, "size")
    if size < 0 or size.denominator != 1:
        raise ConfigError("", "must be a whole number of bytes, not negative")
    return int(size)
