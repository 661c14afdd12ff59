"""Terms of the model that can be taken away, to see what each is worth: what a term is on each kind of unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from socsim.errors import ConfigError
from socsim.hardware import Soc
from socsim.registry import did_you_mean

_FILE = Path(__file__).parent / "data" / "terms.yaml"


@dataclass(frozen=True, slots=True)
class Term:
    """`settings` by kind of unit: key -> the value at which the term has no effect."""

    name: str
    description: str
    settings: Mapping[str, Mapping[str, Any]]
    drops_caches: bool = False

    def overrides(self, soc: Soc) -> tuple[str, ...]:
        """The `--set` options that take the term away from a chip."""
        found = [
            f"units.{unit.name}.{key}={'null' if value is None else value}"
            for unit in soc.units
            for key, value in self.settings.get(unit.kind, {}).items()
        ]
        return (*found, *(("caches=[]",) if self.drops_caches else ()))


@cache
def terms() -> Mapping[str, Term]:
    """All terms by name."""
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {
        name: Term(name, row["description"], row.get("units", {}), row.get("drops_caches", False))
        for name, row in data.items()
    }


def term(name: str, where: str = "--without") -> Term:
    """The term of that name; `ConfigError` with near names."""
    if name not in terms():
        raise ConfigError(where, f"unknown term '{name}': {did_you_mean(name, terms())}")
    return terms()[name]
