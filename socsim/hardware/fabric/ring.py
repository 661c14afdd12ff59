"""A ring: stops in a circle, traffic takes the shorter way around."""

from __future__ import annotations

from pydantic import Field
from pydantic_core import InitErrorDetails

from socsim.hardware.fabric.generator import FabricGenerator, fabrics
from socsim.hardware.memory import Link
from socsim.hardware.messages import problem


@fabrics.register("ring")
class Ring(FabricGenerator):
    """Stop i is the router `<name>_<i>`, joined with the next one and the last with the first. Where both ways are
    equally long, the one whose links come first by name is taken."""

    stops: int = Field(ge=2, description="number of stops")
    attach: dict[str, int] = Field(min_length=1, description="nodes and the stop each hangs on, counted from 0")

    def attached(self) -> tuple[str, ...]:
        return tuple(self.attach)

    def problems(self) -> list[InitErrorDetails]:
        return super().problems() + [
            problem("no_stop", f"stop {stop} is not on the ring: 0 to {self.stops - 1}", ("attach", node))
            for node, stop in self.attach.items()
            if not 0 <= stop < self.stops
        ]

    def links(self) -> tuple[Link, ...]:
        width = len(str(self.stops - 1))
        ends = [(stop, (stop + 1) % self.stops) for stop in range(self.stops if self.stops > 2 else 1)]
        return (
            *(self.hop(f"hop_{a:0{width}}", f"{self.name}_{a}", f"{self.name}_{b}") for a, b in ends),
            *(self.port(node, f"{self.name}_{stop}") for node, stop in self.attach.items()),
        )
