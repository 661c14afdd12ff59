"""Several inputs side by side."""

from __future__ import annotations

import dataclasses

from pydantic import Field

from socsim.errors import WorkloadError
from socsim.transform.formats import noted
from socsim.transform.transform import Transform, transforms
from socsim.workload import Workload


@transforms.register("batch")
class Batch(Transform):
    """`{size: 8}`: the workload takes so many inputs by default. It must have been traced with a symbolic batch."""

    size: int = Field(ge=1, description="inputs side by side")

    def apply(self, workload: Workload) -> Workload:
        symbol = next((symbol for symbol in workload.symbols if symbol.name == "batch"), None)
        if symbol is None:
            raise WorkloadError(workload.name, "was traced at a fixed batch; trace it with a symbolic one")
        if not symbol.minimum <= self.size <= symbol.maximum:
            raise WorkloadError(workload.name, f"batch {self.size} is outside {symbol.minimum} … {symbol.maximum}")
        symbols = tuple(
            dataclasses.replace(item, default=self.size) if item.name == "batch" else item for item in workload.symbols
        )
        return noted(dataclasses.replace(workload, symbols=symbols), f"batch {self.size}")
