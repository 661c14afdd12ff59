"""Sizes while a model is lowered: integers or sympy expressions, and their text in a workload (`"past + seq"`).

`torch.export` with `Dim.AUTO` leaves sizes such as `s17 + s27`; the frontend keeps them as sympy expressions while it
multiplies and compares them, and writes the text of `socsim.workload.expression` at the very end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from socsim.errors import WorkloadError
from socsim.workload import Dim

Size = Any
"""An int or a sympy expression of the graph's own symbols."""


def size_of(value: Any) -> Size:
    """A torch size (int or SymInt) as an int or a sympy expression."""
    if isinstance(value, int):
        return value
    expression = value.node.expr
    return int(expression) if expression.is_Integer else expression


def product(sizes: Iterable[Size]) -> Size:
    """The product of sizes, an int where all of them are."""
    return math.prod(sizes)


def hint(size: Size, hints: Mapping[Any, int]) -> int:
    """The value that a size had while the model was traced."""
    return size if isinstance(size, int) else int(size.xreplace(hints))


class SizeText:
    """Writes sizes as text; knows which graph symbol is which named length."""

    def __init__(self, names: Mapping[Any, str]) -> None:
        self._names = dict(names)
        self._memo: dict[Any, Dim] = {}

    def dim(self, size: Size) -> Dim:
        """`128` or `"past + seq"`; `WorkloadError` where the expression has no text in a workload file."""
        if isinstance(size, int):
            return size
        done = self._memo.get(size)
        if done is None:
            done = self._memo[size] = int(size) if size.is_Integer else self._text(size)
        return done

    def _text(self, e: Any, inside_product: bool = False) -> str:
        kind = type(e).__name__
        if e.is_Integer:
            return str(int(e))
        if e.is_Symbol:
            if e not in self._names:
                raise WorkloadError("", f"the model has a size '{e}' that depends on data or on no named length")
            return str(self._names[e])
        if e.is_Add:
            text = " + ".join(self._ordered(e.args))
            return f"({text})" if inside_product else text
        if e.is_Mul:
            return "*".join(self._ordered(e.args, inside_product=True))
        if e.is_Pow and e.exp.is_Integer and 0 < int(e.exp) <= 8:
            return "*".join([self._text(e.base, inside_product=True)] * int(e.exp))
        if kind in ("FloorDiv", "CleanDiv", "IntTrueDiv"):
            return "({} // {})".format(*(self._text(a, inside_product=True) for a in e.args))
        if kind in ("Mod", "PythonMod"):
            return "({} % {})".format(*(self._text(a, inside_product=True) for a in e.args))
        if kind in ("Max", "Min"):
            return f"{kind.lower()}({', '.join(self._ordered(e.args))})"
        raise WorkloadError("", f"size '{e}' has no text in a workload file")

    def _ordered(self, args: Iterable[Any], inside_product: bool = False) -> list[str]:
        """Terms in alphabetical order with numbers last in sums and first in products, whatever sympy's order is."""
        texts = [self._text(a, inside_product) for a in args]
        numbers = [t for t in texts if t.lstrip("-").isdigit()]
        names = sorted(t for t in texts if not t.lstrip("-").isdigit())
        return numbers + names if inside_product else names + numbers
