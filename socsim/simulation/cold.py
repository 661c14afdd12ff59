"""Cold starts: which unit of a chip weights are read from, and the graph of a first run."""

from __future__ import annotations

from socsim.cost.storage import StorageParams
from socsim.errors import ConfigError
from socsim.hardware import Soc
from socsim.mapping.cold import cold_graph
from socsim.simulation.models import Models
from socsim.simulation.streams import ColdSource
from socsim.taskgraph import TaskGraph, TaskSource


def with_cold_starts(source: TaskSource, soc: Soc, models: Models) -> TaskSource:
    """The source with a cold first run of each workload; `ConfigError` for a chip without storage."""
    storage = next((unit for unit in soc.units if isinstance(unit, StorageParams)), None)
    if storage is None:
        raise ConfigError("--cold", f"{soc.name} has no storage to read weights from: give it a unit of kind 'storage'")

    def cold(graph: TaskGraph) -> TaskGraph:
        workload = next((item for item in models.workloads if item.content_hash == graph.workload), None)
        return graph if workload is None else cold_graph(graph, workload, storage)

    return ColdSource(source, cold)
