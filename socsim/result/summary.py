"""The figures of a run: what `summary.json` and `--json` hold, keys as documented in the README."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from socsim.quantity import PS_PER_S, ps_to_seconds
from socsim.result.bottleneck import bound_by
from socsim.result.energy import EnergyTotals
from socsim.result.generation import generates
from socsim.result.record import RunRecord
from socsim.result.sampling import is_sampled, whole_summary
from socsim.result.streams import by_stream, stream_figures
from socsim.version import __version__

if TYPE_CHECKING:
    from socsim.result.run_result import LinkTotals, RunResult, SimulatorCost

SCHEMA_VERSION = 1

DRAM = "dram"
"""The name of the DRAM among the links of a run."""


def summarize(run: RunResult) -> dict[str, Any]:
    """The summary of a run that just ended."""
    return summarize_record(run.record)


def summarize_record(record: RunRecord) -> dict[str, Any]:
    """Latency, work, traffic, what bounds the run, and figures per unit, link, cache and stream.

    Plain JSON types only, SI units in the names. Energy and power are null where the chip's power is not known. A
    task holds its unit from the fill that delays the body to the body's end; that is what `busy_fraction` counts, per
    slot. Of a generation that was sampled, the figures are those of all its steps, `tasks` what was simulated.
    """
    summary = _simulated(record)
    return whole_summary(summary, record) if is_sampled(record.instances) else summary


def _simulated(record: RunRecord) -> dict[str, Any]:
    tasks = record.tasks
    latency_ps = record.latency_ps
    flop = int(tasks.flop.sum())
    dram = next((link for link in record.links if link.name == DRAM), None)
    dram_read = dram.read_bytes if dram else int(tasks.dram_read_bytes.sum())
    dram_write = dram.write_bytes if dram else int(tasks.dram_write_bytes.sum())
    dram_average = _per_second(dram_read + dram_write, latency_ps)
    streams = by_stream(record.instances)
    generating = [name for name, instances in streams.items() if generates(instances)]
    stream_summaries = {name: stream_figures(instances, record.end_ps) for name, instances in streams.items()}
    return {
        "schema_version": SCHEMA_VERSION,
        "socsim_version": __version__,
        "hardware": record.hardware,
        "workload": record.workloads[0] if len(record.workloads) == 1 else list(record.workloads),
        "seed": record.seed,
        "latency_s": ps_to_seconds(latency_ps),
        **_energy_figures(record.energy, latency_ps),
        "tasks": len(tasks),
        "flop": flop,
        "matmul_flop": int(tasks.matmul_flop.sum()),
        "dram_read_bytes": dram_read,
        "dram_write_bytes": dram_write,
        "achieved_flop_per_s": _per_second(flop, latency_ps),
        "dram_average_bytes_per_s": dram_average,
        "dram_peak_fraction": dram_average / record.dram_peak_bytes_per_s if record.dram_peak_bytes_per_s else 0.0,
        "bound_by": bound_by(record.critical_path),
        "units": _unit_figures(record, latency_ps),
        "links": {link.name: _link_figures(link, latency_ps) for link in record.links},
        "caches": {
            cache.name: {
                "hit_bytes": cache.hit_bytes,
                "miss_bytes": cache.miss_bytes,
                "writeback_bytes": cache.writeback_bytes,
            }
            for cache in record.caches
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


def _unit_figures(record: RunRecord, latency_ps: int) -> dict[str, Any]:
    tasks = record.tasks
    num_units = len(tasks.unit.values)
    codes = tasks.unit.codes
    held = np.zeros(num_units, dtype=np.int64)
    np.add.at(held, codes, (tasks.end_ps - tasks.held_start_ps - tasks.suspended_ps) * tasks.slots)
    flop = np.zeros(num_units, dtype=np.int64)
    np.add.at(flop, codes, tasks.flop)
    count = np.bincount(codes, minlength=num_units)
    figures = {}
    for name in record.units:
        code = tasks.unit.code(name)
        capacity_ps = record.unit_slots[name] * latency_ps
        figures[name] = {
            "busy_fraction": int(held[code]) / capacity_ps if code >= 0 and capacity_ps else 0.0,
            "tasks": int(count[code]) if code >= 0 else 0,
            "flop": int(flop[code]) if code >= 0 else 0,
            "energy_j": record.energy.units[name].total_j if record.energy is not None else None,
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
