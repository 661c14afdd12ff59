"""Register a case of the benchmark: a function that does work and says how much it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Prepare = Callable[[], Callable[[], int]]
"""Sets the case up (not measured) and returns what is measured, which returns how many units of work it did."""


@dataclass(frozen=True, slots=True)
class Case:
    """A measurement: `unit` per CPU second, at least `target` of them (0: no target)."""

    name: str
    unit: str
    target: float
    prepare: Prepare


cases: dict[str, Case] = {}


def case(name: str, unit: str, target: float = 0.0) -> Callable[[Prepare], Prepare]:
    """Decorator: register a case under a name such as `fabric/one-link/16-clients`."""

    def add(prepare: Prepare) -> Prepare:
        if name in cases:
            raise ValueError(f"two cases are called {name}")
        cases[name] = Case(name, unit, target, prepare)
        return prepare

    return add


def repeated(prepare: Any, *arguments: Any) -> Prepare:
    """A prepared case with arguments, for families of cases."""
    return lambda: prepare(*arguments)
