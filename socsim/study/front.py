"""Judges the points of a search: objectives to be made small, constraints kept or broken."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from socsim.errors import ConfigError
from socsim.study.design.expression import truth
from socsim.study.design.plan import Located, Point
from socsim.study.design.quantity_math import plain_number
from socsim.study.design.sweep_file import Objective
from socsim.study.design.value import Value, plain
from socsim.study.execution.collect import computed, scope_of
from socsim.study.execution.job import OK, STATUS, Result
from socsim.study.execution.table import Column, Results

_MARGIN = 0.1
"""How far beyond the worst of the first points the reference point lies, where none is given."""


@dataclass(frozen=True, slots=True)
class UserObjective:
    """A function of the user's own: a row of the table (axes, figures) -> a number to be made small or large."""

    name: str
    function: Callable[[Mapping[str, Any]], float]
    goal: str


class Judge:
    """Turns results into scores. All errors name the objective or the place of the constraint."""

    def __init__(
        self,
        figures: Sequence[Located],
        objectives: Sequence[Objective],
        constraints: Sequence[Located],
        own: Sequence[UserObjective],
    ) -> None:
        self._figures = figures
        self._objectives = objectives
        self._constraints = constraints
        self._own = own
        self._own_values: dict[int, dict[str, float]] = {}
        self.names = (*[item.name for item in objectives], *[item.name for item in own])
        self.goals = (*[item.goal for item in objectives], *[item.goal for item in own])
        self.signs = tuple(1.0 if goal == "min" else -1.0 for goal in self.goals)

    def values(self, point: Point, result: Result) -> tuple[float, ...] | None:
        """The objectives of a point, all to be made small; None where its run failed."""
        if result[STATUS] != OK:
            return None
        scope = self._scope(point, result)
        problems: dict[str, ConfigError] = {}
        found = computed(scope, self._figures, self._objectives, problems)
        if problems:
            raise next(iter(problems.values()))
        numbers = [float(plain_number(plain(found[item.name]))) for item in self._objectives]
        numbers += list(self._own_numbers(point, scope).values())
        return tuple(number * sign for number, sign in zip(numbers, self.signs, strict=True))

    def score(self, point: Point, result: Result) -> tuple[float, ...] | None:
        """Like `values`; None also where a constraint is broken."""
        values = self.values(point, result)
        if values is None:
            return None
        scope = self._scope(point, result)
        computed(scope, self._figures, (), {})
        for objective, value, sign in zip(self.names, values, self.signs, strict=True):
            scope.setdefault(objective, value * sign)
        return values if all(truth(condition(scope)) for condition in self._constraints) else None

    def reference(self, given: Sequence[float | None], first: Sequence[tuple[float, ...] | None]) -> tuple[float, ...]:
        """The point below which volume counts: as given, else beyond the worst of the first points."""
        scored = [score for score in first if score is not None]
        found = []
        for index, sign in enumerate(self.signs):
            value = given[index] if index < len(given) else None
            if value is not None:
                found.append(value * sign)
                continue
            worst = max((score[index] for score in scored), default=1.0)
            best = min((score[index] for score in scored), default=0.0)
            found.append(worst + _MARGIN * max(worst - best, abs(worst) * 0.01))
        return tuple(found)

    def add_columns(self, results: Results, points: Sequence[Point], found: Sequence[Result]) -> None:
        """The user's objectives and `feasible` as columns of a table."""
        for objective in self._own:
            results.columns[objective.name] = Column(
                [self._own_values.get(id(point), {}).get(objective.name) for point in points]
            )
        feasible = [self.score(point, result) is not None for point, result in zip(points, found, strict=True)]
        results.columns["feasible"] = Column(list(feasible))

    def _own_numbers(self, point: Point, scope: Mapping[str, Value]) -> dict[str, float]:
        known = self._own_values.get(id(point))
        if known is None:
            row = {name: plain(value) for name, value in scope.items()}
            known = {item.name: self._number(item, row) for item in self._own}
            self._own_values[id(point)] = known
        return known

    @staticmethod
    def _number(objective: UserObjective, row: Mapping[str, Any]) -> float:
        try:
            number = float(objective.function(row))
        except Exception as error:
            raise ConfigError(objective.name, f"your function fails: {type(error).__name__}: {error}") from error
        if not math.isfinite(number):
            raise ConfigError(objective.name, f"your function gave {number}")
        return number

    @staticmethod
    def _scope(point: Point, result: Result) -> dict[str, Value]:
        return scope_of(point, result)
