"""Mixes of weight formats, as runtimes make them: better formats for the matrices that need them most."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml

from socsim.errors import ConfigError
from socsim.registry import did_you_mean
from socsim.workload import DType, dtype
from socsim.workload.dtype import format_names

_FILE = Path(__file__).parent / "data" / "weight_mixes.yaml"
_LAYER = re.compile(r"\.(\d+)\.")


@dataclass(frozen=True, slots=True)
class Others:
    """Matrices that have another format than most; `sensitive_only`: those of the sensitive layers."""

    patterns: tuple[str, ...]
    format: DType
    sensitive_only: bool

    def has(self, name: str, depth: int) -> bool:
        """Whether a matrix of a model of so many layers is one of them."""
        if not any(fnmatchcase(name, pattern) for pattern in self.patterns):
            return False
        return not self.sensitive_only or is_sensitive(layer_of(name), depth)


@dataclass(frozen=True, slots=True)
class Mix:
    """A mix by name."""

    name: str
    base: DType
    others: tuple[Others, ...]

    def formats(self, names: Iterable[str]) -> dict[str, DType]:
        """The format of each of a model's matrices, by their names."""
        names = list(names)
        depth = 1 + max(map(layer_of, names), default=0)
        return {
            name: next((other.format for other in self.others if other.has(name, depth)), self.base) for name in names
        }


def layer_of(name: str) -> int:
    """The number of the layer in a name such as `model.layers.3.mlp.down_proj.weight`; 0 where there is none."""
    found = _LAYER.search(name)
    return int(found[1]) if found else 0


def is_sensitive(layer: int, depth: int) -> bool:
    """The first and the last eighth of the layers, and every third between."""
    eighth = depth // 8
    return layer < eighth or layer >= 7 * depth // 8 or (layer - eighth) % 3 == 2


@cache
def mixes() -> Mapping[str, Mix]:
    """All mixes by name."""
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {
        name: Mix(
            name,
            dtype(row["base"]),
            tuple(
                Others(tuple(other["patterns"]), dtype(other["format"]), other.get("layers") == "sensitive")
                for other in row["others"]
            ),
        )
        for name, row in data.items()
    }


def weight_format(name: str, where: str = "") -> DType | Mix:
    """The format, or the mix of formats, of that name; `ConfigError` with near names."""
    if name in mixes():
        return mixes()[name]
    try:
        return dtype(name, where)
    except ConfigError:
        near = did_you_mean(name, [*format_names(), *mixes()])
        raise ConfigError(where, f"unknown number format '{name}': {near}") from None
