"""The table of operators, and the names that are treated alike before any of them is lowered."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from socsim.frontend.call import Call
from socsim.registry import Registry

Lower = Callable[[Call], Any]


@dataclass(frozen=True)
class Operator:
    """`lower` turns a call into a value (or a list of values). A view costs nothing whatever it reads. A product
    (matrix product, convolution, attention) stays an operation even where its operands are constant."""

    lower: Lower
    is_view: bool = False
    is_product: bool = False


_OPERATORS: Registry[Operator] = Registry("operator")

BOOKKEEPING = frozenset({
    "aten.to", "aten._to_copy", "aten.where", "aten.masked_fill", "aten.masked_fill_", "aten.full",
    "aten.scalar_tensor",
    "aten.pad", "aten.constant_pad_nd",
})  # fmt: skip
"""Operators on positions and masks that stay bookkeeping although they yield floating point."""

FACTORIES = frozenset({
    "aten.zeros_like", "aten.ones_like", "aten.full_like", "aten.empty_like", "aten.new_zeros", "aten.new_ones",
    "aten.new_full", "aten.new_empty", "aten.rand_like", "aten.randn_like",
})  # fmt: skip
"""Operators that look at the shape of their operand, not at its elements."""

_COMPARISONS = frozenset({"aten.le", "aten.ge", "aten.lt", "aten.gt"})
_TRIANGLES = frozenset({"aten.tril", "aten.triu"})

SUBGRAPHS: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "wrap_with_set_grad_enabled": lambda node: (node.args[1], list(node.args[2:])),
    "wrap_with_autocast": lambda node: (node.args[4], list(node.args[5:])),
}
"""Operators that run a sub-graph once: node -> (the sub-graph, its arguments)."""


def register(*names: str, view: bool = False, product: bool = False) -> Callable[[Lower], Lower]:
    """Decorator: this function lowers the operators of these names."""

    def add(lower: Lower) -> Lower:
        for name in names:
            _OPERATORS.register(name)(Operator(lower, is_view=view, is_product=product))
        return lower

    return add


def is_positional(call: Call) -> bool:
    """Whether the call compares positions with positions: a mask made of that is causal (or windowed), not padding."""
    return call.operator in _TRIANGLES or (call.operator in _COMPARISONS and len(call.tensors()) > 1)


def find(name: str) -> Operator | None:
    """The operator of that name, or of its form that is not in place; None where it has no cost."""
    _load()
    if name in _OPERATORS:
        return _OPERATORS.get(name)
    plain = name.rstrip("_")
    return _OPERATORS.get(plain) if plain in _OPERATORS else None


@lru_cache(maxsize=1)
def _load() -> None:
    package = importlib.import_module("socsim.frontend.operators")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
