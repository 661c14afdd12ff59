"""A system on chip as frozen data: units, links between them, caches, DRAM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from socsim.hardware.fields import Area
from socsim.hardware.memory import Cache, Dram, Link
from socsim.hardware.messages import problem
from socsim.hardware.part import Part
from socsim.hardware.unit import AnyUnit, UnitParams
from socsim.quantity import ps_to_seconds
from socsim.registry import did_you_mean


class Soc(Part):
    """A chip. Validated as a whole: names are unique, every unit reaches DRAM, hosts exist.

    Read it with `socsim.hardware.load_soc`, a manifest's copy with `socsim.hardware.soc_from_data`.
    """

    name: str = Field(description="short name, as results carry it")
    description: str = Field(default="", description="one line for people: year, cores, variants")
    units: tuple[AnyUnit, ...] = Field(min_length=1, description="compute units, each of a registered kind")
    links: tuple[Link, ...] = Field(min_length=1, description="the fabric between units and DRAM")
    caches: tuple[Cache, ...] = Field(default=(), description="caches in front of DRAM, by the node they stand at")
    dram: Dram = Field(description="main memory")
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

    def latency_ps(self, unit: UnitParams) -> int:
        """Idle latency of a read that no cache serves: the links on the way, controller and device."""
        return sum(link.latency for link in self.route(unit)) + self.dram.latency

    def port_bytes_per_s(self, unit: UnitParams) -> float:
        """Most that the unit alone can draw, whatever DRAM gives: the least of the links on its way, its own
        `port_bandwidth`, and by Little's law `outstanding` lines in flight over the idle latency."""
        limits = [link.bandwidth for link in self.route(unit)]
        if unit.port_bandwidth is not None:
            limits.append(unit.port_bandwidth)
        if unit.outstanding is not None and self.latency_ps(unit) > 0:
            limits.append(unit.outstanding * unit.line / ps_to_seconds(self.latency_ps(unit)))
        return min(limits)

    @model_validator(mode="after")
    def _consistent(self) -> Soc:
        problems = [*self._twins(), *self._loose_ends()]
        if problems:
            raise ValidationError.from_exception_data("Soc", problems)
        return self

    def _twins(self) -> list[InitErrorDetails]:
        problems = []
        for what, names in (
            ("units", [unit.name for unit in self.units]),
            ("links", [link.name for link in self.links]),
            ("caches", [cache.name for cache in self.caches]),
        ):
            for index, name in enumerate(names):
                if name in names[:index]:
                    problems.append(problem("twin", f"'{name}' is defined twice", (what, index, "name")))
        return problems

    def _loose_ends(self) -> list[InitErrorDetails]:
        units = [unit.name for unit in self.units]
        nodes = sorted({node for link in self.links for node in link.between})
        problems = []

        def refers(name: str, known: list[str], what: str, location: tuple[str | int, ...]) -> None:
            if name not in known:
                problems.append(
                    problem("unknown_name", f"'{name}' is no {what}: {did_you_mean(name, known)}", location)
                )

        refers(self.dram.node, nodes, "node of the links", ("dram", "node"))
        for index, unit in enumerate(self.units):
            if unit.host is not None:
                refers(unit.host, units, "unit", ("units", index, "host"))
            start = unit.port or unit.name
            if self.dram.node in nodes and self.dram.node not in shortest_routes(self.links, start):
                way = f"no path of links from node '{start}' to '{self.dram.node}'"
                if start not in nodes:
                    way += f": {did_you_mean(start, nodes)}"
                problems.append(problem("no_route", f"cannot reach DRAM, {way}", ("units", index, "port")))
        for index, link in enumerate(self.links):
            if link.between[0] == link.between[1]:
                problems.append(problem("loop", "joins a node with itself", ("links", index, "between")))
        for index, cache in enumerate(self.caches):
            refers(cache.node, nodes, "node of the links", ("caches", index, "node"))
            for at, client in enumerate(cache.clients or ()):
                refers(client, units, "unit", ("caches", index, "clients", at))
        for index, name in enumerate(self.preference):
            refers(name, units, "unit", ("preference", index))
        if self.dram.reserved >= self.dram.capacity:
            problems.append(problem("no_capacity", "leaves nothing of the capacity", ("dram", "reserved")))
        return problems

    def to_data(self) -> Mapping[str, Any]:
        """All resolved values in base units, for the manifest; `soc_from_data` reads it back as an equal Soc."""
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
