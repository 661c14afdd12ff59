"""The figures of a run: what `summary.json` and `--json` hold, keys as documented in the README."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from socsim.quantity import PS_PER_S, ps_to_seconds
from socsim.result.bottleneck import bound_by
from socsim.result.energy import EnergyTotals
from socsim.result.record import RunRecord
from socsim.result.sampling import is_sampled, whole_summary
from socsim.result.streams import StreamSums
from socsim.result.totals import Totals
from socsim.version import __version__

if TYPE_CHECKING:
    from socsim.result.run_result import CacheTotals, LinkTotals, RunResult, SimulatorCost

SCHEMA_VERSION = 1

DRAM = "dram"
"""The name of the DRAM among the links of a run."""


class Described(Protocol):
    """What the summary says of a run beside its figures: the fields that `RunResult` and `RunRecord` share."""

    @property
    def hardware(self) -> str: ...
    @property
    def workloads(self) -> tuple[str, ...]: ...
    @property
    def seed(self) -> int: ...
    @property
    def units(self) -> tuple[str, ...]: ...
    @property
    def unit_slots(self) -> Mapping[str, int]: ...
    @property
    def links(self) -> tuple[LinkTotals, ...]: ...
    @property
    def caches(self) -> tuple[CacheTotals, ...]: ...
    @property
    def dram_peak_bytes_per_s(self) -> float: ...


def summarize(run: RunResult) -> dict[str, Any]:
    """The summary of a run that just ended, summed up over its windows: columns of all tasks at once are not made."""
    if is_sampled(run.instances):
        return run.record.summary
    figures = run.figures
    return summary_of(run, figures.totals, StreamSums(run.instances), figures.energy)


def summarize_record(record: RunRecord) -> dict[str, Any]:
    """The summary of a run whose columns are there. Of a generation that was sampled, the figures are those of all its
    steps, `tasks` what was simulated."""
    totals = Totals()
    totals.add(record.tasks, record.critical_path)
    summary = summary_of(record, totals, StreamSums(record.instances), record.energy)
    return whole_summary(summary, record) if is_sampled(record.instances) else summary


def summary_of(run: Described, totals: Totals, sums: StreamSums, energy: EnergyTotals | None) -> dict[str, Any]:
    """Latency, work, traffic, what bounds the run, and figures per unit, link, cache and stream.

    Plain JSON types only, SI units in the names. Energy and power are null where the chip's power is not known. A
    task holds its unit from the fill that delays the body to the body's end; that is what `busy_fraction` counts, per
    slot.
    """
    end_ps = sums.end_ps
    latency_ps = end_ps - (sums.begin_ps or 0)
    dram = next((link for link in run.links if link.name == DRAM), None)
    dram_read = dram.read_bytes if dram else totals.dram_read_bytes
    dram_write = dram.write_bytes if dram else totals.dram_write_bytes
    dram_average = _per_second(dram_read + dram_write, latency_ps)
    streams = sums.by_name()
    generating = [name for name, stream in streams.items() if stream.generates]
    stream_summaries = {name: stream.figures(end_ps) for name, stream in streams.items()}
    return {
        "schema_version": SCHEMA_VERSION,
        "socsim_version": __version__,
        "hardware": run.hardware,
        "workload": run.workloads[0] if len(run.workloads) == 1 else list(run.workloads),
        "seed": run.seed,
        "latency_s": ps_to_seconds(latency_ps),
        **_energy_figures(energy, latency_ps),
        "tasks": totals.tasks,
        "flop": totals.flop,
        "matmul_flop": totals.matmul_flop,
        "dram_read_bytes": dram_read,
        "dram_write_bytes": dram_write,
        "achieved_flop_per_s": _per_second(totals.flop, latency_ps),
        "dram_average_bytes_per_s": dram_average,
        "dram_peak_fraction": dram_average / run.dram_peak_bytes_per_s if run.dram_peak_bytes_per_s else 0.0,
        "bound_by": bound_by(totals.path_ps),
        "units": _unit_figures(run, totals, energy, latency_ps),
        "links": {link.name: _link_figures(link, latency_ps) for link in run.links},
        "caches": {
            cache.name: {
                "hit_bytes": cache.hit_bytes,
                "miss_bytes": cache.miss_bytes,
                "writeback_bytes": cache.writeback_bytes,
            }
            for cache in run.caches
        },
        "streams": stream_summaries,
        "generation": stream_summaries[generating[0]]["generation"] if len(generating) == 1 else None,
    }


def simulator_figures(cost: SimulatorCost, num_tasks: int) -> dict[str, Any]:
    """What the simulation itself cost, for `timing.json` and `--json`; `tasks_per_s` is per CPU second."""
    return {
        "wall_s": cost.wall_s,
        "cpu_s": cost.cpu_s,
        "events": cost.events,
        "tasks_per_s": num_tasks / cost.cpu_s if cost.cpu_s > 0 else 0.0,
    }


def _per_second(amount: int, time_ps: int) -> float:
    return amount * PS_PER_S / time_ps if time_ps else 0.0


def _unit_figures(run: Described, totals: Totals, energy: EnergyTotals | None, latency_ps: int) -> dict[str, Any]:
    figures = {}
    for name in run.units:
        held, flop, count = totals.units.get(name, (0, 0, 0))
        capacity_ps = run.unit_slots[name] * latency_ps
        figures[name] = {
            "busy_fraction": held / capacity_ps if capacity_ps else 0.0,
            "tasks": count,
            "flop": flop,
            "energy_j": energy.units[name].total_j if energy is not None else None,
        }
    return figures


def _energy_figures(energy: EnergyTotals | None, latency_ps: int) -> dict[str, Any]:
    """Null where the chip's power is not known; `energy_range_j` where some of it is known within bounds only."""
    if energy is None:
        return {"energy_j": None, "average_power_w": None, "peak_power_w": None}
    figures: dict[str, Any] = {
        "energy_j": energy.total_j,
        "average_power_w": energy.total_j / ps_to_seconds(latency_ps) if latency_ps else 0.0,
        "peak_power_w": energy.peak_w,
    }
    if energy.low_j < energy.high_j:
        figures["energy_range_j"] = [energy.low_j, energy.high_j]
    return figures


def _link_figures(link: LinkTotals, latency_ps: int) -> dict[str, float]:
    """Both directions together; the fraction of a duplex link is that of its busier direction."""
    busiest = link.busiest_bytes
    if busiest is None:
        busiest = max(link.read_bytes, link.write_bytes) if link.duplex else link.read_bytes + link.write_bytes
    bandwidth = link.bandwidth_bytes_per_s
    return {
        "average_bytes_per_s": _per_second(link.read_bytes + link.write_bytes, latency_ps),
        "peak_fraction": _per_second(busiest, latency_ps) / bandwidth if bandwidth else 0.0,
    }
