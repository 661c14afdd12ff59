"""A generation of which only some decode steps were simulated: what the whole one comes to, and how far off at most.

Between two simulated steps everything is taken to grow in a straight line (trapezoids, summed over whole steps), so a
step with gaps of g and h steps beside it stands for 1 + (g - 1)/2 + (h - 1)/2. Where the time of a step does not fall
as the cache grows, every step between two simulated ones takes at least as long as the first of them and at most as
long as the second: the total is off by at most half their difference for each step left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from socsim.quantity import PS_PER_S, format_si, ps_to_seconds
from socsim.result.bottleneck import CAUSES
from socsim.result.streams import stream_figures

if TYPE_CHECKING:
    from socsim.result.record import RunRecord
    from socsim.result.run_result import InstanceRecord


@dataclass(frozen=True, slots=True)
class Sampling:
    """`simulated` of `steps` decode steps; the time of all is off by at most `error_bound_ps`."""

    simulated: int
    steps: int
    error_bound_ps: int


def is_sampled(instances: Sequence[InstanceRecord]) -> bool:
    """Whether any instance stands for others."""
    return any(instance.stands_for != 1 for instance in instances)


def whole(instances: Sequence[InstanceRecord]) -> tuple[InstanceRecord, ...]:
    """The instances as they would lie in time if those that were left out had run, one after the other."""
    shift = 0
    moved = []
    for instance in instances:
        time_ps = max(0, instance.done_ps - instance.arrival_ps)
        more = round((instance.stands_for - 1) * time_ps)
        done = instance.done_ps if instance.done_ps < 0 else instance.done_ps + shift + more
        moved.append(replace(instance, arrival_ps=instance.arrival_ps + shift, done_ps=done))
        shift += more
    return tuple(moved)


def sampling(instances: Sequence[InstanceRecord]) -> Sampling:
    """How many steps stand for how many, and the bound of the error of their time."""
    simulated, steps, bound = 0, 0.0, 0.0
    for nodes in _requests(instances):
        simulated += len(nodes)
        steps += sum(node.stands_for for node in nodes)
        left_out = 0.0  # half the steps left out between the node before and this one
        for before, after in pairwise(nodes):
            left_out = before.stands_for - 1 - left_out
            difference = (after.done_ps - after.arrival_ps) - (before.done_ps - before.arrival_ps)
            bound += left_out * abs(difference)
        bound += len(nodes)  # a picosecond for each: the time of the steps beside it is rounded once
    return Sampling(simulated, round(steps), round(bound))


def sampling_notes(instances: Sequence[InstanceRecord]) -> list[str]:
    """One sentence for people, where steps were left out."""
    if not is_sampled(instances):
        return []
    found = sampling(instances)
    return [
        f"{found.simulated} of {found.steps} decode steps were simulated: the time of a generation is within "
        f"± {format_si(ps_to_seconds(found.error_bound_ps), 's')} of all steps', as long as a step does not get "
        f"shorter while the cache grows; links and caches are scaled like the DRAM's traffic"
    ]


def whole_summary(summary: dict[str, Any], record: RunRecord) -> dict[str, Any]:
    """The summary of what was simulated, scaled to the whole generation."""
    instances = whole(record.instances)
    end_ps = max((instance.done_ps for instance in instances), default=0)
    latency_ps = end_ps - record.begin_ps
    longer = latency_ps / record.latency_ps if record.latency_ps else 1.0
    stands_for = np.array([instance.stands_for for instance in record.instances])
    tasks = record.tasks
    weight = stands_for[tasks.instance]

    def total(column: Any) -> int:
        return round(float((column * weight).sum()))

    reads, writes = (_ratio(column, weight) for column in (tasks.dram_read_bytes, tasks.dram_write_bytes))
    traffic = _ratio(tasks.dram_read_bytes + tasks.dram_write_bytes, weight)
    flop = total(tasks.flop)
    seconds = latency_ps / PS_PER_S
    scaled = dict(summary)
    scaled |= {
        "latency_s": ps_to_seconds(latency_ps),
        "flop": flop,
        "matmul_flop": total(tasks.matmul_flop),
        "dram_read_bytes": round(summary["dram_read_bytes"] * reads),
        "dram_write_bytes": round(summary["dram_write_bytes"] * writes),
        "achieved_flop_per_s": flop / seconds,
        "dram_average_bytes_per_s": summary["dram_average_bytes_per_s"] * traffic / longer,
        "dram_peak_fraction": summary["dram_peak_fraction"] * traffic / longer,
        "bound_by": _bound_by(record, weight),
        "units": _units(summary, record, weight, longer),
        "links": {
            name: {key: value * traffic / longer for key, value in link.items()}
            for name, link in summary["links"].items()
        },
        "caches": {
            name: {key: round(value * traffic) for key, value in cache.items()}
            for name, cache in summary["caches"].items()
        },
    }
    scaled["streams"] = {
        name: stream_figures([i for i in instances if i.stream == name], end_ps) for name in summary["streams"]
    }
    found = sampling(record.instances)
    for figures in scaled["streams"].values():
        if figures["generation"] is not None:
            figures["generation"]["sampling"] = {
                "simulated_steps": found.simulated,
                "steps": found.steps,
                "error_bound_s": ps_to_seconds(found.error_bound_ps),
            }
    if summary["generation"] is not None:
        scaled["generation"] = next(f["generation"] for f in scaled["streams"].values() if f["generation"])
    return scaled | _energy(summary, record, weight, longer, seconds)


def _requests(instances: Sequence[InstanceRecord]) -> list[list[InstanceRecord]]:
    """The simulated steps of each generation that has any that stands for others."""
    requests: dict[tuple[str, int, str], list[InstanceRecord]] = {}
    for instance in instances:
        requests.setdefault((instance.stream, instance.request, instance.phase), []).append(instance)
    return [nodes for nodes in requests.values() if is_sampled(nodes)]


def _bound_by(record: RunRecord, weight: Any) -> dict[str, float]:
    path = record.critical_path
    length = (path.end_ps - path.begin_ps) * np.where(path.row >= 0, weight[np.maximum(path.row, 0)], 1.0)
    whole_time = float(length.sum())
    return {name: float(length[path.cause == index].sum()) / whole_time for index, name in enumerate(CAUSES)}


def _units(summary: dict[str, Any], record: RunRecord, weight: Any, longer: float) -> dict[str, Any]:
    tasks, figures = record.tasks, {}
    held = (tasks.end_ps - tasks.held_start_ps - tasks.suspended_ps) * tasks.slots
    for name, unit in summary["units"].items():
        own = tasks.unit.codes == tasks.unit.code(name)
        busy = _ratio(held[own], weight[own])
        figures[name] = {
            **unit,
            "busy_fraction": unit["busy_fraction"] * busy / longer,
            "flop": round(float((tasks.flop[own] * weight[own]).sum())),
        }
        if record.energy is not None:
            parts = record.energy.units[name]
            operations = parts.operations_j * _ratio(tasks.flop[own], weight[own])
            figures[name]["energy_j"] = operations + parts.active_j * busy + (parts.idle_j + parts.leakage_j) * longer
    return figures


def _energy(summary: dict[str, Any], record: RunRecord, weight: Any, longer: float, seconds: float) -> dict[str, Any]:
    """What tasks cost, by their weights; what time costs, by the time."""
    energy = record.energy
    if energy is None or not energy.total_j:
        return {}
    total = energy.spans_j * _ratio(record.tasks.energy_j, weight) + (energy.idle_j + energy.leakage_j) * longer
    figures: dict[str, Any] = {"energy_j": total, "average_power_w": total / seconds}
    if "energy_range_j" in summary:
        figures["energy_range_j"] = [value * total / energy.total_j for value in summary["energy_range_j"]]
    return figures


def _ratio(values: Any, weight: Any) -> float:
    plain = float(values.sum())
    return float((values * weight).sum()) / plain if plain else 1.0
