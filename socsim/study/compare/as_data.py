"""Comparisons as plain JSON types: what `--json` prints and `compare.json` holds. Times are picoseconds or seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from socsim.quantity import ps_to_seconds
from socsim.result.bottleneck import CAUSES
from socsim.study.compare.inputs import Change
from socsim.study.compare.operations import OperationPair, Side
from socsim.study.compare.runs import RunComparison
from socsim.study.compare.sweeps import SweepComparison
from socsim.study.compare.waterfall import Step

SCHEMA_VERSION = 1


def runs_data(comparison: RunComparison) -> dict[str, Any]:
    """Everything about two runs."""
    before, after = comparison.before, comparison.after
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "runs",
        "before": {"hardware": before.hardware, "workloads": list(before.workloads)},
        "after": {"hardware": after.hardware, "workloads": list(after.workloads)},
        "nothing_changed": comparison.nothing_changed,
        "same_tasks": comparison.same_tasks,
        "latency_s": {
            "before": ps_to_seconds(before.latency_ps),
            "after": ps_to_seconds(after.latency_ps),
            "change_ps": comparison.latency_change_ps,
        },
        "inputs": _changes(comparison.inputs),
        "differing_sources": comparison.differing_sources,
        "results": [
            {"name": item.name, "before": item.before, "after": item.after, "ratio": item.ratio}
            for item in comparison.results
        ],
        "by_cause": _steps(comparison.by_cause),
        "by_module": _steps(comparison.by_module),
        "operations": [operation_data(pair) for pair in comparison.operations],
    }


def operation_data(pair: OperationPair) -> dict[str, Any]:
    """One operation in both runs."""
    return {
        "stream": pair.stream,
        "phase": pair.phase,
        "name": pair.name,
        "module": pair.label,
        "kind": pair.kind,
        "before": _side(pair.before),
        "after": _side(pair.after),
        "critical_change_ps": pair.critical_change_ps,
        "note": pair.note,
    }


def sweeps_data(comparison: SweepComparison) -> dict[str, Any]:
    """Everything about two sweeps but the points themselves, which `results.parquet` of each holds."""
    before, after = comparison.before.results, comparison.after.results
    fronts = comparison.fronts
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "sweeps",
        "before": {"folder": str(comparison.before.folder), "points": len(before)},
        "after": {"folder": str(comparison.after.folder), "points": len(after)},
        "nothing_changed": comparison.nothing_changed,
        "axes": list(comparison.axes),
        "common_points": len(comparison.pairs),
        "only_before": [before.columns["point"].values[row] for row in comparison.only_before],
        "only_after": [after.columns["point"].values[row] for row in comparison.only_after],
        "inputs": _changes(comparison.inputs),
        "status_changes": len(comparison.status_changes),
        "figures": [
            {
                "name": item.name,
                "points": item.points,
                "differ": item.differ,
                "ratio": {"least": item.least, "median": item.median, "most": item.most},
            }
            for item in comparison.figures
        ],
        "front": {
            name: [dict(zip(comparison.axes, comparison.pairs[number].axes, strict=True)) for number in numbers]
            for name, numbers in zip(("before", "after"), fronts, strict=True)
        },
    }


def _changes(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [
        {
            "path": item.path,
            "before": item.before,
            "after": item.after,
            "before_text": item.before_text,
            "after_text": item.after_text,
        }
        for item in changes
    ]


def _steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [
        {"name": step.name, "before_ps": step.before_ps, "after_ps": step.after_ps, "change_ps": step.change_ps}
        for step in steps
    ]


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "units": list(side.units),
        "count": side.count,
        "busy_s": ps_to_seconds(side.busy_ps),
        "flop": side.flop,
        "dram_bytes": side.dram_bytes,
        "bound_by": side.bound_by,
        "critical_ps": dict(zip(CAUSES, side.critical_ps, strict=True)),
    }
