"""A run whose tasks were not kept: its figures, which were summed up while it went on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from socsim.errors import ConfigError
from socsim.result.run_result import InstanceRecord, RunResult
from socsim.result.running import RunningFigures, WindowDetail
from socsim.result.spans import Counter
from socsim.result.streams import StreamSums
from socsim.result.summary import summary_of

if TYPE_CHECKING:
    from socsim.result.energy import EnergyTotals, Ledger
    from socsim.result.record import RunRecord


class WindowSink(Protocol):
    """Takes the windows of a run as they end."""

    def add(self, detail: WindowDetail, done: list[tuple[int, InstanceRecord]], series: tuple[Counter, ...]) -> None:
        """The next window, the instances that were done in it, and how counters changed."""


@dataclass(frozen=True)
class StreamedResult(RunResult):
    """What is left of a streamed run: the summary and the operations are whole, `spans`, `instances` and `series` are
    empty. Asking for tasks, counters or views raises `ConfigError`; with `--out` they have been written as the run went
    on."""

    sums: RunningFigures | None = field(default=None, repr=False, compare=False)
    stream_sums: StreamSums = field(default_factory=StreamSums, repr=False, compare=False)

    @cached_property
    def latency_ps(self) -> int:
        """From the first arrival to the last completion."""
        return self.stream_sums.end_ps - (self.stream_sums.begin_ps or 0)

    @cached_property
    def figures(self) -> RunningFigures:
        """Sums over the windows of the run."""
        assert self.sums is not None
        return self.sums

    @cached_property
    def energy(self) -> Ledger | None:
        """Totals of energy are in the summary; that of each task was not kept."""
        raise self._not_kept("the energy of each task")

    @property
    def energy_totals(self) -> EnergyTotals | None:
        """Where the energy went, in all."""
        return self.figures.energy

    @cached_property
    def record(self) -> RunRecord:
        """Not there."""
        raise self._not_kept("tasks, counters and views")

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The figures of a run, the same as of one whose tasks are kept."""
        return summary_of(self, self.figures.totals, self.stream_sums, self.figures.energy)

    @cached_property
    def operations(self) -> Any:
        """Tasks summed up by operation, those that held a unit longest first."""
        return self.figures.operations.figures()

    def _repr_html_(self) -> str:
        return f"<code>{self.hardware}</code>"

    @staticmethod
    def _not_kept(what: str) -> ConfigError:
        return ConfigError(
            "--keep-tasks", f"the run was streamed, so {what} were not kept: raise the number, or read what --out wrote"
        )
