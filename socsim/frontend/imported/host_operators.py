"""Arithmetic on sizes, as files write it out in operators: done on the host with numpy while the graph is traced.

A size is an int or a symbolic size of torch; arrays of them have the dtype `object`. Names and meanings are ONNX's.
Source: https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from socsim.frontend.imported.steps import Constant

Attributes = Mapping[str, Any]
MOST_ELEMENTS = 256
"""Larger arrays are tensors: they are no shapes."""


def host(value: Any) -> Any:
    """The numbers of a value that the host knows; None for others."""
    if isinstance(value, Constant):
        return value.array
    return value if isinstance(value, np.ndarray) else None


def integers(value: Any) -> list[Any]:
    """A shape, axes or pads as a list; `ValueError` where they depend on data."""
    numbers = host(value)
    if numbers is None:
        raise ValueError("a shape or an axis depends on the data")
    return [_plain(item) for item in numbers.reshape(-1)]


def on_host(operator: str, attributes: Attributes, values: Sequence[Any]) -> Any:
    """The result where the operator's operands are sizes and small constants; None where it is torch's work."""
    if operator == "Shape":
        start, end = attributes.get("start", 0), attributes.get("end")
        shape = values[0].tensor.shape if isinstance(values[0], Constant) else values[0].shape
        return sizes(list(shape)[start:end])
    function = _FUNCTIONS.get(operator)
    if function is None or not values:
        return None
    arrays = [host(value) for value in values]
    if any(array is None and value is not None for array, value in zip(arrays, values, strict=True)):
        return None
    return function(attributes, *arrays)


def sizes(items: Sequence[Any]) -> Any:
    """An array of sizes; of plain integers where none is symbolic."""
    plain = [_plain(item) for item in items]
    if all(isinstance(item, int) for item in plain):
        return np.array(plain, dtype=np.int64)
    array = np.empty(len(plain), dtype=object)
    array[:] = plain
    return array


def _plain(item: Any) -> Any:
    return item.item() if isinstance(item, np.generic) else item


def _tidy(array: Any) -> Any:
    """An object array without symbolic sizes becomes a plain one."""
    array = np.asarray(array)
    if array.dtype == object and all(isinstance(_plain(item), int) for item in array.reshape(-1)):
        return array.astype(np.int64)
    return array


def _elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda attributes, *arrays: _tidy(function(*arrays))


def _divide(a: np.ndarray, b: np.ndarray) -> Any:
    """Integers are divided as integers (sizes are not negative)."""
    return a / b if "f" in (a.dtype.kind, b.dtype.kind) else a // b


def _gather(attributes: Attributes, data: np.ndarray, indices: np.ndarray) -> Any:
    return _tidy(np.take(data, indices.astype(np.int64), axis=attributes.get("axis", 0)))


def _axes(attributes: Attributes, axes: np.ndarray | None) -> tuple[int, ...] | None:
    given = attributes.get("axes") if axes is None else axes.reshape(-1).tolist()
    return None if given is None else tuple(int(axis) for axis in given)


def _slice(
    attributes: Attributes,
    data: np.ndarray,
    starts: np.ndarray | None = None,
    ends: np.ndarray | None = None,
    axes: np.ndarray | None = None,
    steps: np.ndarray | None = None,
) -> Any:
    first = attributes["starts"] if starts is None else starts.reshape(-1).tolist()
    last = attributes["ends"] if ends is None else ends.reshape(-1).tolist()
    along = _axes(attributes, axes) or tuple(range(len(first)))
    by = [1] * len(first) if steps is None else steps.reshape(-1).tolist()
    places = [slice(None)] * data.ndim
    for axis, begin, end, step in zip(along, first, last, by, strict=True):
        places[axis] = slice(begin, end if abs(end) < 2**31 - 1 else None, step)
    return data[tuple(places)]


def _unsqueeze(attributes: Attributes, data: np.ndarray, axes: np.ndarray | None = None) -> Any:
    return np.expand_dims(data, _axes(attributes, axes) or 0)


def _squeeze(attributes: Attributes, data: np.ndarray, axes: np.ndarray | None = None) -> Any:
    return np.squeeze(data, _axes(attributes, axes))


def _cast(attributes: Attributes, data: np.ndarray) -> Any:
    """Sizes stay sizes; a fraction is cut off where the target is an integer."""
    to = str(attributes["to"])
    if data.dtype == object:
        return data
    if to.startswith("int") or to.startswith("uint"):
        return data.astype(np.int64)
    return data.astype(bool if to == "bool" else np.float64)


def _constant_of_shape(attributes: Attributes, shape: np.ndarray) -> Any:
    """None (a tensor) where it is no small array."""
    if shape.dtype == object or math.prod(shape.tolist()) > MOST_ELEMENTS:
        return None
    return np.full(shape.astype(np.int64), attributes["value"])


def _range(attributes: Attributes, start: np.ndarray, limit: np.ndarray, delta: np.ndarray) -> Any:
    bounds = [array.reshape(-1)[0] for array in (start, limit, delta)]
    if any(array.dtype == object for array in (start, limit, delta)):
        return None
    made = np.arange(*bounds)
    return made if made.size <= MOST_ELEMENTS else None


def _expand(attributes: Attributes, data: np.ndarray, shape: np.ndarray) -> Any:
    if shape.dtype == object or math.prod(shape.tolist()) > MOST_ELEMENTS:
        return None
    return np.broadcast_to(data, np.broadcast_shapes(data.shape, tuple(shape.tolist()))).copy()


def _where(attributes: Attributes, condition: np.ndarray, a: np.ndarray, b: np.ndarray) -> Any:
    return _tidy(np.where(condition.astype(bool), a, b))


def _reduce(function: Callable[..., Any]) -> Callable[..., Any]:
    def reduced(attributes: Attributes, data: np.ndarray, axes: np.ndarray | None = None) -> Any:
        return _tidy(function(data, axis=_axes(attributes, axes), keepdims=bool(attributes.get("keepdims", 1))))

    return reduced


def _split(attributes: Attributes, data: np.ndarray, split: np.ndarray | None = None) -> tuple[Any, ...] | None:
    parts = attributes.get("split") if split is None else split.tolist()
    if parts is None:
        return None
    return tuple(np.split(data, np.cumsum(parts)[:-1], axis=attributes.get("axis", 0)))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Identity": _elementwise(lambda a: a),
    "Add": _elementwise(np.add),
    "Sub": _elementwise(np.subtract),
    "Mul": _elementwise(np.multiply),
    "Div": _elementwise(_divide),
    "Mod": _elementwise(lambda a, b: a % b),
    "Pow": _elementwise(lambda a, b: a**b),
    "Neg": _elementwise(np.negative),
    "Sqrt": _elementwise(lambda a: np.sqrt(a.astype(np.float64))),
    "Reciprocal": _elementwise(lambda a: 1.0 / a.astype(np.float64)),
    "Floor": _elementwise(np.floor),
    "Ceil": _elementwise(np.ceil),
    "Equal": _elementwise(lambda a, b: a == b),
    "Greater": _elementwise(lambda a, b: a > b),
    "Less": _elementwise(lambda a, b: a < b),
    "Not": _elementwise(np.logical_not),
    "And": _elementwise(np.logical_and),
    "Or": _elementwise(np.logical_or),
    "Min": _elementwise(lambda *a: np.minimum.reduce(a)),
    "Max": _elementwise(lambda *a: np.maximum.reduce(a)),
    "Cast": _cast,
    "Concat": lambda attributes, *arrays: _tidy(np.concatenate(arrays, axis=attributes["axis"])),
    "ConstantOfShape": _constant_of_shape,
    "Expand": _expand,
    "Gather": _gather,
    "Range": _range,
    "ReduceMax": _reduce(np.max),
    "ReduceMin": _reduce(np.min),
    "ReduceProd": _reduce(np.prod),
    "ReduceSum": _reduce(np.sum),
    "Reshape": lambda attributes, data, shape: data.reshape(shape.astype(np.int64)),
    "Size": lambda attributes, data: np.array(data.size),
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "Transpose": lambda attributes, data: np.transpose(data, attributes.get("perm")),
    "Unsqueeze": _unsqueeze,
    "Where": _where,
}

HOST_ONLY = frozenset({*_FUNCTIONS, "Shape"})
"""Operators that work on sizes; many work on tensors too."""
