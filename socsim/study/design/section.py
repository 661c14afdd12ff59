"""Reading study files strictly: known keys, right types; what is wrong is collected, each error with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from socsim.errors import ConfigError, ConfigFileError, in_order
from socsim.hardware.yaml_tree import Entry, Mapping, Mark, Node, Scalar, Sequence, read_yaml, to_data
from socsim.registry import did_you_mean


class Section:
    """A mapping of a study file. Each getter takes its key; `close` reports the keys that nobody took."""

    def __init__(self, node: Node, path: str, problems: list[ConfigError]) -> None:
        self.path = path
        self.problems = problems
        self.mark = node.mark
        self._known: list[str] = []
        self._entries: dict[str, Entry] = {}
        if isinstance(node, Mapping):
            self._entries = node.entries
        elif not (isinstance(node, Scalar) and node.value is None):
            self.problem(node.mark, f"{path or 'the file'}: expected a mapping of keys to values")

    def problem(self, mark: Mark, what: str) -> None:
        """Note an error at a place."""
        self.problems.append(ConfigError(str(mark), what))

    def entry(self, key: str) -> Entry | None:
        """What stands under a key, or None."""
        self._known.append(key)
        return self._entries.get(key)

    def required(self, key: str, what: str) -> Entry | None:
        """Like `entry`; a missing key is an error."""
        found = self.entry(key)
        if found is None:
            self.problem(self.mark, f"{self._name(key)}: required key is missing: {what}")
        return found

    def section(self, key: str) -> Section:
        """The mapping under a key; an empty one where there is none."""
        found = self.entry(key)
        return Section(found.node if found else Scalar(None, self.mark), self._name(key), self.problems)

    def text(self, key: str, default: str = "") -> str:
        """Text under a key."""
        found = self.entry(key)
        if found is None:
            return default
        if isinstance(found.node, Scalar) and isinstance(found.node.value, str):
            return found.node.value
        self.problem(found.node.mark, f"{self._name(key)}: expected text")
        return default

    def integer(self, key: str, default: int, minimum: int = 0) -> int:
        """A whole number under a key, at least `minimum`."""
        found = self.entry(key)
        if found is None:
            return default
        value = to_data(found.node)
        if isinstance(value, int) and not isinstance(value, bool) and value >= minimum:
            return value
        self.problem(found.node.mark, f"{self._name(key)}: expected a whole number of at least {minimum}")
        return default

    def number(self, key: str, default: float) -> float:
        """A number above zero under a key."""
        found = self.entry(key)
        if found is None:
            return default
        value = to_data(found.node)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
        self.problem(found.node.mark, f"{self._name(key)}: expected a number above zero")
        return default

    def choice(self, key: str, known: tuple[str, ...], default: str) -> str:
        """One of some words under a key."""
        value = self.text(key, default)
        found = self._entries.get(key)
        if value not in known and found is not None:
            self.problem(found.node.mark, f"{self._name(key)}: unknown '{value}': {did_you_mean(value, known)}")
            return default
        return value

    def texts(self, key: str) -> list[tuple[str, Mark]]:
        """A text or a list of texts under a key."""
        found = self.entry(key)
        if found is None:
            return []
        items = found.node.items if isinstance(found.node, Sequence) else (found.node,)
        texts = []
        for item in items:
            if isinstance(item, Scalar) and isinstance(item.value, str):
                texts.append((item.value, item.mark))
            else:
                self.problem(item.mark, f"{self._name(key)}: expected text or a list of texts")
        return texts

    def __iter__(self) -> Iterator[tuple[str, Entry]]:
        """All keys of a mapping whose keys are names of the user's own."""
        for key, entry in self._entries.items():
            self._known.append(key)
            yield key, entry

    def close(self) -> None:
        """Report unknown keys."""
        for key, entry in self._entries.items():
            if key not in self._known:
                name = f"{self.path}: " if self.path else ""
                near = did_you_mean(key, self._known) if self._known else "nothing is known here"
                self.problem(entry.key_mark, f"{name}unknown key '{key}': {near}")

    def _name(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def read_document(path: Path, problems: list[ConfigError]) -> Section:
    """The top of a study file; `ConfigError` where there is no such file."""
    return Section(read_yaml(path, problems), "", problems)


def raise_problems(problems: list[ConfigError]) -> None:
    """Raise all collected errors together, in the order of the file."""
    if problems:
        raise ConfigFileError(in_order(problems))
