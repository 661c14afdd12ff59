"""YAML text -> a tree whose every key and value knows its file, line and column.

Only plain data is read: mappings with text keys, lists, scalars. Tags, anchors with aliases and merge keys are refused
(nothing is executed, nothing expands), as are duplicate keys, several documents, and very large or deep files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from socsim.errors import ConfigError, ConfigFileError
from socsim.hardware.yaml_scalar import ScalarValue, plain_scalar

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 40

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; `line` 0 means that `file` names an option instead."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Scalar:
    value: ScalarValue
    mark: Mark


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Entry:
    """The value of a key, and where the key stands."""

    key_mark: Mark
    node: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    entries: dict[str, Entry]
    mark: Mark

    def scalar(self, key: str) -> ScalarValue:
        """The scalar under `key`; None where there is none."""
        entry = self.entries.get(key)
        return entry.node.value if entry is not None and isinstance(entry.node, Scalar) else None


Node = Scalar | Sequence | Mapping


def read_yaml(path: Path, problems: list[ConfigError]) -> Node:
    """The tree of a file; `ConfigError` where there is no such file or it is no text, else as `parse_yaml`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(str(path), "no such file") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "not a text file in UTF-8") from None
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from None
    return parse_yaml(text, str(path), problems)


def parse_yaml(text: str, file: str, problems: list[ConfigError]) -> Node:
    """The tree of one document. Duplicate keys and the like are added to `problems`; text that is no YAML at all, or
    that could be harmful to read on, raises `ConfigFileError`."""
    if len(text) > MAX_CHARACTERS:
        raise ConfigFileError((ConfigError(file, f"larger than {MAX_CHARACTERS} characters"),))
    try:
        _refuse_expansion(text, file)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        where = Mark(file)
        for at in (error.problem_mark, error.context_mark):
            if at is not None:
                where = Mark(file, at.line + 1, at.column + 1)
                break
        context = f" {error.context}" if error.context else ""
        raise ConfigFileError((ConfigError(str(where), f"not valid YAML: {error.problem}{context}"),)) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        where = Mark(file, before.count("\n") + 1, error.position - before.rfind("\n"))
        what = f"not valid YAML: character #x{error.character:04x} is not allowed"
        raise ConfigFileError((ConfigError(str(where), what),)) from None
    except yaml.YAMLError as error:
        raise ConfigFileError((ConfigError(file, f"not valid YAML: {error}"),)) from None
    if node is None:
        raise ConfigFileError((ConfigError(file, "is empty"),))
    return _build(node, file, problems)


def to_data(node: Node) -> Any:
    """The tree as dicts, tuples and scalars."""
    match node:
        case Scalar(value=value):
            return value
        case Sequence(items=items):
            return tuple(to_data(item) for item in items)
        case Mapping(entries=entries):
            return {key: to_data(entry.node) for key, entry in entries.items()}


def mark_at(node: Node, location: tuple[int | str, ...], of_key: bool = False) -> Mark:
    """The place of the value on a path, as far as the path goes; of its key where the key itself is wrong."""
    mark = node.mark
    for depth, step in enumerate(location, 1):
        if isinstance(node, Mapping) and step in node.entries:
            entry = node.entries[str(step)]
            mark = entry.key_mark if of_key and depth == len(location) else entry.node.mark
            node = entry.node
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            mark = node.mark
        else:
            break
    return mark


def _refuse_expansion(text: str, file: str) -> None:
    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=_Loader):
        where = Mark(file, event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.AliasEvent):
            what = f"alias '*{event.anchor}' is not allowed here; use 'extends' to share values"
            raise ConfigFileError((ConfigError(str(where), what),))
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise ConfigFileError((ConfigError(str(where), f"tag '{tag}' is not allowed, only plain data is"),))
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ConfigFileError((ConfigError(str(where), f"nested deeper than {MAX_DEPTH} levels"),))


def _build(node: yaml.Node, file: str, problems: list[ConfigError]) -> Node:
    mark = _mark(node, file)
    if isinstance(node, yaml.ScalarNode):
        # a plain scalar has no style; quoted ones and blocks are text whatever they look like
        return Scalar(node.value if node.style else plain_scalar(node.value), mark)
    if isinstance(node, yaml.SequenceNode):
        return Sequence(tuple(_build(item, file, problems) for item in node.value), mark)
    entries: dict[str, Entry] = {}
    for key_node, value_node in node.value:
        key_mark = _mark(key_node, file)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(ConfigError(str(key_mark), "a key must be plain text"))
            continue
        key = key_node.value
        if key == "<<":
            problems.append(ConfigError(str(key_mark), "merge key '<<' is not allowed; use 'extends' to share values"))
            continue
        value = _build(value_node, file, problems)
        if key in entries:
            first = entries[key].key_mark
            problems.append(ConfigError(str(key_mark), f"key '{key}' is given twice, first in line {first.line}"))
            continue
        entries[key] = Entry(key_mark, value)
    return Mapping(entries, mark)


def _mark(node: yaml.Node, file: str) -> Mark:
    return Mark(file, node.start_mark.line + 1, node.start_mark.column + 1)
