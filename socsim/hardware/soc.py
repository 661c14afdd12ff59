"""A system on chip as frozen data: units, links between them, caches, DRAM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, SerializeAsAny, model_validator

from socsim.hardware.fields import Area
from socsim.hardware.memory import Cache, Dram, Link
from socsim.hardware.part import Part
from socsim.hardware.unit import UnitParams
from socsim.registry import did_you_mean


class Soc(Part):
    """A chip. Validated as a whole: names are unique, every unit reaches DRAM, hosts exist.

    Read it with `socsim.hardware.load_soc`; a manifest's copy by `Soc.model_validate(data, context={"base_units": True})`.
    """

    name: str
    description: str = ""
    units: tuple[SerializeAsAny[UnitParams], ...] = Field(min_length=1)
    links: tuple[Link, ...] = Field(min_length=1)
    caches: tuple[Cache, ...] = ()
    dram: Dram
    preference: tuple[str, ...] = Field(
        default=(), description="units in the order in which rule placement tries them; default: as listed"
    )
    area: Area | None = Field(default=None, description="die area, a proxy of cost")

    def unit(self, name: str) -> UnitParams:
        """The unit of that name; `KeyError` with near names."""
        for unit in self.units:
            if unit.name == name:
                return unit
        raise KeyError(did_you_mean(name, [unit.name for unit in self.units]))

    def route(self, unit: UnitParams) -> tuple[Link, ...]:
        """The links from a unit to DRAM: the path of least latency, the one with fewer links and then the first by
        name where several tie."""
        start = unit.port or unit.name
        found = shortest_routes(self.links, start).get(self.dram.node)
        if found is None:
            raise KeyError(f"unit '{unit.name}' cannot reach DRAM node '{self.dram.node}' from node '{start}'")
        return found

    @model_validator(mode="after")
    def _consistent(self) -> Soc:
        problems = []
        for what, names in (
            ("unit", [unit.name for unit in self.units]),
            ("link", [link.name for link in self.links]),
            ("cache", [cache.name for cache in self.caches]),
        ):
            for name in sorted({name for name in names if names.count(name) > 1}):
                problems.append(f"{what} '{name}' is defined twice")
        unit_names = [unit.name for unit in self.units]
        nodes = {node for link in self.links for node in link.between}
        if self.dram.node not in nodes:
            problems.append(f"no link reaches the DRAM node '{self.dram.node}': {did_you_mean(self.dram.node, nodes)}")
        for unit in self.units:
            if unit.host is not None and unit.host not in unit_names:
                problems.append(
                    f"unit '{unit.name}': host '{unit.host}' is no unit: {did_you_mean(unit.host, unit_names)}"
                )
            if self.dram.node in nodes and self.dram.node not in shortest_routes(self.links, unit.port or unit.name):
                problems.append(
                    f"unit '{unit.name}' cannot reach DRAM: no path of links from node '{unit.port or unit.name}' "
                    f"to '{self.dram.node}'"
                )
        for cache in self.caches:
            if cache.node not in nodes:
                problems.append(f"cache '{cache.name}': no link touches its node '{cache.node}'")
            for client in cache.clients or ():
                if client not in unit_names:
                    problems.append(
                        f"cache '{cache.name}': client '{client}' is no unit: {did_you_mean(client, unit_names)}"
                    )
        for name in self.preference:
            if name not in unit_names:
                problems.append(f"preference: '{name}' is no unit: {did_you_mean(name, unit_names)}")
        if self.dram.reserved >= self.dram.capacity:
            problems.append("dram: 'reserved' leaves no capacity")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def to_data(self) -> Mapping[str, Any]:
        """All resolved values in base units, for the manifest; reading it back gives an equal Soc."""
        return self.model_dump(mode="json")


def shortest_routes(links: tuple[Link, ...], start: str) -> dict[str, tuple[Link, ...]]:
    """Paths of least latency from `start` to every node it reaches (Dijkstra; ties by fewer links, then by name)."""
    best: dict[str, tuple[tuple[int, int, tuple[str, ...]], tuple[Link, ...]]] = {start: ((0, 0, ()), ())}
    done: set[str] = set()
    while True:
        open_nodes = [node for node in best if node not in done]
        if not open_nodes:
            return {node: path for node, (_, path) in best.items()}
        node = min(open_nodes, key=lambda name: (best[name][0], name))
        done.add(node)
        (latency, hops, names), path = best[node]
        for link in links:
            if node not in link.between:
                continue
            other = link.between[1] if link.between[0] == node else link.between[0]
            key = (latency + link.latency, hops + 1, (*names, link.name))
            if other not in best or (other not in done and key < best[other][0]):
                best[other] = (key, (*path, link))
