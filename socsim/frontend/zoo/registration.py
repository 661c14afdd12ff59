"""The table of zoo models, and how one is built on the meta device."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from socsim.errors import WorkloadError
from socsim.frontend.example import Example
from socsim.registry import Registry
from socsim.workload import Symbol

Build = Callable[[int | None], Example]
"""Builds a model with example inputs. The argument is a number of layers, for families that repeat identical ones
(None: as few as show that they are identical); the others ignore it."""


@dataclass(frozen=True)
class ZooEntry:
    """A model of the zoo: `source` says where its configuration values come from."""

    name: str
    source: str
    build: Build


BATCH = (Symbol("batch", 1, 1, 2**20, "inputs side by side"),)
"""The one length of a model whose other sizes are fixed."""

_ENTRIES: Registry[ZooEntry] = Registry("zoo model")


def register(name: str, source: str) -> Callable[[Build], Build]:
    """Decorator: this function builds the zoo model of that name."""

    def add(build: Build) -> Build:
        _ENTRIES.register(name)(ZooEntry(name, source, build))
        return build

    return add


def register_image_network(name: str, make: Callable[[], Any], size: tuple[int, int], source: str) -> None:
    """An entry for a module over one image of a fixed size, made by `make`, with a symbolic batch."""

    def build(layers: int | None = None) -> Example:
        return Example(on_meta(make, name), (on_meta_zeros(2, 3, *size),), shapes=({0: "batch"},), symbols=BATCH)

    register(name, source)(build)


def zoo_names() -> list[str]:
    """All names, sorted. Imports no torch."""
    _load()
    return list(_ENTRIES)


def zoo_entry(name: str) -> ZooEntry:
    """The entry of that name; `ConfigError` with near names otherwise."""
    _load()
    return _ENTRIES.get(name)


def on_meta(make: Callable[[], Any], where: str = "") -> Any:
    """A model made by `make` without weights: on the meta device, in fp16, for inference."""
    try:
        import torch

        with torch.device("meta"):
            model = make()
    except ImportError as error:
        raise WorkloadError(
            where, f"tracing needs '{error.name}': install the extra, pip install 'socsim[zoo]'"
        ) from error
    return model.half().eval()


def on_meta_zeros(*shape: int, dtype: str = "float16") -> Any:
    """An example input: only its shape and number format matter."""
    import torch

    return torch.zeros(shape, dtype=getattr(torch, dtype), device="meta")


@lru_cache(maxsize=1)
def _load() -> None:
    package = importlib.import_module("socsim.frontend.zoo")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
