"""What every compute unit has, whatever its kind: front end, concurrency, its way to memory.

A kind of unit (CPU cluster, GPU, NPU, ...) derives its own `Params` from `UnitParams` in one file under `socsim/cost/`
and adds what its cost model needs.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

from pydantic import Field, SerializeAsAny, ValidationError, ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator

from socsim.errors import ConfigError
from socsim.hardware.fields import Bandwidth, Duration, Frequency, Size
from socsim.hardware.messages import problem
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
    launch_overlap: bool = Field(
        default=True,
        description="launches are prepared while the body works; false: each begins when its turn has come",
    )
    queue_depth: int = Field(default=1, ge=1, description="tasks the front end may take ahead of the body")
    submit: Duration = Field(default=0, description="time a task occupies its host unit before the front end sees it")
    run_submit: Duration = Field(
        default=0, description="time the start of a run of a graph occupies the host unit, beside submit"
    )
    host: str | None = Field(default=None, description="unit that submits work to this one")
    run_overhead: Duration = Field(default=0, description="fixed cost of starting one run of a graph on this unit")

    # body
    concurrency: Literal["exclusive", "spatial"] = Field(
        default="exclusive", description="exclusive: one task at a time; spatial: tasks share the slots"
    )
    slots: int = Field(default=1, ge=1, description="shares that a spatial unit grants (cores, slices)")
    preemption: Literal["task", "tile", "instant"] = Field(
        default="task",
        description="where a running task gives way to a more urgent one: when it is done, at a tile, or at once",
    )
    preemption_cost: Duration = Field(
        default=0, description="time to restore a task that gave way, before it goes on where it stopped"
    )
    prefetch_depth: int = Field(
        default=1, ge=0, description="tasks ahead for which weights are fetched before their turn; 0: none"
    )
    tile: Size = Field(default=65536, description="bytes of a first and of a last tile: what fill and drain move")
    tile_buffers: int = Field(
        default=2, ge=1, description="slots for tiles in and as many for tiles out (2: double buffering); tile grain"
    )
    dma_engines: int = Field(default=2, ge=1, description="copy engines that load and store tiles; tile grain")

    # way to memory
    port: str | None = Field(default=None, description="fabric node the unit is attached to; default: its own name")
    port_bandwidth: Bandwidth | None = Field(default=None, description="most the unit can draw; default: unlimited")
    outstanding: int | None = Field(default=None, ge=1, description="requests in flight, for the cap of Little's law")
    line: Size = Field(default=64, description="bytes of one request")
    memory_weight: float = Field(default=1, gt=0, description="share of a full link, relative to the other units")
    memory_priority: int = Field(
        default=0,
        description="class of its traffic: a higher one is served first on links and where requests enter the memory; "
        "the memory controller serves what is queued without regard to classes",
    )
    handover: Duration = Field(
        default=0, description="fence and cache maintenance when data crosses into this unit from another"
    )
    max_tensor_bytes: Size | None = Field(default=None, description="largest operand the unit can take")


class UnitKinds(Protocol):
    """A registry of kinds of unit, such as `socsim.cost.unit_models`."""

    def get(self, name: str, where: str = "") -> Any:
        """The kind of that name, which has a `Params`; `ConfigError` with near names otherwise."""

    def items(self) -> Any:
        """Pairs of name and kind, sorted."""


def _as_its_kind(value: Any, plain: ValidatorFunctionWrapHandler, info: ValidationInfo) -> UnitParams:
    """Validate a mapping by the `Params` of the kind it names; the kinds come with the validation context."""
    context = info.context or {}
    kinds: UnitKinds | None = context.get("unit_models")
    if kinds is None or not isinstance(value, dict):
        checked: UnitParams = plain(value)
        return checked
    kind = value.get("kind")
    if not isinstance(kind, str):
        what = "required key is missing" if kind is None else f"expected text, got {kind!r}"
        raise ValidationError.from_exception_data("unit", [problem("kind", f"{what}, e.g. 'cpu'", ("kind",), kind)])
    try:
        params: type[UnitParams] = kinds.get(kind).Params
    except ConfigError as error:
        raise ValidationError.from_exception_data("unit", [problem("kind", error.what, ("kind",), kind)]) from None
    return params.model_validate(value, context=context, strict=context.get("strict"))


AnyUnit = Annotated[UnitParams, SerializeAsAny(), WrapValidator(_as_its_kind)]
"""A unit of whatever kind: read by the parameters of its kind, written with all of them."""
