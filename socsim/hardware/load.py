"""Read a hardware file: layers, overrides, validation; every error with the place it comes from."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from collections.abc import Sequence as SequenceABC
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from socsim.errors import ConfigError, ConfigFileError, in_order
from socsim.hardware.catalog import dram_part_names, find_hardware
from socsim.hardware.layers import read_layers
from socsim.hardware.override import override
from socsim.hardware.soc import Soc
from socsim.hardware.unit import UnitKinds
from socsim.hardware.yaml_tree import Mapping, Node, Sequence, mark_at, to_data
from socsim.registry import did_you_mean


def load_soc(name_or_path: str | Path, overrides: SequenceABC[str] = (), *, unit_models: UnitKinds) -> Soc:
    """The SoC of a shipped name (`apple/m1_max`) or of a .yaml file, with `--set` options applied in order.

    `unit_models` is the registry of kinds of unit (`socsim.cost.unit_models`). All errors of a file are raised
    together as `ConfigFileError`; what stops the reading at once (no such file, no YAML) may be a `ConfigError`.
    """
    path = find_hardware(name_or_path)
    problems: list[ConfigError] = []
    tree: Node = read_layers(path, problems)
    for option in overrides:
        try:
            tree = override(tree, option)
        except ConfigError as error:
            problems.append(error)
    try:
        soc = Soc.model_validate(to_data(tree), strict=True, context={"unit_models": unit_models, "strict": True})
    except ValidationError as error:
        items = error.errors()
        strangers = {item["loc"] for item in items if item["type"] == "unknown_key"}
        for item in items:
            location = item["loc"]
            if location[-2:-1] == ("sources",) and (*location[:-2], location[-1]) in strangers:
                continue  # the "*" of the sources, spelt out for a key that does not exist
            problems.append(_located(tree, location, item["type"], item["msg"]))
    problems += _unknown_dram_part(tree)
    if problems:
        raise ConfigFileError(in_order(problems))
    return soc


def _unknown_dram_part(tree: Node) -> list[ConfigError]:
    """The DRAM part is a name or a file; what it says is read where it is needed."""
    dram = tree.entries["dram"].node if isinstance(tree, Mapping) and "dram" in tree.entries else None
    part = dram.scalar("part") if isinstance(dram, Mapping) else None
    if not isinstance(part, str) or part in dram_part_names() or Path(part).is_file():
        return []
    message = f"unknown DRAM part '{part}': {did_you_mean(part, dram_part_names())}"
    return [_located(tree, ("dram", "part"), "unknown_name", message)]


def soc_from_data(data: MappingABC[str, Any], *, unit_models: UnitKinds) -> Soc:
    """The SoC of `Soc.to_data()`, as a manifest keeps it: all values resolved, in base units."""
    context = {"unit_models": unit_models, "base_units": True}
    try:
        return Soc.model_validate(data, context=context)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(".".join(str(step) for step in first["loc"]), first["msg"]) from None


def _located(tree: Node, location: tuple[int | str, ...], kind: str, message: str) -> ConfigError:
    """The error with the place of the value (of the key where the key itself is wrong) and its path by names."""
    node, path = tree, list[str]()
    for step in location:
        name: object = step
        if isinstance(node, Mapping) and step in node.entries:
            node = node.entries[str(step)].node
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            named = node.scalar("name") if isinstance(node, Mapping) else None
            name = step if named is None else named
        else:
            path.append(str(step))
            break
        path.append(str(name))
    mark = mark_at(tree, location, of_key=kind == "unknown_key")
    # an option names the path already
    return ConfigError(str(mark), f"{'.'.join(path)}: {message}" if path and mark.line else message)
