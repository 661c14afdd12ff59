"""`socsim sensitivity`: which knob matters, one at a time, by elementary effects or by variance."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from socsim.errors import ConfigError, SocsimError
from socsim.registry import did_you_mean
from socsim.report.tornado import Bar, Tornado, tornado_page
from socsim.study.design.axis import Axis
from socsim.study.design.plan import Point
from socsim.study.design.sensitivity_file import METHODS, SensitivityFile, read_sensitivity
from socsim.study.design.value import Value
from socsim.study.effects import DEFAULT_SAMPLES, Effect, Floats, design_of, effects_of
from socsim.study.execution.check import check_points
from socsim.study.execution.collect import collect, soc_names
from socsim.study.execution.driver import Driver, Item, results_of
from socsim.study.execution.evaluate import FUNCTION
from socsim.study.execution.identity import Files, code_hash
from socsim.study.execution.inline import Inline
from socsim.study.execution.job import ERROR, OK, STATUS, Executor
from socsim.study.execution.local_pool import LocalPool, available_cores
from socsim.study.execution.progress import Progress, Silent
from socsim.study.execution.store import Store, write_atomically
from socsim.study.execution.table import Results, write_results
from socsim.study.run_sweep import RESULTS, point_item

SENSITIVITY, PAGE = "sensitivity.json", "tornado.html"


@dataclass(frozen=True)
class SensitivityResult:
    """A finished study: its table of points, and per output the effects of the axes, the strongest first."""

    folder: Path
    method: str
    results: Results
    effects: dict[str, tuple[Effect, ...]]
    computed: int

    def _repr_html_(self) -> str:
        """The tornado plots, for a notebook."""
        return (self.folder / PAGE).read_text(encoding="utf-8")


def sensitivity(
    file: str | Path,
    out: str | Path,
    *,
    method: str | None = None,
    samples: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> SensitivityResult:
    """Run a sensitivity study and write its table, effects and tornado plots to `out`. A rerun
    computes what is missing.

    `method`, `samples` and `seed` replace those of the file. `samples` are values per axis (oat), trajectories of
    k + 1 points (morris), or base samples of k + 2 points (sobol), with k axes.
    Raises `ConfigError` or `ConfigFileError` where the input is wrong, `SocsimError` where a point cannot be run.
    """
    description = read_sensitivity(file)
    method = method or description.method
    if method not in METHODS:
        raise ConfigError("--method", f"unknown method '{method}': {did_you_mean(method, METHODS)}")
    seed = description.seed if seed is None else seed
    design = design_of(method, len(description.axes), samples or description.samples or DEFAULT_SAMPLES[method], seed)
    points, items = _prepare(description, design)
    with Store(Path(out)) as store:
        computed = _compute(items, store, executor, workers, progress or Silent())
        names = [*[axis.name for axis in description.axes], *[item.name for item in description.plan.derived]]
        row_of = {item.point: row for row, item in reversed(list(enumerate(items)))}  # designs repeat points
        hashes = list(row_of)[::-1]
        shown = [_with_all(names, points[row_of[point]]) for point in hashes]
        results = collect(names, shown, hashes, store, description.figures)
        _refuse_failures(results)
        rows = [hashes.index(item.point) for item in items]
        effects = _effects(description, method, design, results, rows, seed)
        write_results(results, store.folder / RESULTS)
        _write(store.folder, description, method, effects, len(hashes))
    return SensitivityResult(Path(out), method, results, effects, computed)


def _prepare(file: SensitivityFile, design: Floats) -> tuple[list[Point], list[Item]]:
    files = Files()
    points: list[Point] = []
    for row in design:
        values = {
            axis.name: value_at(axis, float(fraction))
            for axis, fraction in zip(file.axes, row, strict=True)
            if not math.isnan(fraction)
        }
        point = file.plan.point(len(points), values)
        assert point is not None  # there are no conditions
        points.append(point)
    check_points(file.axes, file.plan.derived, points, files)
    record = soc_names((*file.figures, *file.outputs))
    return points, [point_item(point, files, record) for point in points]


def value_at(axis: Axis, fraction: float) -> Value:
    """The value of an axis at a fraction of its way."""
    if axis.interval is not None:
        return axis.interval.at(fraction)
    return axis.values[min(int(fraction * len(axis.values)), len(axis.values) - 1)]


def _with_all(names: Sequence[str], point: Point) -> Point:
    """The point with a value, if only None, for every column of the table."""
    return replace(point, values={**dict.fromkeys(names), **point.values})


def _compute(
    items: Sequence[Item], store: Store, executor: Executor | None, workers: int | None, progress: Progress
) -> int:
    known = store.known(retry_failed=True)
    unique = {item.point: item for item in items}
    missing = [item for point, item in unique.items() if point not in known]
    progress.begin(len(unique), len(unique) - len(missing))
    if not missing:
        progress.end()
        return 0

    def accept(blob: bytes) -> None:
        store.add(blob)
        results = results_of(blob)
        progress.advance(len(results), sum(result[STATUS] != OK for result in results), "")

    used = executor or (Inline() if workers == 0 else LocalPool(workers or available_cores()))
    try:
        Driver(used, FUNCTION, accept, code=code_hash()).run(missing)
    finally:
        progress.end()
        if executor is None:
            used.close()
    return len(missing)


def _refuse_failures(results: Results) -> None:
    errors = [
        str(error)
        for status, error in zip(results.columns[STATUS].values, results.columns[ERROR].values, strict=True)
        if status != OK
    ]
    if errors:
        raise SocsimError(f"{len(errors)} of {len(results)} points cannot be run; narrow the ranges: {errors[0]}")


def _effects(
    file: SensitivityFile, method: str, design: Floats, results: Results, rows: Sequence[int], seed: int
) -> dict[str, tuple[Effect, ...]]:
    names = [axis.name for axis in file.axes]
    found = {}
    for output in file.outputs:
        if output.name not in results.columns:
            near = did_you_mean(output.name, list(results.columns))
            raise ConfigError(output.where, f"outputs: no figure '{output.name}': {near}")
        values = results.numbers(output.name)[list(rows)]
        if np.isnan(values).any():
            raise ConfigError(output.where, f"outputs: '{output.name}' is no number at every point")
        found[output.name] = effects_of(method, names, design, values, seed)
    return found


def _write(
    folder: Path, file: SensitivityFile, method: str, effects: dict[str, tuple[Effect, ...]], points: int
) -> None:
    data: dict[str, Any] = {
        "name": file.name,
        "method": method,
        "points": points,
        "outputs": {name: [asdict(effect) for effect in found] for name, found in effects.items()},
    }
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / SENSITIVITY, text.encode())
    charts = [
        Tornado(name, _MEANING[method], [Bar(effect.axis, effect.low, effect.high) for effect in found])
        for name, found in effects.items()
    ]
    write_atomically(folder / PAGE, tornado_page(f"Sensitivity: {file.name}", charts).encode())


_MEANING = {
    "oat": "change of the output while one axis goes through its range and the others stay as they are",
    "morris": "mean absolute elementary effect (mu*) over the mean of the output",
    "sobol": "total index ST: share of the variance that an axis has a part in",
}
