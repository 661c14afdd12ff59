"""`socsim bench`: a suite over all its models and devices, written to a history and a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import socsim
from socsim.errors import ConfigError, ConfigFileError, WorkloadError
from socsim.study.board.history import Cell, History, Run
from socsim.study.board.page import board_page, ranking
from socsim.study.board.regressions import Change, changes
from socsim.study.board.suite_file import Suite, read_suite
from socsim.study.design.plan import Point
from socsim.study.execution.driver import Driver, Item, results_of
from socsim.study.execution.evaluate import FUNCTION
from socsim.study.execution.identity import Files, code_hash
from socsim.study.execution.inline import Inline
from socsim.study.execution.job import ERROR, OK, POINT, STATUS, Executor, Result
from socsim.study.execution.local_pool import LocalPool, available_cores
from socsim.study.execution.progress import Progress, Silent
from socsim.study.execution.store import Store, write_atomically
from socsim.study.run_sweep import point_item

HISTORY, PAGE = "history.sqlite", "board.html"


@dataclass(frozen=True)
class BenchResult:
    """A finished run of a suite: its cells, how many were computed now, and what changed against an earlier run."""

    folder: Path
    run: Run
    cells: tuple[Cell, ...]
    against: Run | None
    changes: tuple[Change, ...]
    computed: int

    @property
    def regressions(self) -> list[Change]:
        """What got worse."""
        return [change for change in self.changes if change.is_worse]

    def ranking(self) -> list[tuple[str, float, int]]:
        """(device, relative speed, models that run), the fastest first."""
        return ranking(self.cells)

    def _repr_html_(self) -> str:
        """The ranking, for a notebook."""
        from socsim.report.html.table import table

        return table(("device", "speed", "models"), [[d, f"{s:.0%}", str(n)] for d, s, n in self.ranking()])


def bench(
    suite: str | Path,
    out: str | Path,
    *,
    label: str | None = None,
    against: str | None = None,
    tolerance: float = 0.01,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> BenchResult:
    """Run a suite (a shipped name or a file), add it to the history in `out` and write the page.

    Cells whose inputs and code are those of an earlier run are not computed again. `against` is the label of the run to
    compare with (default: the one before). Raises `ConfigError` or `ConfigFileError` where the suite is wrong.
    """
    found = read_suite(suite)
    items = _items(found)
    with Store(Path(out)) as store:
        history = History(store.folder / HISTORY)
        try:
            earlier = history.run(against) if against is not None else None
            computed = _compute(list(items.values()), store, executor, workers, progress or Silent())
            cells = _cells(items, store)
            run = history.add(label, socsim.__version__, code_hash(), found.name, cells)
            earlier = earlier or _before(history, run)
            changed = changes(history.cells(earlier), cells, tolerance) if earlier is not None else []
        finally:
            history.close()
        page = board_page(run, cells, changed, earlier)
        write_atomically(store.folder / PAGE, page.encode())
    return BenchResult(Path(out), run, tuple(cells), earlier, tuple(changed), computed)


def _before(history: History, run: Run) -> Run | None:
    others = [other for other in history.runs() if other.number < run.number and other.suite == run.suite]
    return others[-1] if others else None


def _items(suite: Suite) -> dict[tuple[str, str], Item]:
    files = Files()
    found = {}
    for model in suite.models:
        for device in suite.devices:
            try:
                chosen = suite.settings(model, device)
                item = point_item(Point(0, {}, chosen), files)
            except (ConfigError, ConfigFileError, WorkloadError) as error:
                raise ConfigError(str(suite.path), f"{model.name} on {device.name}: {error}") from None
            found[model.name, device.name] = item
    return found


def _compute(
    items: Sequence[Item], store: Store, executor: Executor | None, workers: int | None, progress: Progress
) -> int:
    known = store.known(retry_failed=True)
    missing = [item for item in {item.point: item for item in items}.values() if item.point not in known]
    progress.begin(len(items), len(items) - len(missing))

    def accept(blob: bytes) -> None:
        store.add(blob)
        results = results_of(blob)
        progress.advance(len(results), sum(result[STATUS] != OK for result in results), "")

    used = executor or (Inline() if workers == 0 else LocalPool(workers or available_cores()))
    try:
        if missing:
            Driver(used, FUNCTION, accept, code=code_hash()).run(missing)
    finally:
        progress.end()
        if executor is None:
            used.close()
    return len(missing)


def _cells(items: dict[tuple[str, str], Item], store: Store) -> list[Cell]:
    results: dict[str, Result] = {}
    for columns in store:
        for values in zip(*columns.values(), strict=True):
            result = dict(zip(columns, values, strict=True))
            kept = results.get(str(result[POINT]))
            if kept is None or kept[STATUS] != OK:
                results[str(result[POINT])] = result
    return sorted((_cell(place, results[item.point]) for place, item in items.items()), key=lambda cell: cell.place)


def _cell(place: tuple[str, str], result: Result) -> Cell:
    def number(name: str) -> float | None:
        value = result.get(name)
        return float(value) if isinstance(value, int | float) else None

    own = (POINT, STATUS, ERROR)
    figures = {name: value for name, value in sorted(result.items()) if name not in own and value is not None}
    error = result[ERROR]
    return Cell(
        *place, str(result[POINT]), str(result[STATUS]), None if error is None else str(error), number("latency_s"),
        number("energy_j"), json.dumps(figures, separators=(",", ":"), ensure_ascii=False),
    )  # fmt: skip
