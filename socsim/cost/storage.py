"""Storage: flash from which a cold run reads its weights into memory.

A read of B bytes alone takes `launch` (command and seek) + B / `port_bandwidth`, and the way to memory; on the way the
bytes share links with everybody else. A write (pages of a key-value cache that make room) takes B / `write_bandwidth`
where that is slower. It computes nothing, so nothing is placed on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field, model_validator

from socsim.cost.unit_model import GroupCost, UnitModel, unit_models
from socsim.hardware import UnitParams
from socsim.hardware.fields import Bandwidth
from socsim.workload import BoundOperation


class StorageParams(UnitParams):
    """Parameters of storage: those of any unit. `port_bandwidth` is the rate of sequential reads."""

    write_bandwidth: Bandwidth | None = Field(
        default=None, description="rate of sequential writes; default: that of reads"
    )

    @model_validator(mode="after")
    def _has_a_rate(self) -> StorageParams:
        if self.port_bandwidth is None:
            raise ValueError("storage needs a port_bandwidth: the rate of sequential reads, e.g. 4.2 GB/s")
        return self


@unit_models.register("storage")
class Storage(UnitModel[StorageParams]):
    """Storage runs no operation; mapping's cold graphs read from it, swapped pages go to it and back."""

    Params: ClassVar[type[UnitParams]] = StorageParams

    def supports(self, operation: BoundOperation, params: StorageParams) -> bool:
        return False

    def cost(self, operations: Sequence[BoundOperation], params: StorageParams) -> GroupCost:
        return GroupCost(0)

    def peaks(self, params: StorageParams) -> dict[str, float]:
        """None: it does no arithmetic."""
        return {}
