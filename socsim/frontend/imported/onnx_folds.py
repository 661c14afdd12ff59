"""Several ONNX operators that are one operation: attention, normalizations and GELU, as exporters write them out.

A pattern is found from the one operator that marks it (softmax, square root, error function) and the last of its steps
is replaced by the whole; what nobody reads any more is dropped where the workload is built.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from socsim.frontend.imported.steps import ImportedGraph, Step

_PASSING = ("Identity", "Cast", "Dropout")
"""Operators that do not change what a pattern is."""


def folded(graph: ImportedGraph) -> ImportedGraph:
    """The graph with its patterns replaced."""
    finder = _Finder(graph)
    found: dict[str, Step] = {}
    for step in graph.steps:
        find = _FINDERS.get(step.operator)
        whole = find(finder, step) if find is not None else None
        if whole is not None:
            found[whole.outputs[0]] = whole
    steps = tuple(found.get(step.outputs[0], step) for step in graph.steps)
    return replace(graph, steps=steps)


class _Finder:
    """Who writes and who reads each value."""

    def __init__(self, graph: ImportedGraph) -> None:
        self.constants = graph.constants
        self._outputs = set(graph.outputs)
        self._writers = {name: step for step in graph.steps for name in step.outputs}
        self._readers: dict[str, list[Step]] = defaultdict(list)
        for step in graph.steps:
            for name in step.inputs:
                self._readers[name].append(step)

    def writer(self, name: str, *operators: str) -> Step | None:
        """The step that writes a value, looking through what only passes it on; None where it is another operator."""
        step = self._writers.get(name)
        while step is not None and step.operator in _PASSING:
            step = self._writers.get(step.inputs[0])
        return step if step is not None and step.operator in operators else None

    def reader(self, step: Step, *operators: str) -> Step | None:
        """The one step that reads a step's result, looking through what only passes it on; None where there are others
        or it is another operator."""
        while True:
            readers = self._readers[step.outputs[0]]
            if len(readers) != 1 or step.outputs[0] in self._outputs:
                return None
            step = readers[0]
            if step.operator not in _PASSING:
                return step if step.operator in operators else None

    def source(self, name: str) -> str:
        """The value that a value is, looking through what only passes it on."""
        step = self._writers.get(name)
        while step is not None and step.operator in _PASSING:
            name = step.inputs[0]
            step = self._writers.get(name)
        return name

    def is_constant(self, name: str) -> bool:
        return self.source(name) in self.constants

    def is_number(self, name: str, depth: int = 8) -> bool:
        """Whether a value follows from constants and sizes alone."""
        source = self.source(name)
        if source in self.constants:
            return True
        step = self._writers.get(source)
        if step is None or depth == 0:
            return False
        return step.operator == "Shape" or all(self.is_number(operand, depth - 1) for operand in step.inputs if operand)

    def unscaled(self, name: str) -> str:
        """The value before it was multiplied by a number, which attention does on the way."""
        step = self.writer(name, "Mul", "Div")
        if step is not None and self.is_number(step.inputs[1]):
            return step.inputs[0]
        return name

    def other(self, step: Step, name: str) -> str:
        """The other of two operands."""
        first, second = step.inputs[:2]
        return second if self.source(first) == self.source(name) else first


def _attention(finder: _Finder, softmax: Step) -> Step | None:
    """`MatMul(q, k^T)` → scale and mask → Softmax → `MatMul(·, v)`."""
    last = finder.reader(softmax, "MatMul")
    if last is None or finder.source(last.inputs[0]) != softmax.outputs[0]:
        return None
    name, mask = softmax.inputs[0], ""
    for _ in range(4):  # a scale, a mask, and a choice by another mask at most
        first = finder.writer(name, "MatMul")
        if first is not None:
            if any(finder.is_constant(operand) for operand in (*first.inputs, last.inputs[1])):
                return None
            query, keys = (finder.unscaled(operand) for operand in first.inputs)
            operands = (query, keys, last.inputs[1], mask)
            return Step("scaled_dot_product_attention", last.path, operands, last.outputs)
        between = finder.writer(name, "Add", "Mul", "Div", "Where")
        if between is None:
            return None
        chain = [o for o in between.inputs if finder.writer(o, "MatMul", "Add", "Mul", "Div", "Where") is not None]
        chain = [o for o in chain if not finder.is_constant(o)]
        leading = next((o for o in chain if _leads_to_product(finder, o)), None)
        if leading is None:
            return None
        if between.operator == "Add":
            mask = finder.other(between, leading)
        elif between.operator == "Where":
            mask = mask or between.inputs[0]
        name = leading
    return None


def _leads_to_product(finder: _Finder, name: str) -> bool:
    for _ in range(4):
        step = finder.writer(name, "MatMul", "Add", "Mul", "Div", "Where")
        if step is None:
            return False
        if step.operator == "MatMul":
            return True
        name = step.inputs[1] if step.operator == "Where" and finder.is_constant(step.inputs[2]) else step.inputs[0]
    return False


def _normalization(finder: _Finder, root: Step) -> Step | None:
    """`x - mean(x)` (or `x`, for root mean square) over `sqrt(mean(square) + epsilon)`, with the scale and shift
    behind it."""
    shifted = finder.writer(root.inputs[0], "Add")
    mean = finder.writer(shifted.inputs[0], "ReduceMean") if shifted is not None else None
    square = finder.writer(mean.inputs[0], "Pow", "Mul") if mean is not None else None
    if mean is None or square is None:
        return None
    if square.operator == "Mul" and finder.source(square.inputs[0]) != finder.source(square.inputs[1]):
        return None
    centred = finder.writer(square.inputs[0], "Sub")
    centre = finder.writer(centred.inputs[1], "ReduceMean") if centred is not None else None
    is_layer = (
        centred is not None
        and centre is not None
        and finder.source(centre.inputs[0]) == finder.source(centred.inputs[0])
    )
    x = centred.inputs[0] if is_layer and centred is not None else square.inputs[0]
    divided = finder.reader(root, "Div", "Reciprocal")
    if divided is not None and divided.operator == "Reciprocal":
        divided = finder.reader(divided, "Mul")
    if divided is None:
        return None
    axes = mean.attributes.get("axes")
    if axes is None and len(mean.inputs) > 1:
        array = getattr(finder.constants.get(mean.inputs[1]), "array", None)
        axes = None if array is None else array.reshape(-1).tolist()
    if axes is None or len(axes) != 1:
        return None
    last, weights = divided, [x]
    for operator in ("Mul", "Add"):
        following = finder.reader(last, operator)
        if following is None or not any(finder.is_constant(operand) for operand in following.inputs):
            break
        weights.append(finder.other(following, last.outputs[0]))
        last = following
    name = "LayerNormalization" if is_layer else "RMSNormalization"
    return Step(name, last.path, tuple(weights), last.outputs, {"only_axis": int(axes[0])})


def _gelu(finder: _Finder, erf: Step) -> Step | None:
    """`0.5 x (1 + erf(x / sqrt 2))`, its products in any order."""
    scaled = finder.writer(erf.inputs[0], "Div", "Mul")
    shifted = finder.reader(erf, "Add")
    if scaled is None or shifted is None:
        return None
    x = next((operand for operand in scaled.inputs if not finder.is_constant(operand)), None)
    first = finder.reader(shifted, "Mul")
    if x is None or first is None:
        return None
    halved = finder.writer(finder.other(first, shifted.outputs[0]), "Mul", "Div")
    if halved is not None and finder.source(x) in (finder.source(name) for name in halved.inputs):
        return Step("Gelu", first.path, (x,), first.outputs)
    second = finder.reader(first, "Mul")
    if second is None:
        return None
    return Step("Gelu", second.path, (x,), second.outputs)


def _silu(finder: _Finder, sigmoid: Step) -> Step | None:
    """`x sigmoid(x)`."""
    product = finder.reader(sigmoid, "Mul")
    x = finder.source(sigmoid.inputs[0])
    if product is None or finder.source(finder.other(product, sigmoid.outputs[0])) != x:
        return None
    return Step("Swish", product.path, (x,), product.outputs)


def _linear(finder: _Finder, product: Step) -> Step | None:
    """`x weight + bias`."""
    shifted = finder.reader(product, "Add")
    if shifted is None or not finder.is_constant(product.inputs[1]) or finder.is_constant(product.inputs[0]):
        return None
    bias = finder.constants.get(finder.other(shifted, product.outputs[0]))
    if bias is None or bias.tensor.dim() != 1:
        return None
    operands = (*product.inputs, finder.other(shifted, product.outputs[0]))
    return Step("linear", shifted.path, operands, shifted.outputs)


_FINDERS = {"MatMul": _linear, "Softmax": _attention, "Sqrt": _normalization, "Erf": _gelu, "Sigmoid": _silu}
"""What to look for where an operator stands."""
