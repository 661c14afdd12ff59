"""Expressions of study files: `units.gpu.cores * 2 <= 64 and units.gpu.clock >= '1.2 GHz'`.

Python's expression grammar, of it only: numbers, text, names with dots, arithmetic, comparisons, `and or not`, `in`,
`x if y else z`, lists, and the functions of `FUNCTIONS`; nothing of Python's is executed. Text that is a quantity is
one; quantities add and compare within their dimension, scale by plain numbers, and divide to a plain number.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from socsim.errors import ConfigError
from socsim.registry import did_you_mean
from socsim.study.design.quantity_math import add, compare, divide, multiply, negate, plain_number
from socsim.study.design.value import Quantity, Value, from_text, shown

Names = Mapping[str, Value]
_Evaluator = Callable[[Names], Value]

_MAX_LENGTH = 1000


def _function(apply: Callable[..., float | int]) -> Callable[..., Value]:
    return lambda *values: apply(*[plain_number(value) for value in values])


def _extreme(sign: int) -> Callable[..., Value]:
    def choose(*values: Value) -> Value:
        best = values[0]
        for value in values[1:]:
            if compare(value, best) * sign > 0:
                best = value
        return best

    return choose


def _magnitude(value: Value) -> Value:
    return negate(value) if compare(value, negate(value)) < 0 else value


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "min": _extreme(-1),
    "max": _extreme(1),
    "abs": _magnitude,
    "round": _function(lambda value, digits=0: round(value, int(digits)) if digits else round(value)),
    "floor": _function(math.floor),
    "ceil": _function(math.ceil),
    "sqrt": _function(math.sqrt),
    "exp": _function(math.exp),
    "log": _function(math.log),
    "log2": _function(math.log2),
    "log10": _function(math.log10),
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: add,
    ast.Sub: lambda left, right: add(left, negate(right)),
    ast.Mult: multiply,
    ast.Div: divide,
    ast.FloorDiv: lambda left, right: plain_number(left) // plain_number(right),
    ast.Mod: lambda left, right: plain_number(left) % plain_number(right),
    ast.Pow: lambda left, right: _power(plain_number(left), plain_number(right)),
}
_ORDER: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. `names` are those it needs, in the order of their first appearance."""

    text: str
    names: tuple[str, ...]
    evaluate: _Evaluator

    def __call__(self, names: Names) -> Value:
        """The value; `ConfigError` (without a place) where a name is missing or an operation makes no sense."""
        try:
            return self.evaluate(names)
        except ConfigError as error:
            raise ConfigError("", f"'{self.text}': {error.what}") from None
        except ZeroDivisionError:
            raise ConfigError("", f"'{self.text}' divides by zero") from None
        except OverflowError:
            raise ConfigError("", f"'{self.text}': the number is too large") from None
        except ValueError as error:
            raise ConfigError("", f"'{self.text}': {error}") from None


def parse_expression(text: object) -> Expression:
    """The expression of a text, or a constant; `ConfigError` (without a place) where it is none."""
    if isinstance(text, bool | int | float):
        constant: Value = text
        return Expression(str(text), (), lambda _: constant)
    if not isinstance(text, str) or not text.strip():
        raise ConfigError("", "expected an expression such as units.gpu.cores * 2")
    if len(text) > _MAX_LENGTH:
        raise ConfigError("", f"expression longer than {_MAX_LENGTH} characters")
    names: dict[str, None] = {}
    try:
        evaluator = _compile(ast.parse(text.strip(), mode="eval").body, names)
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        message = f"'{text}' is no expression; expected e.g. units.gpu.cores * 2 or batch <= 8 and precision == 'fp16'"
        raise ConfigError("", message) from None
    return Expression(text.strip(), tuple(names), evaluator)


