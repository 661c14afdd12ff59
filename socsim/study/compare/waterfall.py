"""Where the time went: from the latency of one run to that of the other, in steps that add up to the picosecond.

The critical path cuts each run's latency into segments with a cause and a task, without gap or overlap. The difference
of two runs, summed by cause or by module, is therefore exact: no step is a remainder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from socsim.result.bottleneck import CAUSES
from socsim.study.compare.operations import OperationPair

MOST_STEPS = 12
_MOST_NUMBERED = 4
"""Modules of one list (`layers.0`, `layers.1`, …) up to which each is a step of its own; more are taken together."""
NOBODY = "nothing ran"


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the latency in both runs."""

    name: str
    before_ps: int
    after_ps: int

    @property
    def change_ps(self) -> int:
        """How much longer it takes in the second run."""
        return self.after_ps - self.before_ps


def by_cause(pairs: Sequence[OperationPair]) -> tuple[Step, ...]:
    """One step per cause that takes time in either run, in the order of `bound_by`."""
    steps = [
        Step(
            name,
            sum(pair.before.critical_ps[cause] for pair in pairs if pair.before),
            sum(pair.after.critical_ps[cause] for pair in pairs if pair.after),
        )
        for cause, name in enumerate(CAUSES)
    ]
    return tuple(step for step in steps if step.before_ps or step.after_ps)


@dataclass(slots=True)
class Module:
    """A module of a workload and those in it; `path` begins with stream and phase where there are several."""

    path: tuple[str, ...]
    before_ps: int = 0
    after_ps: int = 0
    children: dict[str, Module] = field(default_factory=dict)

    @property
    def step(self) -> Step:
        """The module as a step."""
        return Step(_name(self.path), self.before_ps, self.after_ps)


def module_tree(pairs: Sequence[OperationPair]) -> Module:
    """The time of the critical path by stream, phase and module path; every module's time includes those in it."""
    show_stream = len({pair.stream for pair in pairs if pair.name}) > 1
    show_phase = len({pair.phase for pair in pairs if pair.name}) > 1
    numbered = _numbered(pairs)
    root = Module(())
    for pair in pairs:
        path = (*((pair.stream,) if show_stream else ()), *((pair.phase,) if show_phase else ()))
        path = (*path, *_module(pair, numbered)) if pair.name else (NOBODY,)
        before, after = (sum(side.critical_ps) if side else 0 for side in (pair.before, pair.after))
        node = root
        node.before_ps += before
        node.after_ps += after
        for length, part in enumerate(path, 1):
            node = node.children.setdefault(part, Module(path[:length]))
            node.before_ps += before
            node.after_ps += after
    return root


def by_module(tree: Module, most: int = MOST_STEPS) -> tuple[Step, ...]:
    """Steps by module, opened where most changed until there are `most`; in the order of the workload."""
    shown = [tree]

    def weight(node: Module) -> tuple[int, int]:
        return (sum(abs(leaf.after_ps - leaf.before_ps) for leaf in _leaves(node)), node.before_ps + node.after_ps)

    while True:
        candidates = [
            node
            for node in shown
            if node.children and (len(node.children) == 1 or len(shown) - 1 + len(node.children) <= most)
        ]
        if not candidates:
            break
        chosen = max(candidates, key=weight)
        if len(chosen.children) > 1 and weight(chosen) == (0, 0):
            break
        place = shown.index(chosen)
        shown[place : place + 1] = chosen.children.values()
    return tuple(node.step for node in shown if node.before_ps or node.after_ps)


def _leaves(node: Module) -> list[Module]:
    return [leaf for child in node.children.values() for leaf in _leaves(child)] if node.children else [node]


def _module(pair: OperationPair, numbered: Callable[[tuple[str, ...]], int]) -> tuple[str, ...]:
    """The module path, a list's number together with its name, long lists as one; last the operator."""
    parts = pair.label.split(".") if pair.label else []
    path: list[str] = []
    for place, part in enumerate(parts):
        if part.isdigit() and place:
            many = numbered(tuple(parts[:place])) > _MOST_NUMBERED
            path[-1] = f"{path[-1]}.{'*' if many else part}"
        else:
            path.append(part)
    operator = pair.name.rpartition("/")[2]
    return (*path, f"/{operator}")


def _numbered(pairs: Sequence[OperationPair]) -> Callable[[tuple[str, ...]], int]:
    """How many numbers follow a path in any of the labels."""
    found: dict[tuple[str, ...], set[str]] = {}
    for label in dict.fromkeys(pair.label for pair in pairs):
        parts = tuple(label.split("."))
        for place, part in enumerate(parts):
            if part.isdigit():
                found.setdefault(parts[:place], set()).add(part)
    return lambda path: len(found.get(path, ()))


def _name(path: tuple[str, ...]) -> str:
    """`model.layers.*.mlp/linear`: parts joined by dots, the operator by its slash."""
    text = ".".join(path).replace("./", "/")
    return text or "everything"
