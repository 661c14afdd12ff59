"""The points of a study: axes crossed, zipped and drawn, values derived from them, constraints that points keep to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from socsim.errors import ConfigError
from socsim.hardware.yaml_tree import Mark
from socsim.study.design.axis import Axis
from socsim.study.design.base import RunSettings, settings
from socsim.study.design.expression import Expression, truth
from socsim.study.design.value import Value

Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Located:
    """An expression of the file, with its place and the name of what it defines."""

    name: str
    expression: Expression
    mark: Mark

    def __call__(self, names: Mapping[str, Value]) -> Value:
        try:
            return self.expression(names)
        except ConfigError as error:
            raise ConfigError(str(self.mark), f"{self.name}: {error.what}") from None


@dataclass(frozen=True, slots=True)
class Dimension:
    """Names that vary together: one axis, the axes of a zip, or all that are drawn. `rows[i]` has a value per name."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One configuration of a study. `values` are those of axes and derived ones, `settings` the run they make."""

    index: int
    values: Mapping[str, Value]
    settings: RunSettings


@dataclass(frozen=True, slots=True)
class Plan:
    """How the points of a study are made. The first dimension varies slowest."""

    base: Mapping[str, Value]
    dimensions: tuple[Dimension, ...]
    derived: tuple[Located, ...] = ()
    conditions: tuple[Located, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all axes, then of derived values."""
        axes = [name for dimension in self.dimensions for name in dimension.names]
        return (*axes, *[item.name for item in self.derived])

    @property
    def num_combinations(self) -> int:
        """Combinations of the axes before constraints."""
        return prod(len(dimension.rows) for dimension in self.dimensions)

    def points(self) -> Iterator[Point]:
        """All points that keep to the constraints, in order."""
        index = 0
        for rows in product(*[dimension.rows for dimension in self.dimensions]):
            values: dict[str, Value] = {}
            for dimension, row in zip(self.dimensions, rows, strict=True):
                values.update(zip(dimension.names, row, strict=True))
            point = self.point(index, values)
            if point is not None:
                yield point
                index += 1

    def point(self, index: int, axes: Mapping[str, Value]) -> Point | None:
        """The point of some values of the axes; None where a constraint forbids it."""
        values = dict(axes)
        scope = {**self.base, **values}
        for item in self.derived:
            values[item.name] = scope[item.name] = item(scope)
        for condition in self.conditions:
            value = condition(scope)
            try:
                if not truth(value):
                    return None
            except ConfigError as error:
                raise ConfigError(str(condition.mark), f"{condition.name}: {error.what}") from None
        return Point(index, values, self._settings(values))

    def _settings(self, values: Mapping[str, Value]) -> RunSettings:
        try:
            return settings(self.base, values)
        except ConfigError as error:
            found = [item for item in self.derived if error.what.startswith(f"{item.name}: ")]
            raise ConfigError(str(found[0].mark) if found else "", f"derive.{error.what}") from None


def drawn_dimension(axes: list[Axis], samples: int, seed: int) -> Dimension:
    """All drawn axes as one dimension; combinations that came up before are left out."""
    columns = [axis.draw(samples, seed) for axis in axes]
    return Dimension(tuple(axis.name for axis in axes), tuple(dict.fromkeys(zip(*columns, strict=True))))
