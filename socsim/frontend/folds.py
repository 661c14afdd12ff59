"""Several nodes that are one operation: a module written out in element-wise nodes, and rotary embeddings.

Registering another module is one entry: `MODULES[pattern of the class name] = (kind, attributes)`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from socsim.frontend.origin import label_of, module_class_of, operator_name
from socsim.workload.operation import Attribute, Kind

MODULES: dict[str, tuple[Kind, dict[str, Attribute]]] = {
    r"\w*RMSNorm": ("normalization", {"function": "rms_norm"}),
    # x*0.5*(1 + tanh(c*(x + 0.044715*x^3))): 3 products for the cube, 2 sums, 4 products, 1 tanh
    r"NewGELUActivation": ("elementwise", {"function": "gelu_tanh", "flop_per_element": 10}),
    # x*sigmoid(1.702*x): product, sigmoid (negate, exponential, add, divide), product
    r"QuickGELUActivation": ("elementwise", {"function": "quick_gelu", "flop_per_element": 6}),
}
"""Pattern of a module's class name -> the one operation that all its nodes are."""

_IGNORED = ("aten._assert_tensor_metadata", "aten.sym_size")
_WHOLE = ("aten.rms_norm", "aten._fused_rms_norm", "aten.gelu")
ROTARY_FLOP_PER_ELEMENT = 3  # x*cos + rotated(x)*sin: two products and a sum


@dataclass(frozen=True)
class Fold:
    """Nodes that are one operation: `result` yields its output, `inputs` are what it reads from outside."""

    result: Any
    inputs: tuple[Any, ...]
    kind: Kind
    attributes: Mapping[str, Attribute]
    operator: str


def find_folds(nodes: list[Any]) -> tuple[dict[Any, Fold], set[Any]]:
    """Folds by their result node, and all other nodes that they swallow."""
    folds: dict[Any, Fold] = {}
    skipped: set[Any] = set()
    for group in _module_groups(nodes):
        fold = _module_fold(group)
        if fold is not None:
            folds[fold.result] = fold
            skipped.update(node for node in group if node is not fold.result)
    for node in nodes:
        found = _rotary(node)
        if found is not None and not found[1] & skipped:
            folds[node] = found[0]
            skipped |= found[1]
    return folds, skipped


def _module_groups(nodes: list[Any]) -> list[list[Any]]:
    """Runs of consecutive nodes of one instance of a module that is to be one operation."""
    groups: list[list[Any]] = []
    current: list[Any] = []
    path = ""
    for node in nodes:
        if node.op != "call_function":
            continue
        if operator_name(node.target) in _IGNORED:
            continue
        inside = any(re.fullmatch(pattern, module_class_of(node)) for pattern in MODULES)
        here = label_of(node, "") if inside else ""
        if current and (not inside or here != path):
            groups.append(current)
            current = []
        if inside:
            current.append(node)
            path = here
    if current:
        groups.append(current)
    return groups


def _module_fold(group: list[Any]) -> Fold | None:
    if any(operator_name(node.target) in _WHOLE for node in group):
        return None
    members = set(group)
    results = [
        n for n in group if any(user not in members and operator_name(user.target) not in _IGNORED for user in n.users)
    ]
    if len(results) != 1:
        return None
    inputs: dict[Any, None] = {}
    for node in group:
        for source in node.all_input_nodes:
            if source not in members and "val" in source.meta and hasattr(source.meta["val"], "dtype"):
                inputs.setdefault(source)
    widest_first = sorted(inputs, key=lambda source: -len(source.meta["val"].shape))
    kind, attributes = next(MODULES[p] for p in MODULES if re.fullmatch(p, module_class_of(group[0])))
    return Fold(results[0], tuple(widest_first), kind, attributes, str(attributes["function"]))


def _rotary(node: Any) -> tuple[Fold, set[Any]] | None:
    """`x*cos + cat(-x[half:], x[:half])*sin`, as transformers writes rotary position embeddings."""
    if not _is(node, "aten.add") or len(node.all_input_nodes) != 2:
        return None
    straight, turned = node.args[:2]
    if not (_is(straight, "aten.mul") and _is(turned, "aten.mul")):
        return None
    joined = turned.args[0]
    if not _is(joined, "aten.cat") or len(joined.args[0]) != 2:
        return None
    negated, first = joined.args[0]
    if not (_is(negated, "aten.neg") and _is(first, "aten.slice") and _is(negated.args[0], "aten.slice")):
        return None
    second = negated.args[0]
    source, cos, sin = straight.args[0], straight.args[1], turned.args[1]
    if first.args[0] is not source or second.args[0] is not source:
        return None
    swallowed = {straight, turned, joined, negated, first, second}
    if any(user not in swallowed and user is not node for inner in swallowed for user in inner.users):
        return None
    attributes: dict[str, Attribute] = {"function": "rotary", "flop_per_element": ROTARY_FLOP_PER_ELEMENT}
    return Fold(node, (source, cos, sin), "elementwise", attributes, "rotary"), swallowed


def _is(node: Any, name: str) -> bool:
    return getattr(node, "op", "") == "call_function" and operator_name(node.target) == name
