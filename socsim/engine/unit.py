"""One generic compute unit: a front end, a body, and what a task alone on it takes.

A task in time (DESIGN.md 5.1), with B bytes in all of which f arrive in the first tile and l leave in the last, body
compute time C, path latency L, and r the rate its bytes get:

    launch   the front end takes `launch` per task, in order, up to `queue_depth` tasks ahead of the body; where it
             does not overlap (`launch_overlap: false`) it begins when the task's turn has come
    fill     L + f / r from when the data is there; hidden where other work covers it (`prefetch_depth` > 0)
    body     max(C, (B - f - l) / r): compute and transfer overlap, as one fluid flow
    drain    l / r + L': delays dependents, not the unit

    alone, nothing hidden:   launch + L + f/r + max(C, (B - f - l)/r) + l/r + L'

The body's flow carries the first tile too, under the rate cap (B - l) / (C + f/r): alone it takes exactly
f/r + max(C, (B - f - l)/r), and in company max-min sharing decides. The last tile goes on as the same flow while
the unit is already free. L is the way to memory and back (links, caches, DRAM), L' the way of a posted write (links).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from socsim.engine.memory.route import UnitRoute
from socsim.engine.schedulers import ReadyQueue
from socsim.hardware import UnitParams

if TYPE_CHECKING:
    from socsim.engine.task_run import TaskRun


class UnitState:
    """A unit while time runs."""

    __slots__ = (
        "clock_hz", "dma_engines", "free_lanes", "free_ps", "front_free_ps", "host", "last_row", "launches_ahead",
        "name", "num_ready", "num_slots", "preemption", "preemption_cost_ps", "prefetches", "queue", "queue_depth",
        "ready", "route", "submit_free_ps", "tile_buffers", "tile_bytes",
    )  # fmt: skip

    def __init__(self, params: UnitParams, route: UnitRoute, ready: ReadyQueue) -> None:
        self.name = params.name
        self.clock_hz = params.clock
        self.route = route
        self.ready = ready
        self.num_ready = 0
        self.queue: deque[TaskRun] = deque()
        self.queue_depth = params.queue_depth
        self.launches_ahead = params.launch_overlap
        self.preemption = params.preemption
        self.preemption_cost_ps = params.preemption_cost
        self.tile_bytes = max(1, params.tile)
        self.tile_buffers = params.tile_buffers
        self.dma_engines = params.dma_engines
        self.prefetches = params.prefetch_depth > 0
        self.num_slots = params.slots if params.concurrency == "spatial" else 1
        self.free_lanes = list(range(self.num_slots - 1, -1, -1))
        self.free_ps = 0
        self.front_free_ps = 0
        self.submit_free_ps = 0
        self.host: UnitState | None = None
        self.last_row = -1
