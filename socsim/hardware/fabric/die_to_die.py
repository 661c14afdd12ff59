"""Several dies: a crossbar on each, joined by die-to-die links."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Literal

from pydantic import Field

from socsim.hardware.fabric.generator import FabricGenerator, fabrics
from socsim.hardware.fields import Bandwidth, Duration
from socsim.hardware.memory import Link


@fabrics.register("die_to_die")
class DieToDie(FabricGenerator):
    """A die is a router `<name>_<die>`; its nodes hang on it by ports of `bandwidth` and `latency`."""

    dies: dict[str, tuple[str, ...]] = Field(min_length=2, description="names of the dies and the nodes on each")
    die_bandwidth: Bandwidth = Field(description="of a link between two dies")
    die_latency: Duration = Field(default=0, description="time a request needs from one die to the next")
    topology: Literal["all", "chain", "ring"] = Field(
        default="all", description="all: every pair of dies; chain: each with the next; ring: the last with the first"
    )

    def attached(self) -> tuple[str, ...]:
        return tuple(node for nodes in self.dies.values() for node in nodes)

    def links(self) -> tuple[Link, ...]:
        names = list(self.dies)
        match self.topology:
            case "all":
                pairs = list(combinations(names, 2))
            case "chain":
                pairs = list(pairwise(names))
            case "ring":
                pairs = [*pairwise(names), *([(names[-1], names[0])] if len(names) > 2 else [])]
        latency = self.latency + self.port_latency
        ports = [
            self.link(
                f"port_{node}", node, f"{self.name}_{die}",
                self.ports.get(node, self.port_bandwidth or self.bandwidth), latency,
            )
            for die, nodes in self.dies.items()
            for node in nodes
        ]  # fmt: skip
        joins = [
            self.link(f"{a}_{b}", f"{self.name}_{a}", f"{self.name}_{b}", self.die_bandwidth, self.die_latency)
            for a, b in pairs
        ]
        return (*joins, *ports)
