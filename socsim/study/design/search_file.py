"""Search files: a sweep file's `base`, `axes`, `derive`, `where` and `figures`, with objectives and a budget.

base: {hardware: apple/m1_max, workload: resnet-50, options: {units: [gpu]}}
axes:
  units.gpu.cores: {range: {from: 4, to: 40, step: 4}}
  units.gpu.clock: {random: {from: 0.8 GHz, to: 1.6 GHz}}      # anywhere between
figures: {cost: units.gpu.cores * 2.5}
objectives: {latency_s: min, cost: min}
constraints: [cost <= 90]
search: {points: 400, population: 40, sampler: nsga2, seed: 0, reference: {latency_s: 0.02, cost: 120}}
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from socsim.errors import ConfigError
from socsim.hardware.yaml_tree import Sequence
from socsim.study.design.axis import Axis
from socsim.study.design.base import read_base
from socsim.study.design.plan import Located, Plan
from socsim.study.design.section import Section, raise_problems, read_document
from socsim.study.design.sweep_file import (
    Objective,
    check_axes,
    expression_at,
    read_axes,
    read_conditions,
    read_derived,
    read_figures,
    read_objectives,
)  # fmt: skip

SAMPLERS = ("nsga2", "tpe", "random")


@dataclass(frozen=True, slots=True)
class SearchFile:
    """A search as read. `reference` are the values beyond which a point adds no hypervolume, by objective."""

    name: str
    path: Path
    plan: Plan
    axes: tuple[Axis, ...]
    figures: tuple[Located, ...]
    objectives: tuple[Objective, ...]
    constraints: tuple[Located, ...]
    points: int
    population: int
    sampler: str
    seed: int
    reference: tuple[float | None, ...]


def read_search(path: str | Path, *, needs_objective: bool = True) -> SearchFile:
    """The search of a file, whose objectives may come from elsewhere. All errors are raised together as
    `ConfigFileError`."""
    file = Path(path)
    problems: list[ConfigError] = []
    top = read_document(file, problems)
    name = top.text("name", file.stem)
    base = read_base(top.section("base"))
    axes = tuple(read_axes(top))
    if not axes:
        top.problem(top.mark, "axes: a search needs at least one axis")
    check_axes(top, axes, base)
    derived, conditions = read_derived(top, [axis.name for axis in axes]), read_conditions(top)
    figures, objectives = read_figures(top), read_objectives(top)
    if not objectives and needs_objective:
        top.problem(top.mark, "objectives: a search needs at least one, e.g. objectives: {latency_s: min}")
    constraints = _read_constraints(top)
    budget = top.section("search")
    search = SearchFile(
        name=name,
        path=file,
        plan=Plan(base, (), derived, conditions),
        axes=axes,
        figures=figures,
        objectives=objectives,
        constraints=constraints,
        points=budget.integer("points", 200, 1),
        population=budget.integer("population", 0, 0),
        sampler=budget.choice("sampler", SAMPLERS, "nsga2"),
        seed=budget.integer("seed", 0),
        reference=_read_reference(budget, objectives),
    )
    budget.close()
    top.close()
    raise_problems(problems)
    return search


def _read_constraints(top: Section) -> tuple[Located, ...]:
    """Conditions on results: a point that breaks one is kept, but is never on the front."""
    entry = top.entry("constraints")
    if entry is None:
        return ()
    nodes = entry.node.items if isinstance(entry.node, Sequence) else (entry.node,)
    found = [expression_at(top, "constraints", node) for node in nodes]
    return tuple(item for item in found if item is not None)


def _read_reference(budget: Section, objectives: tuple[Objective, ...]) -> tuple[float | None, ...]:
    section = budget.section("reference")
    values: list[float | None] = []
    for objective in objectives:
        given = section.entry(objective.name)
        values.append(section.number(objective.name, 1.0) if given is not None else None)
    section.close()
    return tuple(values)
