"""Register a component under a name and look it up again, with a "did you mean".

Knows no component: a registry is filled by the modules that define components (built in) and by entry points of the
group `socsim.components` (installed packages), through exactly the same call.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from socsim.errors import ConfigError

T = TypeVar("T")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error message: the nearest known names, or all of them where none is near."""
    known = sorted(set(known))
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(f"'{n}'" for n in near) + "?"
    if len(known) <= 30:
        return "known: " + ", ".join(known)
    return "known: " + ", ".join(known[:30]) + ", …"


class Registry(Generic[T]):
    """Names of one kind of component -> the component, in sorted order.

    Registering a taken name is an error that names both modules: silently keeping either would make results depend on
    the order in which packages are installed.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}
        self._modules: dict[str, str] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator: `@schedulers.register("fifo")`."""

        def add(item: T) -> T:
            module = getattr(item, "__module__", "?")
            if name in self._items and self._items[name] is not item:
                raise ConfigError(
                    f"{self.kind} '{name}'", f"registered twice, by {self._modules[name]} and by {module}"
                )
            self._items[name] = item
            self._modules[name] = module
            return item

        return add

    def get(self, name: str, where: str = "") -> T:
        """The component of that name; `ConfigError` with near names otherwise."""
        if name not in self._items:
            raise ConfigError(where, f"unknown {self.kind} '{name}': {did_you_mean(name, self._items)}")
        return self._items[name]

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._items))

    def __len__(self) -> int:
        return len(self._items)

    def items(self) -> list[tuple[str, T]]:
        return sorted(self._items.items())
