"""Sweep files: `base:`, `axes:`, `zip:`, `where:`, `derive:`; strict, every error with file, line and axis."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from socsim.errors import ConfigError
from socsim.hardware.yaml_tree import Entry, Mapping, Node, Scalar, Sequence
from socsim.registry import did_you_mean
from socsim.study.design.axis import Axis, read_axis
from socsim.study.design.base import HARDWARE, WHAT_RUNS, check_name, read_base
from socsim.study.design.expression import Expression, parse_expression
from socsim.study.design.options import checked_option, is_option
from socsim.study.design.plan import Dimension, Located, Plan, drawn_dimension
from socsim.study.design.section import Section, raise_problems, read_document
from socsim.study.design.value import Value

GOALS = ("min", "max")


@dataclass(frozen=True, slots=True)
class Objective:
    """A figure to be made small or large: a column of the results, or an expression of columns. `where` is its place
    in the file, for errors; empty where it comes from none."""

    name: str
    goal: str
    expression: Expression
    where: str = ""

    @property
    def sign(self) -> int:
        """1 where less is better, -1 where more is."""
        return 1 if self.goal == "min" else -1


@dataclass(frozen=True, slots=True)
class SweepFile:
    """A sweep as read: the plan of its points, the axes as written, further columns, and what is best."""

    name: str
    path: Path
    plan: Plan
    axes: tuple[Axis, ...]
    figures: tuple[Located, ...]
    objectives: tuple[Objective, ...]


def read_sweep(path: str | Path) -> SweepFile:
    """The sweep of a file. All errors are raised together as `ConfigFileError`, or the first as `ConfigError`."""
    file = Path(path)
    problems: list[ConfigError] = []
    top = read_document(file, problems)
    name = top.text("name", file.stem)
    base = read_base(top.section("base"))
    crossed, zipped = read_axes(top), _read_zip(top)
    seed = top.integer("seed", 0)
    samples_entry = top.entry("samples")
    samples = top.integer("samples", 0, 1)
    drawn = [axis for axis in crossed if axis.is_drawn]
    if drawn and samples_entry is None:
        words = f"axes.{drawn[0].name}: a drawn axis needs 'samples: N' at the top of the file"
        top.problem(drawn[0].mark, words)
    if samples_entry is not None and not drawn:
        top.problem(samples_entry.key_mark, "samples: no axis is drawn by random or lhs")
    axes = (*crossed, *[axis for group in zipped for axis in group])
    check_axes(top, axes, base)
    derived, conditions = read_derived(top, [axis.name for axis in axes]), read_conditions(top)
    figures = read_figures(top)
    objectives = read_objectives(top)
    top.close()
    raise_problems(problems)
    dimensions = [Dimension((axis.name,), tuple((value,) for value in axis.values)) for axis in crossed
                  if not axis.is_drawn]  # fmt: skip
    for group in zipped:
        rows = tuple(zip(*[axis.values for axis in group], strict=True))
        dimensions.append(Dimension(tuple(axis.name for axis in group), rows))
    if drawn:
        dimensions.append(drawn_dimension(drawn, samples, seed))
    return SweepFile(
        name=name,
        path=file,
        plan=Plan(base, tuple(dimensions), derived, conditions),
        axes=axes,
        figures=figures,
        objectives=objectives,
    )


def read_axes(top: Section) -> list[Axis]:
    """The `axes:` of a study file."""
    section = top.section("axes")
    axes = [_axis(section, name, entry) for name, entry in section]
    return [axis for axis in axes if axis is not None]


def _axis(section: Section, name: str, entry: Entry) -> Axis | None:
    try:
        check_name(name)
    except ConfigError as error:
        section.problem(entry.key_mark, f"{section.path}: {error.what}")
        return None
    axis = read_axis(name, entry, section.path, section.problems)
    if axis is not None and is_option(name):
        for index, value in enumerate(axis.values):
            try:
                checked_option(name, value)
            except ConfigError as error:
                mark = axis.marks[index] if axis.marks else axis.mark
                section.problem(mark, f"{section.path}.{name}: {error.what}")
    return axis


def _read_zip(top: Section) -> list[list[Axis]]:
    """`zip:` is a mapping of axes that advance together, or a list of such mappings."""
    entry = top.entry("zip")
    if entry is None:
        return []
    groups = []
    for node in entry.node.items if isinstance(entry.node, Sequence) else (entry.node,):
        section = Section(node, "zip", top.problems)
        group = [axis for axis in (_axis(section, name, item) for name, item in section) if axis is not None]
        for axis in group:
            if axis.is_drawn:
                section.problem(axis.mark, f"zip.{axis.name}: a drawn axis belongs under 'axes'")
        lengths = {axis.name: len(axis.values) for axis in group if not axis.is_drawn}
        if len(set(lengths.values())) > 1:
            counts = ", ".join(f"{name} has {count}" for name, count in lengths.items())
            section.problem(node.mark, f"zip: axes that advance together need equally many values: {counts}")
        if group:
            groups.append(group)
    return groups


def check_axes(top: Section, axes: tuple[Axis, ...], base: dict[str, Value]) -> None:
    """Note axes that are given twice, and a missing hardware or workload."""
    seen: dict[str, Axis] = {}
    for axis in axes:
        first = seen.setdefault(axis.name, axis)
        if first is not axis:
            top.problem(axis.mark, f"axis '{axis.name}' is given twice, first in line {first.mark.line}")
    given = {*seen, *base}
    if HARDWARE not in given:
        top.problem(top.mark, "base.hardware: no hardware is given: neither 'base' nor an axis names one")
    if not given & {*WHAT_RUNS}:
        top.problem(top.mark, "base.workload: no workload or scenario is given: neither 'base' nor an axis names one")


def read_derived(top: Section, axes: list[str]) -> tuple[Located, ...]:
    """The `derive:` of a study file, in the order in which they are computed."""
    section = top.section("derive")
    found = []
    for name, entry in section:
        try:
            check_name(name)
            if name in axes:
                raise ConfigError("", f"'{name}' is an axis already")
        except ConfigError as error:
            section.problem(entry.key_mark, f"derive: {error.what}")
            continue
        located = expression_at(section, f"derive.{name}", entry.node)
        if located is not None:
            found.append(Located(name, located.expression, located.mark))
    return tuple(found)


def read_conditions(top: Section) -> tuple[Located, ...]:
    """The `where:` of a study file: one condition or a list of them."""
    entry = top.entry("where")
    if entry is None:
        return ()
    nodes = entry.node.items if isinstance(entry.node, Sequence) else (entry.node,)
    found = [expression_at(top, "where", node) for node in nodes]
    return tuple(item for item in found if item is not None)


def read_figures(top: Section) -> tuple[Located, ...]:
    """The `figures:` of a study file: further columns of the results, computed from the others."""
    section = top.section("figures")
    found = []
    for name, entry in section:
        located = expression_at(section, f"figures.{name}", entry.node)
        if located is not None:
            found.append(Located(name, located.expression, located.mark))
    return tuple(found)


def read_objectives(top: Section) -> tuple[Objective, ...]:
    """The `objectives:` of a study file: `latency_s: min` or `cost: {min: units.gpu.cores * 2}`."""
    section = top.section("objectives")
    found = []
    for name, entry in section:
        node = entry.node
        goal: object = node.value if isinstance(node, Scalar) else None
        text: object = f"value('{name}')"
        if isinstance(node, Mapping) and len(node.entries) == 1:
            goal, inner = next(iter(node.entries.items()))
            text = inner.node.value if isinstance(inner.node, Scalar) else None
        if goal not in GOALS:
            near = f": {did_you_mean(goal, GOALS)}" if isinstance(goal, str) else ""
            section.problem(node.mark, f"objectives.{name}: expected min, max or {{min: expression}}{near}")
            continue
        try:
            found.append(Objective(name, str(goal), parse_expression(text), str(node.mark)))
        except ConfigError as error:
            section.problem(node.mark, f"objectives.{name}: {error.what}")
    return tuple(found)


def expression_at(section: Section, name: str, node: Node) -> Located | None:
    """The expression that a node holds; None, and a noted error, where it holds none."""
    try:
        if not isinstance(node, Scalar):
            raise ConfigError("", "expected an expression such as units.gpu.cores * 2")
        return Located(name, parse_expression(node.value), node.mark)
    except ConfigError as error:
        section.problem(node.mark, f"{name}: {error.what}")
        return None
