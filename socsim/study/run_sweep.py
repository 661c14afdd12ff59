"""`socsim sweep`: many runs, resumable, on this machine or a cluster; a table and what is best in it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import socsim
from socsim.errors import ConfigError
from socsim.study.design.expression import parse_expression
from socsim.study.design.plan import Point
from socsim.study.design.sweep_file import Objective, SweepFile, read_sweep
from socsim.study.execution.best import Best
from socsim.study.execution.check import check_points
from socsim.study.execution.collect import collect, soc_names
from socsim.study.execution.driver import Driver, Item, results_of
from socsim.study.execution.evaluate import FUNCTION
from socsim.study.execution.identity import Files, code_hash, digest, resolved
from socsim.study.execution.inline import Inline
from socsim.study.execution.job import OK, STATUS, Executor, run_job
from socsim.study.execution.local_pool import LocalPool, available_cores
from socsim.study.execution.progress import Progress, Silent
from socsim.study.execution.store import Store, write_atomically
from socsim.study.execution.table import Results, read_results, write_results
from socsim.study.pareto import pareto_front

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_OBJECTIVES = (Objective("latency_s", "min", parse_expression("latency_s")),)
RESULTS, MANIFEST = "results.parquet", "manifest.json"
MANIFEST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sweep whose points are enumerated, checked and identified: everything but the results."""

    file: SweepFile
    points: tuple[Point, ...]
    hashes: tuple[str, ...]
    items: tuple[Item, ...]
    files: Files


@dataclass(frozen=True)
class SweepResult:
    """A finished sweep: its folder, the table, how many points were computed now and how many failed."""

    folder: Path
    results: Results
    objectives: tuple[Objective, ...]
    computed: int = 0
    failed: int = 0

    @property
    def frame(self) -> pd.DataFrame:
        """`results.parquet` as a data frame."""
        import pandas as pd

        return pd.read_parquet(self.folder / RESULTS)

    def front(self) -> list[int]:
        """Rows on the Pareto front of the objectives, best first by the first objective."""
        return front_rows(self.results, self.objectives)

    def best(self) -> dict[str, Any] | None:
        """The row that is best by the first objective, or None where every point failed."""
        front = self.front()
        return self.results.row(front[0]) if front else None


def prepare(file: SweepFile) -> Prepared:
    """Enumerate, check and identify the points of a sweep; raises what is wrong with the file."""
    files = Files()
    points = tuple(file.plan.points())
    if not points:
        where = str(file.plan.conditions[0].mark) if file.plan.conditions else str(file.path)
        raise ConfigError(where, "no point keeps to the conditions under 'where'")
    check_points(file.axes, file.plan.derived, points, files)
    record = soc_names((*file.figures, *file.objectives))
    hashes, items = [], []
    for point in points:
        item = point_item(point, files, record)
        hashes.append(item.point)
        items.append(item)
    return Prepared(file, points, tuple(hashes), tuple(items), files)


def point_item(point: Point, files: Files, record: Sequence[str] = ()) -> Item:
    """What a worker needs to run a point, under the point's hash."""
    identity = files.point_hash(point.settings, point.values)
    if record:
        identity = digest([identity, list(record)])
    hardware, workloads, scenario = resolved(point.settings)
    data = {
        "hardware": hardware,
        "hardware_hash": files.hardware_of(point.settings.hardware),
        "workloads": [
            (path, files.workload_of(name)) for path, name in zip(workloads, point.settings.workloads, strict=True)
        ],
        "overrides": point.settings.overrides,
        "options": point.settings.options,
        "record": list(record),
    }
    if scenario:
        data |= {"scenario": scenario, "scenario_hash": files.scenario_of(point.settings.scenario)}
    return Item(identity, data)


