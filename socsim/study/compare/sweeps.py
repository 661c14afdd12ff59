"""Two sweeps compared: what differs in their files, and point by point, matched by the values of their axes."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from socsim.errors import InputError
from socsim.hardware.leaves import Leaf, plain_leaves
from socsim.study.compare.inputs import Change, leaf_changes
from socsim.study.execution.job import ERROR, POINT, STATUS, Scalar
from socsim.study.execution.table import Results
from socsim.study.run_sweep import MANIFEST, SweepResult, load_sweep

_SAID_BY_THE_FILE = ("sweep", "axes", "objectives", "points", "status", "columns", "manifest_version")
"""Keys of a sweep's manifest that its file says, or that are results."""
_NO_FIGURES = (POINT, STATUS, ERROR, "schema_version", "seed")


@dataclass(frozen=True, slots=True)
class FigureRatios:
    """A figure over all points that both sweeps have: at how many it differs, and the ratios after/before there."""

    name: str
    points: int
    differ: int
    least: float
    median: float
    most: float


@dataclass(frozen=True, slots=True)
class PointPair:
    """A point of both sweeps: the values of the common axes, and its row in each."""

    axes: tuple[Scalar, ...]
    before_row: int
    after_row: int


@dataclass(frozen=True)
class SweepComparison:
    """What differs between two sweeps. `only_before` and `only_after` are rows without a counterpart."""

    before: SweepResult
    after: SweepResult
    axes: tuple[str, ...]
    inputs: tuple[Change, ...]
    pairs: tuple[PointPair, ...]
    only_before: tuple[int, ...]
    only_after: tuple[int, ...]

    @property
    def objectives(self) -> tuple[str, ...]:
        """Objectives of the first sweep that both have a column for."""
        return tuple(item.name for item in self.before.objectives if item.name in self.after.results.columns)

    @property
    def nothing_changed(self) -> bool:
        """Same file, same points, same results."""
        same = not (self.inputs or self.only_before or self.only_after or self.status_changes)
        return same and not any(item.differ for item in self.figures)

    @cached_property
    def status_changes(self) -> tuple[PointPair, ...]:
        """Points that one sweep could compute and the other could not."""
        left, right = (sweep.results.columns[STATUS].values for sweep in (self.before, self.after))
        return tuple(pair for pair in self.pairs if left[pair.before_row] != right[pair.after_row])

    @cached_property
    def figures(self) -> tuple[FigureRatios, ...]:
        """Every figure that both sweeps have numbers for, in the order of the first."""
        left, right = self.before.results, self.after.results
        names = [name for name in left.columns if name in right.columns and name not in (*self.axes, *_NO_FIGURES)]
        found = [self._ratios(name) for name in names]
        return tuple(item for item in found if item.points)

    @cached_property
    def fronts(self) -> tuple[list[int], list[int]]:
        """Numbers of the pairs on the first sweep's Pareto front, and on the second's, among the common points."""
        left, right = set(self.before.front()), set(self.after.front())
        return (
            [number for number, pair in enumerate(self.pairs) if pair.before_row in left],
            [number for number, pair in enumerate(self.pairs) if pair.after_row in right],
        )

    def values(self, name: str) -> tuple[list[Scalar], list[Scalar]]:
        """A column at the common points, before and after."""
        left, right = self.before.results.columns[name].values, self.after.results.columns[name].values
        return [left[pair.before_row] for pair in self.pairs], [right[pair.after_row] for pair in self.pairs]

    def _ratios(self, name: str) -> FigureRatios:
        values = [
            (one, other)
            for one, other in zip(*self.values(name), strict=True)
            if isinstance(one, int | float) and isinstance(other, int | float)
        ]
        differ = sum(one != other for one, other in values)
        ratios = np.array([other / one for one, other in values if one]) if values else np.empty(0)
        least, median, most = (
            (float(ratios.min()), float(np.median(ratios)), float(ratios.max())) if len(ratios) else (1.0, 1.0, 1.0)
        )
        return FigureRatios(name, len(values), differ, least, median, most)


def compare_sweeps(before: str | Path, after: str | Path) -> SweepComparison:
    """Compare the sweeps of two folders; `InputError` where their points cannot be told apart by common axes."""
    one, other = load_sweep(before), load_sweep(after)
    left_axes, right_axes = axes_of(one.results), axes_of(other.results)
    axes = tuple(name for name in left_axes if name in right_axes)
    left, right = _by_axes(one, axes, left_axes), _by_axes(other, axes, right_axes)
    return SweepComparison(
        before=one,
        after=other,
        axes=axes,
        inputs=leaf_changes(_inputs(one.folder), _inputs(other.folder)),
        pairs=tuple(PointPair(_values(key), row, right[key]) for key, row in left.items() if key in right),
        only_before=tuple(row for key, row in left.items() if key not in right),
        only_after=tuple(row for key, row in right.items() if key not in left),
    )


def axes_of(results: Results) -> list[str]:
    """The axes of a sweep's table."""
    names: list[str] = json.loads(results.metadata.get("axes", "[]"))
    return names


def _by_axes(sweep: SweepResult, axes: Sequence[str], own: Sequence[str]) -> dict[Hashable, int]:
    """Values of the axes -> row."""
    columns = [sweep.results.columns[name].values for name in axes]
    found: dict[Hashable, int] = {}
    for row in range(len(sweep.results)):
        key = tuple(column[row] for column in columns)
        if key in found:
            others = ", ".join(name for name in own if name not in axes)
            what = f"the axes of both ({', '.join(axes)})" if axes else "any axis: they have none in common"
            raise InputError(f"{sweep.folder}: its points cannot be told apart by {what}; only here: {others}")
        found[key] = row
    return found


def _values(key: Hashable) -> tuple[Scalar, ...]:
    assert isinstance(key, tuple)
    return key


def _inputs(folder: Path) -> dict[str, Leaf]:
    """The sweep file and the hashes of what it names."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        text = yaml.safe_load(manifest.get("sweep", "")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"{folder / MANIFEST}: not the manifest of a sweep ({error})") from error
    if not isinstance(text, Mapping):
        raise InputError(f"{folder / MANIFEST}: not the manifest of a sweep")
    rest = {key: value for key, value in manifest.items() if key not in _SAID_BY_THE_FILE}
    return {
        **{path: leaf for key, value in text.items() for path, leaf in plain_leaves(value, str(key)).items()},
        **{path: leaf for key, value in rest.items() for path, leaf in plain_leaves(value, f"manifest.{key}").items()},
    }
