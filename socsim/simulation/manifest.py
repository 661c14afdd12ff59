"""What was run, complete enough to run it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from socsim.cost import unit_models
from socsim.hardware import Soc
from socsim.simulation.options import RunOptions
from socsim.version import __version__
from socsim.workload import Workload
from socsim.workload.scenario import Scenario

SCHEMA_VERSION = 1


def manifest(workloads: Sequence[Workload], scenario: Scenario, soc: Soc, options: RunOptions) -> dict[str, Any]:
    """The resolved input of a run: hardware, workloads by hash, scenario, options, versions, seed; the units' roofs."""
    return {
        "schema_version": SCHEMA_VERSION,
        "socsim_version": __version__,
        "hardware": soc.to_data(),
        "workloads": [
            {
                "name": workload.name,
                "hash": workload.content_hash,
                "graph": workload.graph,
                "partial": workload.partial,
                "source": dict(workload.source),
            }
            for workload in workloads
        ],
        "scenario": scenario.to_data(),
        "options": options.to_data(),
        "seed": options.seed,
        "dram_peak_bytes_per_s": soc.dram.peak_bytes_per_s,
        "roofs": [
            {"unit": unit.name, "precision": precision, "flop_per_s": rate}
            for unit in soc.units
            for precision, rate in sorted(unit_models.get(unit.kind)().peaks(unit).items())
        ],
    }
