"""A hardware file with everything it extends, as one tree."""

from __future__ import annotations

import os
from pathlib import Path

from socsim.errors import ConfigError, ConfigFileError
from socsim.hardware.catalog import find_hardware
from socsim.hardware.merge import Merger
from socsim.hardware.yaml_tree import Entry, Mapping, Node, Scalar, parse_yaml

MAX_LAYERS = 20

_Stamp = tuple[Path, int, int]
_MOST_KNOWN = 64
_known: dict[tuple[str, str], tuple[tuple[_Stamp, ...], Mapping]] = {}
"""(path, current folder, which marks are relative to) -> files it was read from, as they were then, and the tree."""


def read_layers(path: Path, problems: list[ConfigError]) -> Mapping:
    """The tree of `path` laid over what its `extends` names: a file relative to itself, or a shipped chip.

    What is wrong but can be read past is added to `problems`; what cannot raises `ConfigError` or `ConfigFileError`.
    A tree without problems is kept while its files do not change: a study loads one chip thousands of times.
    """
    key = (str(path), os.getcwd())
    known = _known.get(key)
    if known is not None and all(_stamp(file) == (file, *rest) for file, *rest in known[0]):
        return known[1]
    found: list[ConfigError] = []
    tree, files = _read_layers(path, found)
    if found:
        problems += found
        return tree
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[key] = (tuple(_stamp(file) for file in files), tree)
    return tree


def _stamp(file: Path) -> _Stamp:
    try:
        status = file.stat()
    except OSError:
        return (file, 0, 0)
    return (file, status.st_mtime_ns, status.st_size)


def _read_layers(path: Path, problems: list[ConfigError]) -> tuple[Mapping, list[Path]]:
    layers: list[Mapping] = []
    seen: list[Path] = []
    next_path: Path | None = path
    where = ""
    while next_path is not None:
        identity = next_path.resolve()
        if identity in seen:
            chain = " -> ".join(item.name for item in (*seen, identity))
            raise ConfigError(where, f"'extends' runs in a circle: {chain}")
        if len(seen) == MAX_LAYERS:
            raise ConfigError(where, f"more than {MAX_LAYERS} files extend one another")
        seen.append(identity)
        tree = _read(next_path, where, problems)
        extends = tree.entries.get("extends")
        layers.append(Mapping({key: entry for key, entry in tree.entries.items() if key != "extends"}, tree.mark))
        if extends is None:
            break
        where = str(extends.node.mark)
        next_path = _extended(extends, next_path.parent)
    merger = Merger(problems)
    merged: Node = merger.clean(layers[-1])
    for layer in reversed(layers[:-1]):
        merged = merger.merge(merged, layer)
    assert isinstance(merged, Mapping)  # both sides of every merge above are mappings
    return merged, seen


def shown(path: Path) -> str:
    """The path as people want it in a message: relative where it lies below the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def _extended(extends: Entry, folder: Path) -> Path:
    where = str(extends.node.mark)
    name = extends.node.value if isinstance(extends.node, Scalar) else None
    if not isinstance(name, str):
        raise ConfigError(where, "extends: expected one file or shipped chip, e.g. '../family/m1.yaml' or 'apple/m1'")
    if Path(name).suffix in (".yaml", ".yml"):
        return folder / name
    try:
        return find_hardware(name)
    except ConfigError as error:
        raise ConfigError(where, f"extends {error}") from None


def _read(path: Path, where: str, problems: list[ConfigError]) -> Mapping:
    name = shown(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(where or name, f"no such file: {name}") from None
    except UnicodeDecodeError:
        what = f"{name} is not a text file in UTF-8" if where else "not a text file in UTF-8"
        raise ConfigError(where or name, what) from None
    except OSError as error:
        raise ConfigError(where or name, f"cannot read {name}: {error.strerror}") from None
    tree = parse_yaml(text, name, problems)
    if not isinstance(tree, Mapping):
        raise ConfigFileError((ConfigError(str(tree.mark), "expected a mapping of keys to values"),))
    return tree