def sweep(
    file: str | Path,
    out: str | Path,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> SweepResult:
    """Run the points of a sweep file that are not in the folder `out` yet, and write its table.

    `workers` processes (default: one per core; 0: in this process), or an `executor` of your own, which is not closed.
    Raises `ConfigError` or `ConfigFileError` where the file is wrong, `OutputError` where `out` cannot be written.
    """
    prepared = prepare(read_sweep(file))
    with Store(Path(out)) as store:
        known = store.known(retry_failed=retry_failed)
        missing = [item for item in prepared.items if item.point not in known]
        failed = _compute(prepared, missing, store, executor, workers, progress or Silent())
        store.compact()
        results = collect(
            prepared.file.plan.names, prepared.points, prepared.hashes, store, prepared.file.figures,
            prepared.file.objectives,
        )  # fmt: skip
        objectives = prepared.file.objectives or DEFAULT_OBJECTIVES
        write_results(results, store.folder / RESULTS)
        _write_manifest(prepared, results, store.folder / MANIFEST)
    return SweepResult(Path(out), results, objectives, len(missing), failed)


def load_sweep(folder: str | Path) -> SweepResult:
    """A finished sweep from its folder; `InputError` where there is none."""
    results = read_results(Path(folder) / RESULTS)
    stored = json.loads(results.metadata.get("objectives", "[]"))
    objectives = tuple(
        Objective(item["name"], item["goal"], parse_expression(f"value('{item['name']}')")) for item in stored
    )
    failed = sum(status != OK for status in results.columns[STATUS].values)
    return SweepResult(Path(folder), results, objectives or DEFAULT_OBJECTIVES, 0, failed)


def front_rows(results: Results, objectives: Sequence[Objective]) -> list[int]:
    """Rows that no other beats in every objective, sorted by the first."""
    import numpy as np

    values = np.array([results.numbers(item.name) * item.sign for item in objectives]).T
    rows = [int(row) for row in np.flatnonzero(~np.isnan(values).any(axis=1))]
    front = [rows[index] for index in pareto_front(values[rows])]
    return sorted(front, key=lambda row: (*values[row].tolist(), row))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a dry run found: points in all and missing ones, and how long those will take."""

    points: int
    combinations: int
    missing: int
    item_s: float
    workers: int

    @property
    def wall_s(self) -> float:
        """Wall time of the missing points on all workers."""
        return self.missing * self.item_s / self.workers


def estimate(file: str | Path, out: str | Path | None, *, workers: int | None = None, samples: int = 3) -> Estimate:
    """Count the points of a sweep and time a few of those that are missing, in this process. Writes nothing."""
    prepared = prepare(read_sweep(file))
    known: set[str] = set()
    if out is not None and (Path(out) / "chunks").is_dir():
        known = Store(Path(out)).known()
    missing = [item for item in prepared.items if item.point not in known]
    chosen = missing[:: max(1, len(missing) // samples)][:samples]
    run_job(FUNCTION, [{"point": item.point, "data": item.data} for item in chosen[:1]])  # reads files, imports
    start = time.perf_counter()
    run_job(FUNCTION, [{"point": item.point, "data": item.data} for item in chosen])
    item_s = (time.perf_counter() - start) / max(1, len(chosen))
    count = workers or available_cores()
    return Estimate(len(prepared.points), prepared.file.plan.num_combinations, len(missing), item_s, count)


def _compute(
    prepared: Prepared,
    missing: Sequence[Item],
    store: Store,
    executor: Executor | None,
    workers: int | None,
    progress: Progress,
) -> int:
    failed = 0
    progress.begin(len(prepared.items), len(prepared.items) - len(missing))
    if not missing:
        progress.end()
        return 0
    best = Best(prepared.points, prepared.hashes, prepared.file.figures, prepared.file.objectives or DEFAULT_OBJECTIVES)

    def accept(blob: bytes) -> None:
        nonlocal failed
        store.add(blob)
        results = results_of(blob)
        wrong = sum(result[STATUS] != OK for result in results)
        failed += wrong
        best.see(results)
        progress.advance(len(results), wrong, str(best))

    used = executor or (Inline() if workers == 0 else LocalPool(workers or available_cores()))
    try:
        Driver(used, FUNCTION, accept, code=code_hash()).run(missing)
    finally:
        progress.end()
        if executor is None:
            used.close()
    return failed


def _write_manifest(prepared: Prepared, results: Results, path: Path) -> None:
    statuses = results.columns[STATUS].values
    manifest = {
        "manifest_version": MANIFEST_VERSION,
        "socsim_version": socsim.__version__,
        "code": code_hash(),
        "name": prepared.file.name,
        "sweep": prepared.file.path.read_text(encoding="utf-8"),
        "hardware": prepared.files.hardware,
        "workloads": prepared.files.workloads,
        "scenarios": prepared.files.scenarios,
        "axes": list(prepared.file.plan.names),
        "objectives": [{"name": item.name, "goal": item.goal} for item in prepared.file.objectives],
        "points": len(prepared.points),
        "status": {status: statuses.count(status) for status in sorted({str(s) for s in statuses})},
        "columns": {name: column.unit for name, column in results.columns.items()},
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    write_atomically(path, text.encode())
