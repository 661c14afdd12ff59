"""Fixed-function blocks: image signal processor, video codec, JPEG codec, display controller.

They differ in what they do with a pixel and not in what that costs a chip: pixels stream through at a fixed rate, while
their bytes come and go.

    cycles = setup + pixels / pixels per cycle          of one picture
    bytes  = inputs x read passes + outputs             (a codec reads its reference pictures more than once)
    energy = pixels x energy per pixel, of the power model's `energy_per_pixel`
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from socsim.cost.counts import PIXEL
from socsim.cost.unit_model import GroupCost, UnitModel, unit_models
from socsim.hardware import UnitParams
from socsim.workload import BoundOperation

_Positive = Annotated[float, Field(gt=0)]


class FixedFunctionParams(UnitParams):
    """Parameters of a fixed-function block. Functions are those of operations of kind `media`."""

    pixels_per_cycle: dict[str, _Positive] = Field(
        min_length=1, description="what it can do, and how fast: pixels per cycle by function"
    )
    setup_cycles: float = Field(default=0, ge=0, description="cycles per picture before the first pixel")
    read_passes: dict[str, _Positive] = Field(
        default={}, description="how often a function reads the bytes of its inputs; default: once"
    )


@unit_models.register("fixed_function")
class FixedFunction(UnitModel[FixedFunctionParams]):
    """Cost of one picture in a fixed-function block."""

    Params: ClassVar[type[UnitParams]] = FixedFunctionParams

    def supports(self, operation: BoundOperation, params: FixedFunctionParams) -> bool:
        return operation.kind == "media" and operation.function in params.pixels_per_cycle

    def cost(self, operations: Sequence[BoundOperation], params: FixedFunctionParams) -> GroupCost:
        cycles = 0.0
        pixels = 0
        passes = 1.0
        for operation in operations:
            count = operation.integer("pixels")
            cycles += params.setup_cycles + count / params.pixels_per_cycle[operation.function]
            pixels += count
            passes = max(passes, params.read_passes.get(operation.function, 1.0))
        return GroupCost(math.ceil(cycles), ((("media", PIXEL), pixels),), activation_passes=passes)

    def peaks(self, params: FixedFunctionParams) -> dict[str, float]:
        """None: it does no arithmetic that anything else could use."""
        return {}
