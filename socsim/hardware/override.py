"""`--set units.gpu.clock="1.4 GHz"`: one value of a configuration from the command line.

The path goes by keys, and through lists of named entries by their names. The value is read as YAML.
"""

from __future__ import annotations

from socsim.errors import ConfigError, ConfigFileError
from socsim.hardware.merge import names
from socsim.hardware.yaml_tree import Entry, Mapping, Mark, Node, Scalar, Sequence, parse_yaml
from socsim.registry import did_you_mean


def override(tree: Node, option: str) -> Node:
    """The tree with one value replaced or added; its source says that it was set by hand.

    Raises `ConfigError`: the option is no `key=value`, the value is no YAML, an entry of that name does not exist.
    """
    path_text, equals, value_text = option.partition("=")
    path = path_text.strip().split(".")
    if not equals or not all(path):
        raise ConfigError(f"--set {option}", "expected KEY=VALUE with a path by names, e.g. units.gpu.cores=24")
    mark = Mark(f"--set {path_text.strip()}")
    changed = _set(tree, path, _value(value_text, mark), mark)
    return _describe(changed, path, Scalar(f"set by hand: --set {option}", mark), mark)


def _set(node: Node, path: list[str], value: Node, mark: Mark) -> Node:
    if not path:
        return value
    key, rest = path[0], path[1:]
    match node:
        case Mapping(entries=entries):
            if key not in entries and not rest:
                return Mapping({**entries, key: Entry(mark, value)}, node.mark)
            inner = entries[key].node if key in entries else Mapping({}, mark)
            key_mark = entries[key].key_mark if key in entries else mark
            return Mapping({**entries, key: Entry(key_mark, _set(inner, rest, value, mark))}, node.mark)
        case Sequence(items=items):
            known = names(node)
            if key not in known:
                raise ConfigError(mark.file, f"no entry '{key}': {did_you_mean(key, known)}")
            at = known.index(key)
            return Sequence((*items[:at], _set(items[at], rest, value, mark), *items[at + 1 :]), node.mark)
        case _:
            raise ConfigError(mark.file, f"'{key}' cannot be set below the value {node.value!r}")


def _describe(node: Node, path: list[str], source: Scalar, mark: Mark) -> Node:
    """Record the source in the innermost part on the path that keeps sources, under the rest of the path."""
    rest = path[1:]
    if isinstance(node, Sequence):
        at = names(node).index(path[0])
        return Sequence(
            (*node.items[:at], _describe(node.items[at], rest, source, mark), *node.items[at + 1 :]), node.mark
        )
    if not isinstance(node, Mapping):
        return node
    inner = node.entries[path[0]]
    if rest and _keeps_sources(inner.node, rest):
        changed = _describe(inner.node, rest, source, mark)
        return Mapping({**node.entries, path[0]: Entry(inner.key_mark, changed)}, node.mark)
    if "sources" not in node.entries or not isinstance(node.entries["sources"].node, Mapping) or path[0] == "sources":
        return node
    sources = node.entries["sources"].node.entries
    key = ".".join(path)
    kept = {name: entry for name, entry in sources.items() if name != key and not name.startswith(f"{key}.")}
    kept[key] = Entry(mark, source)
    described = Mapping(kept, node.entries["sources"].node.mark)
    return Mapping({**node.entries, "sources": Entry(node.entries["sources"].key_mark, described)}, node.mark)


def _keeps_sources(node: Node, path: list[str]) -> bool:
    """Whether a mapping on the way along `path` from `node` has `sources`."""
    if isinstance(node, Sequence):
        return len(path) > 1 and _keeps_sources(node.items[names(node).index(path[0])], path[1:])
    if not isinstance(node, Mapping):
        return False
    if "sources" in node.entries:
        return True
    return len(path) > 1 and _keeps_sources(node.entries[path[0]].node, path[1:])


def _value(text: str, mark: Mark) -> Node:
    if not text.strip():
        return Scalar(None, mark)
    problems: list[ConfigError] = []
    try:
        node = parse_yaml(text, mark.file, problems)
    except ConfigFileError as error:
        problems += error.errors
    if problems:
        raise ConfigError(mark.file, problems[0].what)
    return _relabelled(node, mark)


def _relabelled(node: Node, mark: Mark) -> Node:
    match node:
        case Scalar(value=value):
            return Scalar(value, mark)
        case Sequence(items=items):
            return Sequence(tuple(_relabelled(item, mark) for item in items), mark)
        case Mapping(entries=entries):
            return Mapping({key: Entry(mark, _relabelled(entry.node, mark)) for key, entry in entries.items()}, mark)
