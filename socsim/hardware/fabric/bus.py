"""A bus: one medium that all transfers share, in both directions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from socsim.hardware.fabric.generator import FabricGenerator, fabrics
from socsim.hardware.memory import Link


@fabrics.register("bus")
class Bus(FabricGenerator):
    """Masters (units) on one side of the medium, slaves (memory) on the other: every transfer crosses it once."""

    mode: Literal["shared", "duplex"] = Field(
        default="shared", description="shared: both directions on one bandwidth; duplex: each has its own"
    )
    masters: tuple[str, ...] = Field(min_length=1, description="the nodes that ask: units")
    slaves: tuple[str, ...] = Field(min_length=1, description="the nodes that answer: memory")

    def attached(self) -> tuple[str, ...]:
        return (*self.masters, *self.slaves)

    def links(self) -> tuple[Link, ...]:
        asking, answering = f"{self.name}_masters", f"{self.name}_slaves"
        return (
            self.hop("medium", asking, answering),
            *(self.port(node, asking) for node in self.masters),
            *(self.port(node, answering) for node in self.slaves),
        )