def _compile(node: ast.expr, names: dict[str, None]) -> _Evaluator:
    match node:
        case ast.Constant(value=bool() | int() | float() | None as value):
            return lambda _: value
        case ast.Constant(value=str() as value):
            constant = from_text(value)
            return lambda _: constant
        case ast.Name() | ast.Attribute():
            return _lookup(_dotted(node), names)
        case ast.Call(func=ast.Name(id="value"), args=[ast.Constant(value=str() as name)], keywords=[]):
            return _lookup(name, names)
        case ast.Call(func=ast.Name(id=function), args=[_, *_] as args, keywords=[]):
            if function not in FUNCTIONS:
                raise ConfigError("", f"unknown function '{function}': {did_you_mean(function, [*FUNCTIONS, 'value'])}")
            return _call(FUNCTIONS[function], [_compile(arg, names) for arg in args], function)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _compile(operand, names)
            return lambda values: negate(inner(values))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _compile(operand, names)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _compile(operand, names)
            return lambda values: not truth(inner(values))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _binary(_ARITHMETIC[type(op)], _compile(left, names), _compile(right, names))
        case ast.BoolOp(op=op, values=parts):
            return _all_or_any(isinstance(op, ast.And), [_compile(part, names) for part in parts])
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return _chain([_compile(part, names) for part in (left, *comparators)], [_relation(op) for op in ops])
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _choice(_compile(test, names), _compile(body, names), _compile(orelse, names))
        case ast.List(elts=items) | ast.Tuple(elts=items):
            inside = [_compile(item, names) for item in items]
            return lambda values: tuple(part(values) for part in inside)
        case _:
            raise ValueError(node)


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=name):
            return f"{_dotted(inner)}.{name}"
        case _:
            raise ValueError(node)


def _lookup(name: str, names: dict[str, None]) -> _Evaluator:
    names.setdefault(name)

    def value(values: Names) -> Value:
        if name not in values:
            raise ConfigError("", f"nothing is called '{name}': {did_you_mean(name, values)}")
        return values[name]

    return value


def _call(apply: Callable[..., Value], parts: list[_Evaluator], function: str) -> _Evaluator:
    def value(values: Names) -> Value:
        try:
            return apply(*[part(values) for part in parts])
        except TypeError:
            raise ConfigError("", f"{function}() does not take {len(parts)} values") from None

    return value


def _binary(apply: Callable[[Value, Value], Value], left: _Evaluator, right: _Evaluator) -> _Evaluator:
    return lambda values: apply(left(values), right(values))


def _all_or_any(all_of: bool, parts: list[_Evaluator]) -> _Evaluator:
    if all_of:
        return lambda values: all(truth(part(values)) for part in parts)
    return lambda values: any(truth(part(values)) for part in parts)


def _chain(parts: list[_Evaluator], relations: list[Callable[[Value, Value], bool]]) -> _Evaluator:
    def value(values: Names) -> Value:
        left = parts[0](values)
        for part, holds in zip(parts[1:], relations, strict=True):
            right = part(values)
            if not holds(left, right):
                return False
            left = right
        return True

    return value


def _choice(test: _Evaluator, body: _Evaluator, orelse: _Evaluator) -> _Evaluator:
    return lambda values: body(values) if truth(test(values)) else orelse(values)


def _relation(op: ast.cmpop) -> Callable[[Value, Value], bool]:
    match op:
        case ast.Eq():
            return same
        case ast.NotEq():
            return lambda left, right: not same(left, right)
        case ast.In() | ast.NotIn():
            inside = isinstance(op, ast.In)
            return lambda left, right: _contains(right, left) == inside
        case _ if type(op) in _ORDER:
            order = _ORDER[type(op)]
            return lambda left, right: order(compare(left, right), 0)
        case _:
            raise ValueError(op)


def same(left: Value, right: Value) -> bool:
    """Equality: numbers by value, quantities within their dimension, text by text."""
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return left == right
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _contains(collection: Value, item: Value) -> bool:
    if not isinstance(collection, tuple):
        raise ConfigError("", "expected a list such as [8, 16] after 'in'")
    return any(same(item, other) for other in collection)


def truth(value: Value) -> bool:
    """True or false; anything else is an error, so that a forgotten comparison does not pass for a condition."""
    if isinstance(value, bool):
        return value
    raise ConfigError("", f"expected a condition that is true or false, got {shown(value)}")


def _power(base: float, exponent: float) -> float | int:
    """In floating point beyond small whole exponents: an exact power may be astronomically long."""
    if isinstance(base, int) and isinstance(exponent, int) and 0 <= exponent * max(1, base.bit_length()) <= 64:
        return int(base**exponent)
    power = float(base) ** float(exponent)
    if isinstance(power, complex):
        raise ValueError("a fraction of a power of a negative number")
    return float(power)
