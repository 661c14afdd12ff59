"""What got worse from one run of a suite to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from socsim.study.board.history import Cell
from socsim.study.execution.job import OK


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of a cell that is not what it was; `ratio` is now over before, None where it no longer runs."""

    model: str
    device: str
    figure: str
    before: float
    now: float | None
    is_worse: bool

    @property
    def ratio(self) -> float | None:
        return None if self.now is None else self.now / self.before

    def __str__(self) -> str:
        words = (
            "no longer runs" if self.ratio is None else f"{self.before:.6g} -> {self.now:.6g} ({self.ratio - 1:+.1%})"
        )
        return f"{self.model} on {self.device}: {self.figure} {words}"


def changes(before: Sequence[Cell], now: Sequence[Cell], tolerance: float = 0.01) -> list[Change]:
    """Cells of both runs whose latency or energy moved by more than the tolerance, or that no longer run."""
    old = {cell.place: cell for cell in before if cell.status == OK}
    found = []
    for cell in now:
        past = old.get(cell.place)
        if past is None:
            continue
        for figure, was, value in (
            ("latency_s", past.latency_s, cell.latency_s), ("energy_j", past.energy_j, cell.energy_j),
        ):  # fmt: skip
            if not was:
                continue
            if cell.status != OK or value is None:
                if figure == "latency_s":
                    found.append(Change(*cell.place, figure, was, None, True))
            elif abs(value / was - 1) > tolerance:
                found.append(Change(*cell.place, figure, was, value, value > was))
    return found
