"""The space that a search moves in: for each axis a number of an optimizer, and the value that it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from socsim.study.design.axis import Axis
from socsim.study.design.value import Quantity, Value

Coordinates = dict[str, int | float]
"""Axis -> index into its values, or a fraction of its interval."""


@dataclass(frozen=True, slots=True)
class Space:
    """The axes of a search."""

    axes: tuple[Axis, ...]

    def suggest(self, trial: Any) -> Coordinates:
        """Coordinates that Optuna chooses. Numbers in order are integers to it, so that near values are near."""
        chosen: Coordinates = {}
        for axis in self.axes:
            if axis.interval is not None:
                chosen[axis.name] = trial.suggest_float(axis.name, 0.0, 1.0)
            elif _is_ordered(axis.values):
                chosen[axis.name] = trial.suggest_int(axis.name, 0, len(axis.values) - 1)
            else:
                chosen[axis.name] = trial.suggest_categorical(axis.name, list(range(len(axis.values))))
        return chosen

    def values(self, coordinates: Mapping[str, int | float]) -> dict[str, Value]:
        """The values of the axes at some coordinates."""
        return {
            axis.name: axis.interval.at(coordinates[axis.name])
            if axis.interval is not None
            else axis.values[int(coordinates[axis.name])]
            for axis in self.axes
        }

    def spread(self, count: int, generator: np.random.Generator) -> list[Coordinates]:
        """A Latin hypercube over all axes: a first look at the space."""
        columns = [(generator.permutation(count) + generator.random(count)) / count for _ in self.axes]
        return [
            {axis.name: self._at(axis, float(column[row])) for axis, column in zip(self.axes, columns, strict=True)}
            for row in range(count)
        ]

    def neighbours(self, coordinates: Coordinates) -> list[Coordinates]:
        """One step along one axis: the next values of an ordered axis, all others of an unordered one."""
        found: list[Coordinates] = []
        for axis in self.axes:
            here = coordinates[axis.name]
            if axis.interval is not None:
                steps: Sequence[float] = [here - 0.05, here + 0.05]
                found += [{**coordinates, axis.name: min(1.0, max(0.0, step))} for step in steps]
                continue
            if _is_ordered(axis.values):
                indices = [index for index in (int(here) - 1, int(here) + 1) if 0 <= index < len(axis.values)]
            else:
                indices = [index for index in range(len(axis.values)) if index != here]
            found += [{**coordinates, axis.name: index} for index in indices]
        return found

    @staticmethod
    def _at(axis: Axis, fraction: float) -> int | float:
        return fraction if axis.interval is not None else int(fraction * len(axis.values))


def _is_ordered(values: Sequence[Value]) -> bool:
    """Numbers or quantities of one dimension that rise or fall along the list."""
    numbers = [value.number if isinstance(value, Quantity) else value for value in values]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in numbers):
        return False
    steps = np.diff(np.array(numbers, dtype=np.float64))
    return bool((steps > 0).all() or (steps < 0).all())
