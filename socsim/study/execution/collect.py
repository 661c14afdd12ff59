"""From points and their stored results to the table of a study: axes, figures, columns computed from both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from socsim.errors import ConfigError
from socsim.study.design.plan import Located, Point
from socsim.study.design.sweep_file import Objective
from socsim.study.design.value import Quantity, Value, plain
from socsim.study.execution.evaluate import SOC
from socsim.study.execution.job import OK, POINT, STATUS, Scalar
from socsim.study.execution.table import Column, Results, gather


def soc_names(expressions: Iterable[Located | Objective]) -> list[str]:
    """Names of values of the hardware that expressions need and runs have to record, sorted."""
    names = {name for item in expressions for name in item.expression.names if name.startswith(SOC)}
    return sorted(names)


def collect(
    names: Sequence[str],
    points: Sequence[Point],
    hashes: Sequence[str],
    chunks: Iterable[Mapping[str, Sequence[Scalar]]],
    figures: Sequence[Located] = (),
    objectives: Sequence[Objective] = (),
) -> Results:
    """The table of a study. `names` are the axes and derived values; a figure of a run with the name of an axis (such
    as `seed`) has no column of its own."""
    columns = {name: _axis_column([point.values[name] for point in points]) for name in names}
    columns[POINT] = Column(list(hashes))
    gathered = gather(hashes, chunks)
    for name, column in gathered.items():
        if name not in columns:
            columns[name] = column
    done = [status == OK for status in gathered[STATUS].values]
    for figure in figures:
        columns[figure.name] = Column([None] * len(points))
    for objective in objectives:
        if objective.expression.text != f"value('{objective.name}')":
            columns.setdefault(objective.name, Column([None] * len(points)))
    problems: dict[str, ConfigError] = {}
    for row, point in enumerate(points):
        if done[row]:
            scope = scope_of(point, {name: column.values[row] for name, column in gathered.items()})
            for name, value in computed(scope, figures, objectives, problems).items():
                if name in columns:
                    columns[name].values[row] = plain(value)
    for name, problem in problems.items():
        if all(value is None for value in columns[name].values) if name in columns else True:
            raise problem
    metadata = {
        "axes": json.dumps(list(names)),
        "objectives": json.dumps([{"name": item.name, "goal": item.goal} for item in objectives]),
    }
    return Results(columns, metadata)


def scope_of(point: Point, figures: Mapping[str, Scalar]) -> dict[str, Value]:
    """The names that figures and objectives may use: figures of the run, axes and derived values of the point."""
    return {**{name: value for name, value in figures.items() if value is not None}, **point.values}


def computed(
    scope: dict[str, Value],
    figures: Sequence[Located],
    objectives: Sequence[Objective],
    problems: dict[str, ConfigError],
) -> dict[str, Value]:
    """Values of figures and objectives, each of which may use those before it. What cannot be computed (a figure that
    this run does not have) is left out, and why is noted in `problems`."""
    found: dict[str, Value] = {}
    for figure in figures:
        try:
            scope[figure.name] = found[figure.name] = figure(scope)
        except ConfigError as error:
            problems.setdefault(figure.name, error)
    for objective in objectives:
        try:
            found[objective.name] = objective.expression(scope)
        except ConfigError as error:
            name = f"objectives.{objective.name}"
            place = (objective.where, f"{name}: {error.what}") if objective.where else (name, error.what)
            problems.setdefault(objective.name, ConfigError(*place))
    return found


def _axis_column(values: Sequence[Value]) -> Column:
    """Quantities as numbers with their unit, if all are of one dimension; lists and mixtures as text."""
    dimensions = {value.dimension for value in values if isinstance(value, Quantity)}
    quantities = all(isinstance(value, Quantity) or value is None for value in values)
    if len(dimensions) == 1 and quantities:
        unit = next(value.unit for value in values if isinstance(value, Quantity))
        return Column([plain(value) for value in values], unit)
    if dimensions:
        return Column([None if value is None else str(value) for value in values])
    return Column([plain(value) for value in values])
