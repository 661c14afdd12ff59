"""Laying one tree over another: how a file that `extends` another changes it.

- Mappings merge key by key; `key: null` forgets an inherited value, so that the default applies.
- Lists whose entries are all mappings with a `name` merge by name: an entry of a known name changes the inherited one,
  a new name is appended, `{name: x, remove: true}` takes the inherited one away; a new name with `like: y`
  starts from the entry `y` that is inherited or stands before it. Other lists (an empty one too) are replaced whole.
- `sources` follow the values they describe: a value that is set anew loses its inherited source and takes the one that
  its own file gives, by key or by `"*"`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from socsim.errors import ConfigError
from socsim.hardware.yaml_tree import Entry, Mapping, Node, Scalar, Sequence
from socsim.registry import did_you_mean

_NOT_DESCRIBED = ("sources", "name", "kind", "extends", "like")


@dataclass(slots=True)
class Merger:
    """Merges layers of one configuration; collects what is wrong in `problems`."""

    problems: list[ConfigError] = field(default_factory=list)

    def merge(self, base: Node, over: Node) -> Node:
        """`over` laid over `base`; neither is changed."""
        if isinstance(base, Mapping) and isinstance(over, Mapping):
            return self._merge_mappings(base, over)
        if isinstance(base, Sequence) and isinstance(over, Sequence) and names(base) and names(over):
            return self._merge_named(base, over)
        return self.clean(over)

    def clean(self, node: Node) -> Node:
        """A layer without anything to inherit from: `"*"` of its sources spelt out, `remove` refused."""
        match node:
            case Sequence(items=items, mark=mark):
                if len(set(names(node))) == len(items):
                    return self._merge_named(Sequence((), mark), node)
                return Sequence(tuple(self.clean(item) for item in items), mark)
            case Mapping(entries=entries, mark=mark):
                cleaned = {key: Entry(entry.key_mark, self.clean(entry.node)) for key, entry in entries.items()}
                return _with_sources(Mapping(cleaned, mark), own_sources(node))
            case _:
                return node

    def _merge_mappings(self, base: Mapping, over: Mapping) -> Mapping:
        merged = dict(base.entries)
        sources = own_sources(base)
        given = own_sources(over)
        for key, entry in over.entries.items():
            if key == "sources":
                continue
            inherited = base.entries.get(key)
            if key in base.entries and isinstance(entry.node, Scalar) and entry.node.value is None:
                del merged[key]
                _forget(sources, key)
                continue
            if inherited is None:
                merged[key] = Entry(entry.key_mark, self.clean(entry.node))
            else:
                merged[key] = Entry(entry.key_mark, self.merge(inherited.node, entry.node))
            _attribute(sources, given, key, inherited.node if inherited is not None else None, entry.node)
        for key, source in given.items():
            sources[key] = source
        return _with_sources(Mapping(merged, over.mark), sources)

    def _merge_named(self, base: Sequence, over: Sequence) -> Sequence:
        self._refuse_twins(base)
        self._refuse_twins(over)
        merged: dict[str, Node] = {str(item.scalar("name")): item for item in base.items if isinstance(item, Mapping)}
        inherited = list(merged)
        for item in over.items:
            if not isinstance(item, Mapping):
                continue
            name, like = str(item.scalar("name")), item.scalar("like")
            if item.scalar("remove") is True:
                if name not in inherited:
                    self._no_such_entry(item, "remove", name, inherited)
                merged.pop(name, None)
            elif like is not None and name not in merged:
                if like not in merged:
                    self._no_such_entry(item, "like", str(like), list(merged))
                merged[name] = self.merge(merged.get(str(like), _without(item, "like")), _without(item, "like"))
            else:
                merged[name] = self.merge(merged[name], item) if name in merged else self.clean(item)
        return Sequence(tuple(merged.values()), over.mark)

    def _refuse_twins(self, sequence: Sequence) -> None:
        seen: set[str] = set()
        for name, item in zip(names(sequence), sequence.items, strict=False):
            if name in seen:
                self.problems.append(ConfigError(str(item.mark), f"a second entry with the name '{name}'"))
            seen.add(name)

    def _no_such_entry(self, item: Mapping, key: str, name: str, known: list[str]) -> None:
        where = item.entries[key].node.mark
        near = did_you_mean(name, known) if known else "there is none before it"
        self.problems.append(ConfigError(str(where), f"{key}: no entry '{name}': {near}"))


def names(sequence: Sequence) -> list[str]:
    """The names of a list of named mappings; empty where not all entries have one."""
    found = [item.scalar("name") if isinstance(item, Mapping) else None for item in sequence.items]
    return [str(name) for name in found] if all(isinstance(name, str) for name in found) else []


def own_sources(mapping: Mapping) -> dict[str, Entry]:
    """The sources a mapping gives, with `"*"` spelt out for every value beside it that has none of its own."""
    entry = mapping.entries.get("sources")
    if entry is None or not isinstance(entry.node, Mapping):
        return {}
    sources = dict(entry.node.entries)
    rest = sources.pop("*", None)
    if rest is not None:
        for key, described in mapping.entries.items():
            if key not in sources and key not in _NOT_DESCRIBED and _may_need_source(described.node):
                sources[key] = rest
    return sources


def _may_need_source(node: Node) -> bool:
    if isinstance(node, Mapping):
        return all(isinstance(entry.node, Scalar) or _may_need_source(entry.node) for entry in node.entries.values())
    if isinstance(node, Sequence):
        return bool(node.items) and all(_may_need_source(item) for item in node.items)
    if isinstance(node, Scalar):
        value = node.value
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number or (isinstance(value, str) and value[:1].isdigit())
    return False


def _attribute(
    sources: dict[str, Entry], given: dict[str, Entry], key: str, inherited: Node | None, node: Node
) -> None:
    """Drop what `sources` says of values that `node` sets anew; take what `given` says of them."""
    if isinstance(node, Mapping) and isinstance(inherited, Mapping) and key in sources:
        kept = [entry for entry in inherited.entries if entry not in node.entries]
        if kept:
            # the table keeps inherited entries, and their source: the new entries get one of their own
            unknown = Entry(node.mark, Scalar("", node.mark))
            whole = given.pop(key, unknown)
            for entry in node.entries:
                sources[f"{key}.{entry}"] = given.get(f"{key}.{entry}", whole)
            return
    _forget(sources, key)


def _forget(sources: dict[str, Entry], key: str) -> None:
    for described in [name for name in sources if name == key or name.startswith(f"{key}.")]:
        del sources[described]


def _without(mapping: Mapping, key: str) -> Mapping:
    return Mapping({name: entry for name, entry in mapping.entries.items() if name != key}, mapping.mark)


def _with_sources(mapping: Mapping, sources: dict[str, Entry]) -> Mapping:
    existing = mapping.entries.get("sources")
    if existing is not None and not isinstance(existing.node, Mapping):
        return mapping  # the wrong type: validation says so
    if not sources and existing is None:
        return mapping
    mark = existing.node.mark if existing is not None else mapping.mark
    key_mark = existing.key_mark if existing is not None else mapping.mark
    return Mapping({**mapping.entries, "sources": Entry(key_mark, Mapping(sources, mark))}, mapping.mark)
