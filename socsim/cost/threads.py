"""Threads of a task on a CPU: how many a runtime starts, on which clusters they land, what they draw together.

    threads   = least of: threads per task; cores; one per `thread_grain_cycles` of work (products: `matrix_grain_flop`)
    bandwidth = threads * least over clusters of min(core_bandwidth, cluster_bandwidth / threads there)

A runtime does not wake a core for less work than waking it costs, so small operations leave cores idle. It gives each
thread an equal part, so the one that shares its cluster with most others decides.
"""

from __future__ import annotations

import math

from pydantic import Field, model_validator

from socsim.hardware import UnitParams
from socsim.hardware.fields import Bandwidth, Duration
from socsim.registry import did_you_mean


class ThreadParams(UnitParams):
    """Cores, the clusters they form, and how threads use them."""

    cores: int = Field(ge=1, description="cores of the unit")
    clusters: int = Field(
        default=1, ge=1, description="clusters that the cores form; each has its own way to the fabric"
    )
    threads: int | None = Field(
        default=None, ge=1, description="threads per task; default: one per core, as most runtimes start them"
    )
    thread_order: str = Field(
        default="fill", description="fill: threads fill one cluster before the next; spread: they take turns"
    )
    thread_grain_cycles: float = Field(
        default=0,
        ge=0,
        description="work, in cycles of one core, below which a runtime adds no thread; 0: it always does",
    )
    matrix_grain_flop: float = Field(
        default=0, ge=0, description="the same for matrix products, in FLOP; 0: as other work"
    )
    fork_join: Duration = Field(default=0, description="time to start and to meet one more thread, per task")
    core_bandwidth: Bandwidth | None = Field(
        default=None, description="most that one core moves beyond its caches; default: unlimited"
    )
    core_outstanding: int | None = Field(
        default=None, ge=1, description="lines that one core has in flight, for the cap of Little's law"
    )
    cluster_bandwidth: Bandwidth | None = Field(
        default=None, description="most that one cluster moves; default: an equal part of the unit's port"
    )

    @model_validator(mode="after")
    def _even(self) -> ThreadParams:
        if self.thread_order not in _ORDERS:
            raise ValueError(f"unknown thread_order '{self.thread_order}': {did_you_mean(self.thread_order, _ORDERS)}")
        if self.clusters > self.cores:
            raise ValueError(f"{self.clusters} clusters of {self.cores} cores: a cluster has at least one")
        if self.threads is not None and self.threads > self.cores:
            raise ValueError(f"{self.threads} threads on {self.cores} cores: a task has at most one thread per core")
        return self


_ORDERS = ("fill", "spread")


def most_threads(params: ThreadParams) -> int:
    """Threads of a task that has enough work for all of them."""
    return params.cores if params.threads is None else params.threads


def threads_for(amount: float, grain: float, params: ThreadParams) -> int:
    """Threads for so much work where each is to have at least `grain` of it; 0 means that any work will do."""
    most = most_threads(params)
    return most if grain <= 0 else max(1, min(most, math.floor(amount / grain)))


def by_cluster(threads: int, params: ThreadParams) -> tuple[int, ...]:
    """How many threads run on each cluster that has any."""
    if params.thread_order == "spread":
        used = min(threads, params.clusters)
        return tuple([threads // used + (cluster < threads % used) for cluster in range(used)])
    each = -(-params.cores // params.clusters)
    full, rest = divmod(threads, each)
    return (*[each] * full, *([rest] if rest else []))


def bandwidth_of(threads: int, params: ThreadParams) -> float:
    """Bytes per second that threads draw together at most, beyond their caches; infinite where nothing says so."""
    core = math.inf if params.core_bandwidth is None else params.core_bandwidth
    cluster = math.inf if params.cluster_bandwidth is None else params.cluster_bandwidth
    return threads * min(core, cluster / max(by_cluster(threads, params)))
