"""Kineto traces of `torch.profiler` (CPU operators, GPU kernels, calls of modules) and plain Chrome traces.

A Kineto trace with `with_stack=True` holds the calls of modules as `nn.Module: Linear_3`, without the names of their
attributes; `record_function` scopes are `user_annotation`. Operators inside operators belong to the outer one; where
there are kernels of a GPU an operator takes the time of its kernels.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from socsim.errors import InputError
from socsim.study.compare.profile.measured import CHROME, KINETO, Call, MeasuredOperation, Profile
from socsim.study.compare.profile.operators import matmul_flop

_PS_PER_US = 10**6
LONGEST_US = 1e12
"""Eleven days; what lies further apart is no time of one profile."""
_OPERATOR, _ANNOTATION = "cpu_op", "user_annotation"
_KERNELS = ("kernel", "gpu_memcpy", "gpu_memset")
_MODULE = "nn.Module: "


@dataclass(slots=True)
class _Event:
    """A slice: what it is, when, and what is around it on its thread."""

    name: str
    kind: str
    begin_ps: int
    end_ps: int
    lane: str
    arguments: Mapping[str, Any]
    around: tuple[_Event, ...] = ()
    has_inner: bool = False
    kernel_ps: int = 0
    calls: list[int] = field(default_factory=list)


def read_events(events: Sequence[Mapping[str, Any]], source: str) -> Profile:
    """The profile that a list of trace events holds."""
    slices = _slices(events, source)
    if not slices:
        raise InputError(f"{source}: holds no slices (complete events, or begins with ends)")
    _nest(slices)
    if any(item.kind == _OPERATOR for item in slices):
        return _kineto(slices, source)
    operations = tuple(
        MeasuredOperation(item.name, item.begin_ps, item.end_ps - item.begin_ps, path=item.name, lane=item.lane)
        for item in slices
        if item.end_ps > item.begin_ps
    )
    return Profile(source, CHROME, operations)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a Kineto trace knows of a record that an execution trace refers to."""

    begin_ps: int
    duration_ps: int
    call: int | None
    modules: tuple[str, ...]


def recorded(events: Sequence[Mapping[str, Any]], source: str) -> tuple[dict[int, Recorded], tuple[Call, ...]]:
    """`Record function id` of a Kineto trace -> what is known of it; and the calls of the model."""
    slices = _slices(events, source)
    _nest(slices)
    roots = _roots(slices)
    found = {}
    for item in slices:
        record = item.arguments.get("Record function id")
        if isinstance(record, int) and record > 0:
            found[record] = Recorded(
                item.begin_ps, item.end_ps - item.begin_ps, _call(item, roots), tuple(_modules(item))
            )
    if not found:
        raise InputError(
            f"{source}: no operator has a 'Record function id': record it together with the execution trace "
            "(torch.profiler.profile(execution_trace_observer=...))"
        )
    return found, tuple(Call(item.begin_ps, item.end_ps - item.begin_ps) for item in roots)


def _call(item: _Event, roots: Sequence[_Event]) -> int | None:
    """Which call of the model it is in; None where it is in none."""
    inside = (number for number, root in enumerate(roots) if root.begin_ps <= item.begin_ps < root.end_ps)
    return next(inside, None) if roots else 0


def _slices(events: Sequence[Mapping[str, Any]], source: str) -> list[_Event]:
    """Complete events, and begins with their ends, in the order of their begin, outer ones first."""
    found: list[_Event] = []
    open_begins: dict[str, list[tuple[str, str, float, Mapping[str, Any]]]] = defaultdict(list)
    used = [(number, event) for number, event in enumerate(events) if event.get("ph") in ("X", "B", "E")]
    begins = [_number(event.get("ts"), "ts", f"{source}: event {number}") for number, event in used]
    # before scaling: microseconds since the machine started leave a float no digits for picoseconds
    first = min(begins, default=0.0)
    for (number, event), begin_us in zip(used, begins, strict=True):
        where, begin = f"{source}: event {number}", begin_us - first
        if begin > LONGEST_US:
            raise InputError(f"{where}: its 'ts' is {begin:.3g} us after the first event's")
        lane = f"{event.get('pid')} {event.get('tid')}"
        name, kind, arguments = str(event.get("name", "")), str(event.get("cat", "")), event.get("args")
        arguments = arguments if isinstance(arguments, Mapping) else {}
        if event["ph"] == "X":
            duration = _number(event.get("dur", 0), "dur", where)
            if not 0 <= duration <= LONGEST_US:
                what = "negative" if duration < 0 else f"{duration:.3g} us"
                raise InputError(f"{where} ('{name}'): its duration is {what}")
            found.append(_event(name, kind, begin, duration, lane, arguments))
        elif event["ph"] == "B":
            open_begins[lane].append((name, kind, begin, arguments))
        elif open_begins[lane]:
            name, kind, start, arguments = open_begins[lane].pop()
            found.append(_event(name, kind, start, begin - start, lane, arguments))
        else:
            raise InputError(f"{where}: ends a slice that nothing began")
    return sorted(found, key=lambda item: (item.begin_ps, -item.end_ps))


