"""`socsim search`: the best configurations of a space too large to try, by several objectives at once.

Optuna asks, this process answers, workers only simulate. Points are asked for in batches and answered in the order in
which they were asked, so the search is the same on one worker and on a hundred. A search that is started again is
played back from the results it has and goes on where it was: to the same end as if nothing had happened.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from socsim.errors import ConfigError, InputError, SocsimError
from socsim.study.design.plan import Plan, Point
from socsim.study.design.search_file import SearchFile, read_search
from socsim.study.design.sweep_file import GOALS
from socsim.study.execution.check import check_points
from socsim.study.execution.collect import collect, soc_names
from socsim.study.execution.driver import Driver, Item, results_of
from socsim.study.execution.evaluate import FUNCTION
from socsim.study.execution.identity import Files, code_hash
from socsim.study.execution.inline import Inline
from socsim.study.execution.job import ERROR, OK, STATUS, Executor, Result
from socsim.study.execution.local_pool import LocalPool, available_cores
from socsim.study.execution.progress import Progress, Silent
from socsim.study.execution.store import Store, write_atomically
from socsim.study.execution.table import Results, write_results
from socsim.study.front import Judge, UserObjective
from socsim.study.pareto import hypervolume, pareto_front
from socsim.study.run_sweep import RESULTS, point_item
from socsim.study.space import Coordinates, Space

SEARCH = "search.json"
_TPE_BATCH = 8
_MOST_DUPLICATES = 50
"""Suggestions in a row that are known or forbidden, before the space counts as used up."""


@dataclass(frozen=True)
class SearchResult:
    """A finished search: the table of all its points in the order in which they were asked for, rows of the front, and
    the hypervolume as it grew: (points, volume below `reference`)."""

    folder: Path
    results: Results
    objectives: tuple[str, ...]
    goals: tuple[str, ...]
    front: tuple[int, ...]
    reference: tuple[float, ...]
    progress: tuple[tuple[int, float], ...]
    computed: int


def search(
    file: str | Path,
    out: str | Path,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    objectives: Mapping[str, tuple[Callable[[Mapping[str, Any]], float], str]] | None = None,
    progress: Progress | None = None,
) -> SearchResult:
    """Search the space of a file and write its table, its front and the hypervolume over time to the folder `out`.

    `objectives` are functions of your own, name -> (function of a row of the table, "min" or "max").
    Raises `ConfigError` or `ConfigFileError` where the file is wrong or Optuna is missing.
    """
    own = [UserObjective(name, function, goal) for name, (function, goal) in (objectives or {}).items()]
    _check_goals(own)
    description = read_search(file, needs_objective=not own)
    _need_optuna()
    with Store(Path(out)) as store:
        used = executor or (Inline() if workers == 0 else LocalPool(workers or available_cores()))
        try:
            return _Search(description, own, store, used, progress or Silent()).run()
        finally:
            if executor is None:
                used.close()


class _Search:
    """One search under way."""

    def __init__(
        self,
        file: SearchFile,
        own: Sequence[UserObjective],
        store: Store,
        executor: Executor,
        progress: Progress,
    ) -> None:
        import optuna

        self._optuna = optuna
        self._file = file
        self._store = store
        self._executor = executor
        self._progress = progress
        self._space = Space(file.axes)
        self._files = Files()
        self._record = soc_names((*file.figures, *file.objectives, *file.constraints))
        self._judge = Judge(file.figures, file.objectives, file.constraints, own)
        self._known: dict[str, Result] = {}
        self._points: dict[str, Point] = {}
        """Points of this search, in the order in which they were asked for."""
        self._where: dict[str, Coordinates] = {}
        self._scores: dict[str, tuple[float, ...] | None] = {}
        """Objectives to be made small, of feasible points; None for the others."""
        self._generator = np.random.default_rng([file.seed, 1])
        self._computed = 0
        self._population = file.population or max(8, min(50, file.points // 10))

    def run(self) -> SearchResult:
        _check_space(self._file, self._space, self._files)
        for columns in self._store:
            for values in zip(*columns.values(), strict=True):
                result = dict(zip(columns, values, strict=True))
                self._known[str(result["point"])] = result
        study = self._study()
        for start in self._space.spread(self._population, self._generator):
            study.enqueue_trial(start)
        self._progress.begin(self._file.points, 0)
        history: list[tuple[int, tuple[float, ...] | None]] = []
        while len(self._points) < self._file.points:
            if not self._batch(study):
                break
        self._progress.end()
        for number, point in enumerate(self._points):
            history.append((number + 1, self._scores[point]))
        return self._finish(history)

    def _study(self) -> Any:
        optuna = self._optuna
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        file = self._file
        samplers = optuna.samplers
        if file.sampler == "nsga2":
            sampler = samplers.NSGAIISampler(population_size=self._population, seed=file.seed)
        elif file.sampler == "tpe":
            sampler = samplers.TPESampler(seed=file.seed)
        else:
            sampler = samplers.RandomSampler(seed=file.seed)
        journal = self._store.folder / "journal.log"
        journal.unlink(missing_ok=True)  # written anew while the search is played back
        backend = optuna.storages.journal.JournalFileBackend(str(journal))
        return optuna.create_study(
            storage=optuna.storages.JournalStorage(backend),
            study_name=file.name,
            sampler=sampler,
            directions=["minimize"] * len(self._judge.names),
        )

    def _batch(self, study: Any) -> bool:
        """Ask for a batch, simulate what is new, tell all; False where nothing new can be found."""
        size = _TPE_BATCH if self._file.sampler == "tpe" else self._population
        size = min(size, self._file.points - len(self._points))
        asked: list[tuple[Any, str | None]] = []
        fresh: list[Item] = []
        duplicates = 0
        while len(fresh) < size and duplicates < _MOST_DUPLICATES:
            trial = study.ask()
            coordinates = self._space.suggest(trial)
            item = self._item(coordinates)
            if item is None:
                study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
                duplicates += 1
                continue
            asked.append((trial, item.point))
            if item.point in self._points:
                duplicates += 1
                self._suggest_neighbour(study)
                continue
            duplicates = 0
            self._points[item.point] = self._point_of(coordinates)
            self._where[item.point] = coordinates
            fresh.append(item)
        self._simulate([item for item in fresh if item.point not in self._known])
        for item in fresh:
            self._scores[item.point] = self._judge.score(self._points[item.point], self._known[item.point])
        for trial, point in asked:
            self._tell(study, trial, str(point))
        if len(self._points) == len(fresh):
            self._check_first(fresh)
        failed = sum(self._scores[item.point] is None for item in fresh)
        self._progress.advance(len(fresh), failed, f"front of {len(self._front())}")
        return bool(fresh)

    def _check_first(self, items: Sequence[Item]) -> None:
        """Better an error after the first batch than after all of them."""
        errors = [str(self._known[item.point][ERROR]) for item in items if self._known[item.point][STATUS] != OK]
        if errors and len(errors) == len(items):
            raise SocsimError(f"none of the first {len(items)} points could be run: {errors[0]}")

    def _item(self, coordinates: Coordinates) -> Item | None:
        point = self._file.plan.point(0, self._space.values(coordinates))
        return None if point is None else point_item(point, self._files, self._record)

    def _point_of(self, coordinates: Coordinates) -> Point:
        point = self._file.plan.point(len(self._points), self._space.values(coordinates))
        assert point is not None  # asked before
        return point

    def _suggest_neighbour(self, study: Any) -> None:
        """A generation that repeats itself looks beside the front instead."""
        front = self._front()
        for row in self._generator.permutation(len(front)):
            neighbours = self._space.neighbours(self._where[front[int(row)]])
            for index in self._generator.permutation(len(neighbours)):
                item = self._item(neighbours[int(index)])
                if item is not None and item.point not in self._points:
                    study.enqueue_trial(neighbours[int(index)])
                    return
        study.enqueue_trial(self._space.spread(1, self._generator)[0])

    def _front(self) -> list[str]:
        scored = [(point, score) for point, score in self._scores.items() if score is not None]
        if not scored:
            return []
        return [scored[row][0] for row in pareto_front(np.array([score for _, score in scored]))]

    def _simulate(self, items: Sequence[Item]) -> None:
        def accept(blob: bytes) -> None:
            self._store.add(blob)
            for result in results_of(blob):
                self._known[str(result["point"])] = result

        if items:
            Driver(self._executor, FUNCTION, accept, code=code_hash()).run(items)
            self._computed += len(items)

    def _tell(self, study: Any, trial: Any, point: str) -> None:
        score = self._scores[point]
        if score is not None:
            trial.set_constraint("kept", 0.0)
            study.tell(trial, list(score))
        elif (values := self._judge.values(self._points[point], self._known[point])) is not None:
            trial.set_constraint("kept", 1.0)
            study.tell(trial, list(values))
        else:
            study.tell(trial, state=self._optuna.trial.TrialState.FAIL)

    def _finish(self, history: Sequence[tuple[int, tuple[float, ...] | None]]) -> SearchResult:
        file = self._file
        points, hashes = list(self._points.values()), list(self._points)
        names = [*[axis.name for axis in file.axes], *[item.name for item in file.plan.derived]]
        chunks = [{name: [result.get(name)] for name in result} for result in map(self._known.__getitem__, hashes)]
        results = collect(names, points, hashes, chunks, file.figures, file.objectives)
        self._judge.add_columns(results, points, [self._known[point] for point in hashes])
        reference = self._judge.reference(file.reference, [score for _, score in history[: self._population]])
        scores = [(number, score) for number, score in history if score is not None]
        volumes = _volumes(scores, np.array(reference), self._population, len(hashes))
        front = self._front()
        rows = sorted((hashes.index(point) for point in front), key=lambda row: self._scores[hashes[row]] or ())
        shown = tuple(value * sign for value, sign in zip(reference, self._judge.signs, strict=True))
        write_results(results, self._store.folder / RESULTS)
        data = {
            "name": file.name,
            "points": len(hashes),
            "objectives": dict(zip(self._judge.names, self._judge.goals, strict=True)),
            "reference": dict(zip(self._judge.names, shown, strict=True)),
            "hypervolume": [list(item) for item in volumes],
            "front": [hashes[row] for row in rows],
            "sampler": file.sampler,
            "population": self._population,
            "seed": file.seed,
        }
        text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
        write_atomically(self._store.folder / SEARCH, text.encode())
        return SearchResult(
            self._store.folder, results, self._judge.names, self._judge.goals, tuple(rows), shown, volumes,
            self._computed,
        )  # fmt: skip


def _volumes(
    scores: Sequence[tuple[int, tuple[float, ...]]], reference: np.ndarray[Any, Any], step: int, total: int
) -> tuple[tuple[int, float], ...]:
    """Hypervolume after each batch."""
    marks = [*range(step, total, step), total]
    found = []
    for mark in dict.fromkeys(marks):
        values = np.array([score for number, score in scores if number <= mark])
        found.append((mark, hypervolume(values, reference) if len(values) else 0.0))
    return tuple(found)


def _check_space(file: SearchFile, space: Space, files: Files) -> None:
    """Every value of every axis once, as a sweep would have them."""
    plan = Plan(file.plan.base, (), file.plan.derived, file.plan.conditions)
    generator = np.random.default_rng(0)
    starts = space.spread(max(8, *[len(axis.values) for axis in file.axes], 8), generator)
    points = [point for point in (plan.point(0, space.values(start)) for start in starts) if point is not None]
    if points:
        check_points(file.axes, file.plan.derived, points, files)


def _check_goals(objectives: Sequence[UserObjective]) -> None:
    for objective in objectives:
        if objective.goal not in GOALS:
            raise ConfigError(objective.name, f"expected the goal min or max, got '{objective.goal}'")


def _need_optuna() -> None:
    try:
        importlib.import_module("optuna")
    except ImportError as error:
        raise InputError(f"a search needs Optuna: pip install 'socsim[search]' ({error})") from None
