"""Symbolic sizes: `"past + seq"` is an expression of named lengths, evaluated by a small safe parser.

The grammar is integers, names, `+ - * // %`, unary minus, `max(...)`, `min(...)` and parentheses; nothing else parses,
and nothing of Python's is executed. One trace with symbolic sizes serves every length of a language model.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache

from socsim.errors import WorkloadError

Dim = int | str
"""A size: a number, or an expression of symbols."""

_MAX_LENGTH = 400
_Evaluator = Callable[[Mapping[str, int]], int]

_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: dict[str, Callable[..., int]] = {"max": max, "min": min}


def evaluate(dim: Dim, bindings: Mapping[str, int]) -> int:
    """The value of a size for the given lengths; `WorkloadError` for an unbound symbol or a text that is no size."""
    if isinstance(dim, int):
        return dim
    return _compiled(dim)[0](bindings)


def symbols_of(dim: Dim) -> frozenset[str]:
    """The names that a size depends on."""
    return frozenset() if isinstance(dim, int) else _compiled(dim)[1]


@lru_cache(maxsize=65536)
def _compiled(text: str) -> tuple[_Evaluator, frozenset[str]]:
    if len(text) > _MAX_LENGTH:
        raise WorkloadError("", f"size expression longer than {_MAX_LENGTH} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        names: set[str] = set()
        return _compile(tree, text, names), frozenset(names)
    except (SyntaxError, RecursionError, ValueError, MemoryError):
        raise WorkloadError(
            "", f"'{text}' is not a size; expected e.g. 128, 'past + seq' or 'max(n, 2) * 64'"
        ) from None


def _compile(node: ast.expr, text: str, names: set[str]) -> _Evaluator:
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return lambda _: value
        case ast.Name(id=name):
            names.add(name)
            return _lookup(name, text)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _compile(operand, text, names)
            return lambda bindings: -inner(bindings)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _binary(_BINARY[type(op)], _compile(left, text, names), _compile(right, text, names), text)
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]) if function in _FUNCTIONS and args:
            parts = [_compile(arg, text, names) for arg in args]
            apply = _FUNCTIONS[function]
            return lambda bindings: apply([part(bindings) for part in parts])
        case _:
            raise ValueError(text)


def _lookup(name: str, text: str) -> _Evaluator:
    def value(bindings: Mapping[str, int]) -> int:
        try:
            return bindings[name]
        except KeyError:
            raise WorkloadError("", f"size '{text}' needs a value for '{name}'") from None

    return value


def _binary(apply: Callable[[int, int], int], left: _Evaluator, right: _Evaluator, text: str) -> _Evaluator:
    def value(bindings: Mapping[str, int]) -> int:
        try:
            return apply(left(bindings), right(bindings))
        except ZeroDivisionError:
            raise WorkloadError("", f"size '{text}' divides by zero") from None

    return value
