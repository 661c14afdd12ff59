"""What a run left behind, as data: spans, counters, instances, totals and the manifest. Views of it are `report`'s."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from socsim.result.energy import Ledger
from socsim.result.spans import Counter, Spans
from socsim.result.tile_spans import TileSpans
from socsim.result.windows import Mark
from socsim.taskgraph import TaskGraph

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from socsim.result.operations import OperationFigures
    from socsim.result.record import RunRecord
    from socsim.result.running import EnergySum, RunningFigures
    from socsim.result.task_tables import TaskTables


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """One instance of a graph that ran: times in ps; `done_ps` is -1 where the run ended before it did."""

    stream: str
    graph: int
    index: int
    phase: str
    arrival_ps: int
    done_ps: int
    num_tasks: int
    priority: int = 0
    deadline_ps: int | None = None
    warm_up: bool = False
    tokens: int = 0
    """What it takes in (prefill) or brings forth (decode), over all sequences of its batch."""
    request: int = 0
    batch: int = 1
    """Sequences that it serves at once."""
    stands_for: float = 1.0
    """How many equal steps it stands for in totals (a sample of a long generation)."""
    shares: tuple[tuple[int, int], ...] = ()
    """(request, tokens) of each request that it serves, where it serves several."""


@dataclass(frozen=True, slots=True)
class LinkTotals:
    """Bytes that crossed a link, and its nominal bandwidth (per direction where duplex)."""

    name: str
    bandwidth_bytes_per_s: float
    read_bytes: int
    write_bytes: int
    duplex: bool = False
    busiest_bytes: int | None = None
    """Bytes in the busier direction of a duplex link, where reads and writes do not take one direction each."""


@dataclass(frozen=True, slots=True)
class CacheTotals:
    """Bytes a cache served, passed on and wrote back."""

    name: str
    capacity_bytes: int
    hit_bytes: int
    miss_bytes: int
    writeback_bytes: int


@dataclass(frozen=True, slots=True)
class SimulatorCost:
    """What the simulation itself cost; differs from run to run and is kept apart from results."""

    wall_s: float
    cpu_s: float
    events: int


@dataclass(frozen=True)
class RunResult:
    """Everything a run left behind; immutable by convention.

    Spans refer to `instances`, instances to `graphs`. `units` are the unit names of the SoC in its order, `links`
    include the DRAM as `dram`. `make_series` makes what was counted over time, when it is asked for.
    `manifest` is the resolved input: configuration, options, hashes, versions, seed. Views read of it, where there:
    `roofs` ([{unit, precision, flop_per_s}]), and any mapping with a key `sources`.
    """

    hardware: str
    workloads: tuple[str, ...]
    seed: int
    spans: Spans
    instances: tuple[InstanceRecord, ...]
    graphs: tuple[TaskGraph, ...]
    units: tuple[str, ...]
    unit_slots: Mapping[str, int]
    links: tuple[LinkTotals, ...]
    caches: tuple[CacheTotals, ...]
    make_series: Callable[[], tuple[Counter, ...]] = field(repr=False, compare=False)
    dram_peak_bytes_per_s: float
    manifest: Mapping[str, Any]
    simulator: SimulatorCost
    partial: bool = False
    suspensions: tuple[tuple[int, int, int], ...] = ()
    """(span, begin_ps, end_ps): when a task had given way to a more urgent one."""
    account: Callable[[], Ledger] | None = field(default=None, repr=False, compare=False)
    """Makes the ledger of energy when it is asked for; None where the chip's power is not known."""
    energy_sum: Callable[[TaskTables], EnergySum] | None = field(default=None, repr=False, compare=False)
    """Makes what adds up energy alone, window by window."""
    notes: tuple[str, ...] = field(default=())
    tiles: TileSpans | None = field(default=None, repr=False, compare=False)
    """What every tile did when, where the run was simulated at that grain."""
    marks: tuple[Mark, ...] = ()
    """Where a long run was cut into windows, which its figures are summed up over."""

    @cached_property
    def series(self) -> tuple[Counter, ...]:
        """Steps over time: bytes per second of each link, occupancy of caches, clocks."""
        return self.make_series()

    @cached_property
    def energy(self) -> Ledger | None:
        """Where the energy went; None where the chip's power is not known."""
        return self.account() if self.account is not None else None

    @cached_property
    def latency_ps(self) -> int:
        """From the first arrival to the last completion."""
        if not self.instances:
            return 0
        first = min(instance.arrival_ps for instance in self.instances)
        return max(instance.done_ps for instance in self.instances) - first

    @cached_property
    def record(self) -> RunRecord:
        """The run as columns, which every view reads."""
        from socsim.result.record import record_of

        return record_of(self)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The figures of a run, keys as documented in the README (SI units in the names)."""
        if "record" in self.__dict__:
            return self.record.summary
        from socsim.result.summary import summarize

        return summarize(self)

    @cached_property
    def operations(self) -> list[OperationFigures]:
        """Tasks summed up by operation, those that held a unit longest first."""
        return self.record.operations if "record" in self.__dict__ else self.figures.operations.figures()

    @cached_property
    def figures(self) -> RunningFigures:
        """Sums over the windows of the run; needs memory for one window at a time."""
        from socsim.result.running import RunningFigures
        from socsim.result.task_tables import TaskTables
        from socsim.result.windows import windows

        tables = TaskTables(self.graphs)
        figures = RunningFigures(tables, self.energy_sum(tables) if self.energy_sum is not None else None)
        begin_ps = min((instance.arrival_ps for instance in self.instances), default=0)
        end_ps = max([begin_ps, *(instance.done_ps for instance in self.instances)])
        for number, window in enumerate(windows(self.spans, self.marks, begin_ps, end_ps)):
            figures.add(window, self.instances, self.suspensions, number == len(self.marks))
        return figures

    @cached_property
    def tasks(self) -> pd.DataFrame:
        """One row per executed task."""
        from socsim.result.frames import task_frame

        return task_frame(self)

    @cached_property
    def counters(self) -> pd.DataFrame:
        """One row per change of a counter."""
        from socsim.result.frames import counter_frame

        return counter_frame(self)

    def to_perfetto(self, path: str | Path) -> None:
        """Write the timeline, to be opened at ui.perfetto.dev."""
        self._write("trace.pftrace", path)

    def to_html(self, path: str | Path) -> None:
        """Write the page: one file that needs no network."""
        self._write("report.html", path)

    def _repr_html_(self) -> str:
        """What a notebook shows: headline numbers, what bounds the run, the longest operations."""
        return self.record._repr_html_()

    def _write(self, output: str, path: str | Path) -> None:
        from pathlib import Path

        from socsim.result.output import outputs

        outputs.get(output)(self.record, Path(path))
