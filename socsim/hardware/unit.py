"""What every compute unit has, whatever its kind: front end, concurrency, its way to memory.

A kind of unit (CPU cluster, GPU, NPU, ...) derives its own `Params` from `UnitParams` in one file under `socsim/cost/`
and adds what its cost model needs.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from socsim.hardware.fields import Bandwidth, Duration, Frequency, Size
from socsim.hardware.part import Part


class UnitParams(Part):
    """Parameters common to all kinds of unit (DESIGN.md 5.1).

    Time of a task alone on the unit: `launch` (front end) + fill + body + drain, see `socsim.engine.unit`.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="unique name, e.g. cpu_p, gpu, npu")
    kind: str = Field(description="a registered kind of unit, e.g. cpu, gpu, npu")
    clock: Frequency = Field(description="clock of the unit's body at its highest sustained operating point")

    # front end
    launch: Duration = Field(default=0, description="front-end time per task (per program on an NPU)")
    queue_depth: int = Field(default=1, ge=1, description="tasks the front end may take ahead of the body")
    submit: Duration = Field(default=0, description="time a task occupies its host unit before the front end sees it")
    host: str | None = Field(default=None, description="unit that submits work to this one")
    run_overhead: Duration = Field(default=0, description="fixed cost of starting one run of a graph on this unit")

    # body
    concurrency: Literal["exclusive", "spatial"] = Field(
        default="exclusive", description="exclusive: one task at a time; spatial: tasks share the slots"
    )
    slots: int = Field(default=1, ge=1, description="shares that a spatial unit grants (cores, slices)")
    prefetch_depth: int = Field(
        default=1, ge=0, description="tasks ahead for which weights are fetched before their turn; 0: none"
    )
    tile: Size = Field(default=65536, description="bytes of a first and of a last tile: what fill and drain move")

    # way to memory
    port: str | None = Field(default=None, description="fabric node the unit is attached to; default: its own name")
    port_bandwidth: Bandwidth | None = Field(default=None, description="most the unit can draw; default: unlimited")
    outstanding: int | None = Field(default=None, ge=1, description="requests in flight, for the cap of Little's law")
    line: Size = Field(default=64, description="bytes of one request")
    handover: Duration = Field(
        default=0, description="fence and cache maintenance when data crosses into this unit from another"
    )
    max_tensor_bytes: Size | None = Field(default=None, description="largest operand the unit can take")
