"""The best point so far, while a study runs."""

from __future__ import annotations

from collections.abc import Sequence

from socsim.errors import ConfigError
from socsim.study.design.plan import Located, Point
from socsim.study.design.quantity_math import plain_number
from socsim.study.design.sweep_file import Objective
from socsim.study.design.value import plain, shown
from socsim.study.execution.collect import computed, scope_of
from socsim.study.execution.job import OK, POINT, STATUS, Result


class Best:
    """Keeps the best result by the first objective; its text says what it is."""

    def __init__(
        self,
        points: Sequence[Point],
        hashes: Sequence[str],
        figures: Sequence[Located],
        objectives: Sequence[Objective],
    ) -> None:
        self._points = dict(zip(hashes, points, strict=True))
        self._figures = figures
        self._objectives = objectives
        self._objective = objectives[0]
        self._seen = False
        self._value: float | None = None
        self._point: Point | None = None

    def see(self, results: Sequence[Result]) -> None:
        """Take note of more results. Raises `ConfigError` where the very first has not what an objective needs."""
        for result in results:
            if result[STATUS] != OK:
                continue
            point = self._points[str(result[POINT])]
            problems: dict[str, ConfigError] = {}
            found = computed(scope_of(point, result), self._figures, self._objectives, problems)
            if problems and not self._seen:
                raise next(iter(problems.values()))  # better after one point than after all of them
            self._seen = True
            if self._objective.name not in found:
                continue
            value = plain_number(plain(found[self._objective.name]))
            if self._value is None or value * self._objective.sign < self._value * self._objective.sign:
                self._value, self._point = value, point

    def __str__(self) -> str:
        if self._value is None or self._point is None:
            return ""
        values = ", ".join(f"{name}={shown(value)}" for name, value in self._point.values.items())
        return f"best {self._objective.name} {self._value:.4g} at {values}"