def _event(
    name: str, kind: str, begin_us: float, duration_us: float, lane: str, arguments: Mapping[str, Any]
) -> _Event:
    begin_ps = round(begin_us * _PS_PER_US)
    return _Event(name, kind, begin_ps, begin_ps + round(duration_us * _PS_PER_US), lane, arguments)


def _number(value: Any, key: str, where: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{where}: '{key}' is not a number but {value!r}") from None
    if not math.isfinite(number):
        raise InputError(f"{where}: '{key}' is not a number but {value!r}")
    return number


def _nest(slices: Sequence[_Event]) -> None:
    """What is around each slice on its own thread."""
    open_slices: dict[str, list[_Event]] = defaultdict(list)
    for item in slices:
        stack = open_slices[item.lane]
        while stack and stack[-1].end_ps <= item.begin_ps:
            stack.pop()
        item.around = tuple(stack)
        if stack:
            stack[-1].has_inner = True
        stack.append(item)


def _kineto(slices: Sequence[_Event], source: str) -> Profile:
    operators = [item for item in slices if item.kind == _OPERATOR]
    outer = [item for item in operators if not any(above.kind == _OPERATOR for above in item.around)]
    notes = []
    on_device = _add_kernels(slices, operators)
    if on_device:
        notes.append("times are those of the kernels that each operator launched")
    roots = _roots(slices)
    calls = tuple(Call(item.begin_ps, item.end_ps - item.begin_ps) for item in roots)
    if not any(item.name.startswith(_MODULE) for item in slices):
        notes.append("no calls of modules: profile with_stack=True and with_modules=True for a surer match")
    operations = []
    for item in outer:
        call = _call(item, roots)
        if call is None:
            continue  # what runs outside the model is no part of it
        arguments = item.arguments
        annotations = [above.name for above in item.around if above.kind == _ANNOTATION]
        operations.append(
            MeasuredOperation(
                name=item.name,
                begin_ps=item.begin_ps,
                duration_ps=item.kernel_ps if on_device else item.end_ps - item.begin_ps,
                call=call,
                modules=tuple(_modules(item)),
                path=annotations[-1] if annotations else "",
                lane=item.lane,
                matmul_flop=matmul_flop(item.name, arguments.get("Input Dims"), arguments.get("Concrete Inputs")),
            )
        )
    if not operations:
        raise InputError(f"{source}: none of its {len(outer)} operators ran inside a call of a module")
    return Profile(source, KINETO, tuple(operations), calls, tuple(notes))


def _modules(item: _Event) -> Iterator[str]:
    return (above.name.removeprefix(_MODULE) for above in item.around if above.name.startswith(_MODULE))


def _roots(slices: Sequence[_Event]) -> list[_Event]:
    """Calls of the whole model: modules inside no other; the commonest of them, where others ran too."""
    roots = [
        item
        for item in slices
        if item.name.startswith(_MODULE) and not any(above.name.startswith(_MODULE) for above in item.around)
    ]
    time: dict[str, int] = defaultdict(int)
    for item in roots:
        time[item.name] += item.end_ps - item.begin_ps
    longest = max(time, key=lambda name: time[name]) if time else ""
    return [item for item in roots if item.name == longest]


def _add_kernels(slices: Sequence[_Event], operators: Sequence[_Event]) -> bool:
    """Add the time of kernels to the outermost operator that launched them; whether there were any."""
    outermost = {}
    for item in operators:
        number = item.arguments.get("External id")
        if number is not None:
            outermost[number] = next((above for above in item.around if above.kind == _OPERATOR), item)
    kernels = [item for item in slices if item.kind in _KERNELS]
    for item in kernels:
        owner = outermost.get(item.arguments.get("External id"))
        if owner is not None:
            owner.kernel_ps += item.end_ps - item.begin_ps
    return bool(kernels)
