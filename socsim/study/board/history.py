"""The history of a board in one SQLite file: a row per run of the suite, a row per cell of it. No clock in it: runs are
numbered, and a run that says what one before said is not written again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from socsim.errors import ConfigError, OutputError
from socsim.registry import did_you_mean

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE, version TEXT NOT NULL, code TEXT NOT NULL, suite TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cells (
    run INTEGER NOT NULL REFERENCES runs(id), model TEXT NOT NULL, device TEXT NOT NULL, point TEXT NOT NULL,
    status TEXT NOT NULL, error TEXT, latency_s REAL, energy_j REAL, figures TEXT NOT NULL,
    PRIMARY KEY (run, model, device));
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """A model on a device: `point` is the hash of everything that decides it, `figures` the flattened summary."""

    model: str
    device: str
    point: str
    status: str
    error: str | None
    latency_s: float | None
    energy_j: float | None
    figures: str

    @property
    def place(self) -> tuple[str, str]:
        return self.model, self.device

    def figure(self, name: str) -> object:
        """A figure by name, None where it is not there."""
        return json.loads(self.figures).get(name)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a suite. `label` is unique in a history."""

    number: int
    label: str
    version: str
    code: str
    suite: str


class History:
    """The file of a board."""

    def __init__(self, path: Path) -> None:
        try:
            self._connection = sqlite3.connect(path)
            with self._connection:
                self._connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise OutputError(f"{path}: cannot be used as a history: {error}") from error

    def close(self) -> None:
        self._connection.close()

    def runs(self) -> list[Run]:
        """All runs, the oldest first."""
        rows = self._connection.execute("SELECT id, label, version, code, suite FROM runs ORDER BY id")
        return [Run(*row) for row in rows]

    def run(self, label: str) -> Run:
        """The run of a label; `ConfigError` with near ones where there is none."""
        found = {run.label: run for run in self.runs()}
        if label not in found:
            raise ConfigError("--against", f"no run '{label}' in the history: {did_you_mean(label, found)}")
        return found[label]

    def cells(self, run: Run) -> list[Cell]:
        """The cells of a run, by model and device."""
        with closing(self._connection.cursor()) as cursor:
            rows = cursor.execute(
                "SELECT model, device, point, status, error, latency_s, energy_j, figures FROM cells WHERE run = ? "
                "ORDER BY model, device",
                (run.number,),
            )
            return [Cell(*row) for row in rows]

    def add(self, label: str | None, version: str, code: str, suite: str, cells: Sequence[Cell]) -> Run:
        """Write a run, whole or not at all. The same label replaces; without one, a run that says what the last one
        said is that one."""
        runs = self.runs()
        ordered = sorted(cells, key=lambda cell: cell.place)
        if label is None:
            if runs and runs[-1].code == code and self.cells(runs[-1]) == ordered:
                return runs[-1]
            label = f"{version}-{code[:8]}"
            taken = {run.label for run in runs}
            count = 2
            while label in taken:
                label = f"{version}-{code[:8]}.{count}"
                count += 1
        with self._connection as connection:
            old = next((run.number for run in runs if run.label == label), None)
            if old is not None:
                connection.execute("DELETE FROM cells WHERE run = ?", (old,))
                connection.execute("DELETE FROM runs WHERE id = ?", (old,))
            number = max((run.number for run in runs), default=0) + 1
            connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?)", (number, label, version, code, suite))
            connection.executemany(
                "INSERT INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(number, c.model, c.device, c.point, c.status, c.error, c.latency_s, c.energy_j, c.figures)
                 for c in ordered],
            )  # fmt: skip
        return Run(number, label, version, code, suite)
