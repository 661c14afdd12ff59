"""A kind of compute unit: a processor with one arithmetic rate for everything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from socsim.cost import GroupCost, UnitModel, unit_models
from socsim.hardware import UnitParams
from socsim.workload import BoundOperation, work


class StreamProcessorParams(UnitParams):
    """Parameters of a stream processor."""

    flop_per_cycle: float = Field(gt=0, description="arithmetic of any kind and precision per cycle")


@unit_models.register("stream_processor")
class StreamProcessor(UnitModel[StreamProcessorParams]):
    """cycles = FLOP / FLOP per cycle."""

    Params: ClassVar[type[UnitParams]] = StreamProcessorParams

    def supports(self, operation: BoundOperation, params: StreamProcessorParams) -> bool:
        return True

    def cost(self, operations: Sequence[BoundOperation], params: StreamProcessorParams) -> GroupCost:
        return GroupCost(math.ceil(sum(work(operation).flop for operation in operations) / params.flop_per_cycle))

    def peaks(self, params: StreamProcessorParams) -> dict[str, float]:
        return {"fp16": params.flop_per_cycle * params.clock}
