"""A crossbar: any pair of ports talks at full bandwidth; only ports are shared."""

from __future__ import annotations

from pydantic import Field

from socsim.hardware.fabric.generator import FabricGenerator, fabrics
from socsim.hardware.memory import Link


@fabrics.register("crossbar")
class Crossbar(FabricGenerator):
    """Every attached node hangs on one router named like the fabric; `latency` is paid at each of the two ports."""

    attach: tuple[str, ...] = Field(min_length=2, description="the nodes at its ports: units, memory, caches")

    def attached(self) -> tuple[str, ...]:
        return self.attach

    def links(self) -> tuple[Link, ...]:
        latency = self.latency + self.port_latency
        return tuple(
            self.link(
                f"port_{node}", node, self.name, self.ports.get(node, self.port_bandwidth or self.bandwidth), latency
            )
            for node in self.attach
        )
