"""PyTorch execution traces (`torch.profiler.ExecutionTraceObserver`): operators with their shapes, and no times.

Times come from the Kineto trace that was recorded together with it, by the number of the record; or from the nodes
themselves where a tool has linked both (`ts` and `dur` in microseconds).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from socsim.errors import InputError
from socsim.study.compare.profile.events import LONGEST_US, Recorded
from socsim.study.compare.profile.measured import EXECUTION_TRACE, Call, MeasuredOperation, Profile
from socsim.study.compare.profile.operators import matmul_flop

_PS_PER_US = 10**6


def read_nodes(
    data: Mapping[str, Any],
    source: str,
    times: Mapping[int, Recorded] = MappingProxyType({}),
    calls: tuple[Call, ...] = (),
) -> Profile:
    """The operators of a trace, outermost ones only, in the order of their numbers; those of a Kineto trace's calls of
    the model where it is given."""
    nodes: dict[int, Mapping[str, Any]] = {}
    for place, node in enumerate(data["nodes"]):
        number = node.get("id") if isinstance(node, Mapping) else None
        if not isinstance(number, int) or not isinstance(node.get("name"), str):
            raise InputError(f"{source}: node {place}: expected an 'id' and a 'name'")
        nodes[number] = node
    operations = []
    for number in sorted(nodes):
        node = nodes[number]
        if not _is_operator(node) or any(_is_operator(above) for above in _around(node, nodes, source)):
            continue
        shapes, values = _inputs(node)
        known = _recorded(node, times)
        if known is not None and known.call is None:
            continue
        begin, duration = (known.begin_ps, known.duration_ps) if known is not None else _own_times(node)
        scopes = [above["name"] for above in _around(node, nodes, source) if not above["name"].startswith("[")]
        operations.append(
            MeasuredOperation(
                name=node["name"],
                begin_ps=begin,
                duration_ps=duration,
                call=known.call or 0 if known is not None else 0,
                modules=known.modules if known is not None else (),
                path=scopes[0] if scopes else "",
                matmul_flop=matmul_flop(node["name"], shapes, values),
            )
        )
    if not operations:
        raise InputError(f"{source}: holds no operators (nodes such as aten::linear)")
    profile = Profile(source, EXECUTION_TRACE, tuple(operations), calls)
    if profile.has_times:
        return profile
    note = "an execution trace holds no times; give the Kineto trace recorded with it as --times FILE"
    return Profile(source, EXECUTION_TRACE, tuple(operations), notes=(note,))


def _is_operator(node: Mapping[str, Any]) -> bool:
    return "::" in node["name"] and not node["name"].startswith("[")


def _around(node: Mapping[str, Any], nodes: Mapping[int, Mapping[str, Any]], source: str) -> list[Mapping[str, Any]]:
    """The nodes around one, the innermost first."""
    found: list[Mapping[str, Any]] = []
    while True:
        above = node.get("ctrl_deps", node.get("parent"))
        if not isinstance(above, int) or above == node["id"] or above not in nodes:
            return found
        node = nodes[above]
        found.append(node)
        if len(found) > len(nodes):
            raise InputError(f"{source}: node {node['id']}: is inside itself")


def _inputs(node: Mapping[str, Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Shapes and values of the inputs: under `inputs` since schema 1.0.3, before that side by side."""
    inputs = node.get("inputs")
    if isinstance(inputs, Mapping):
        return inputs.get("shapes") or (), inputs.get("values") or ()
    return node.get("input_shapes") or (), inputs if isinstance(inputs, list) else ()


def _recorded(node: Mapping[str, Any], times: Mapping[int, Recorded]) -> Recorded | None:
    record = _attributes(node).get("rf_id", node.get("rf_id"))
    return times.get(record) if isinstance(record, int) else None


def _own_times(node: Mapping[str, Any]) -> tuple[int, int | None]:
    attributes = _attributes(node)
    begin, duration = node.get("ts", attributes.get("ts")), node.get("dur", attributes.get("dur"))
    if isinstance(duration, int | float) and 0 <= duration <= LONGEST_US:
        start = begin if isinstance(begin, int | float) and 0 <= begin <= LONGEST_US else 0
        return round(start * _PS_PER_US), round(duration * _PS_PER_US)
    return 0, None


def _attributes(node: Mapping[str, Any]) -> dict[str, Any]:
    listed = node.get("attrs")
    pairs = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
    return {str(item.get("name")): item.get("value") for item in pairs}
