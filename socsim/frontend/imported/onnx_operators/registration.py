"""The table of ONNX operators."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Lower = Callable[..., Any]
Attributes = Mapping[str, Any]

_OPERATORS: dict[str, Lower] = {}


def operator(*names: str) -> Callable[[Lower], Lower]:
    """Decorator: this function runs the operators of these names."""

    def add(function: Lower) -> Lower:
        for name in names:
            if name in _OPERATORS:
                raise ValueError(f"the ONNX operator '{name}' is registered twice")
            _OPERATORS[name] = function
        return function

    return add


@lru_cache(maxsize=1)
def operators() -> Mapping[str, Lower]:
    """All operators by name."""
    package = importlib.import_module("socsim.frontend.imported.onnx_operators")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return _OPERATORS
