"""A run as columns: what every view reads, what is stored, and what comes back from a folder without loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from socsim.result.columns import Integers
from socsim.result.energy import EnergyTotals
from socsim.result.task_columns import TaskColumns, task_columns
from socsim.result.tile_spans import TileSpans
from socsim.result.windows import Mark

if TYPE_CHECKING:
    from socsim.result.bottleneck import CriticalPath
    from socsim.result.operations import OperationFigures
    from socsim.result.run_result import CacheTotals, InstanceRecord, LinkTotals, RunResult, SimulatorCost


@dataclass(frozen=True, slots=True)
class GraphInfo:
    """What is left of a task graph once its tasks stand in the columns."""

    name: str
    bindings: str
    workload: str
    partial: bool
    num_tasks: int


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A quantity over time as steps: `value[i]` holds from `time_ps[i]` until the next sample."""

    name: str
    unit: str
    kind: str
    time_ps: Integers
    value: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RunRecord:
    """A finished run, free of live objects. Fields mean what they mean in `RunResult`.

    `simulator` is None for a run that was read back: what the simulation cost is no part of its result.
    """

    hardware: str
    workloads: tuple[str, ...]
    seed: int
    tasks: TaskColumns
    series: tuple[Series, ...]
    instances: tuple[InstanceRecord, ...]
    graphs: tuple[GraphInfo, ...]
    units: tuple[str, ...]
    unit_slots: Mapping[str, int]
    links: tuple[LinkTotals, ...]
    caches: tuple[CacheTotals, ...]
    dram_peak_bytes_per_s: float
    partial: bool
    notes: tuple[str, ...]
    manifest: Mapping[str, Any]
    energy: EnergyTotals | None = None
    simulator: SimulatorCost | None = None
    tiles: TileSpans | None = None
    """Where the run was simulated at the tile grain."""
    marks: tuple[Mark, ...] = ()
    """Where a long run was cut into windows."""

    @cached_property
    def begin_ps(self) -> int:
        """The first arrival."""
        return min((instance.arrival_ps for instance in self.instances), default=0)

    @cached_property
    def end_ps(self) -> int:
        """The last completion of an instance, or the first arrival where none was completed."""
        return max(self.begin_ps, max((instance.done_ps for instance in self.instances), default=0))

    @property
    def latency_ps(self) -> int:
        """From the first arrival to the last completion."""
        return self.end_ps - self.begin_ps

    @cached_property
    def critical_path(self) -> CriticalPath:
        """What the last completion waited for, back to the first arrival."""
        from socsim.result.critical_path import critical_path

        return critical_path(self)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The figures of the run, keys as documented in the README (SI units in the names)."""
        from socsim.result.summary import summarize_record

        return summarize_record(self)

    @property
    def energy_totals(self) -> EnergyTotals | None:
        """Where the energy went, in all."""
        return self.energy

    @cached_property
    def operations(self) -> list[OperationFigures]:
        """Tasks summed up by operation, those that held a unit longest first."""
        from socsim.result.operations import operation_figures

        return operation_figures(self)

    def _repr_html_(self) -> str:
        """What a notebook shows of a run."""
        from socsim.result.output import NOTEBOOK, snippets

        return snippets.get(NOTEBOOK)(self) if NOTEBOOK in snippets else f"<code>{self.hardware}</code>"


def record_of(run: RunResult) -> RunRecord:
    """The columns of a run that just ended."""
    energy = run.energy
    return RunRecord(
        hardware=run.hardware,
        workloads=run.workloads,
        seed=run.seed,
        tasks=task_columns(
            run.spans, run.instances, run.graphs, run.suspensions, energy.row_j if energy is not None else None
        ),
        series=tuple(
            Series(
                counter.name,
                counter.unit,
                counter.kind,
                np.array(counter.time_ps, dtype=np.int64),
                np.array(counter.value, dtype=np.float64),
            )
            for counter in (*run.series, *(energy.counters if energy is not None else ()))
        ),
        instances=run.instances,
        graphs=tuple(
            GraphInfo(graph.name, graph.bindings, graph.workload, graph.partial, len(graph.tasks))
            for graph in run.graphs
        ),
        units=run.units,
        unit_slots=run.unit_slots,
        links=run.links,
        caches=run.caches,
        dram_peak_bytes_per_s=run.dram_peak_bytes_per_s,
        partial=run.partial,
        notes=run.notes,
        manifest=run.manifest,
        energy=energy.totals if energy is not None else None,
        simulator=run.simulator,
        tiles=run.tiles,
        marks=run.marks,
    )
