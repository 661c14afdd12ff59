"""A system on chip as frozen data: units, links between them, caches, DRAM."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from socsim.hardware.fabric import AnyFabric
from socsim.hardware.fields import Area
from socsim.hardware.memory import Cache, Dram, Link
from socsim.hardware.messages import problem
from socsim.hardware.part import Part
from socsim.hardware.power import PowerModel, Thermal, references
from socsim.hardware.routing import Routing, Way, caches_on
from socsim.hardware.silicon import Silicon
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
    fabric: AnyFabric | None = Field(default=None, description="a regular fabric: crossbar, bus, ring, mesh, ...")
    links: tuple[Link, ...] = Field(default=(), description="links drawn by hand, beside those of a regular fabric")
    caches: tuple[Cache, ...] = Field(default=(), description="caches in front of DRAM, by the node they stand at")
    dram: Dram = Field(description="main memory")
    preference: tuple[str, ...] = Field(
        default=(), description="units in the order in which rule placement tries them; default: as listed"
    )
    area: Area | None = Field(default=None, description="published area of the die, for comparison with `silicon`")
    silicon: Silicon | None = Field(default=None, description="areas and prices of the die, a proxy of cost")
    power: PowerModel | None = Field(default=None, description="energy, operating points, power limits")
    thermal: Thermal | None = Field(default=None, description="heat and what it slows down")

    def unit(self, name: str) -> UnitParams:
        """The unit of that name; `KeyError` with near names."""
        for unit in self.units:
            if unit.name == name:
                return unit
        raise KeyError(did_you_mean(name, [unit.name for unit in self.units]))

    @cached_property
    def fabric_links(self) -> tuple[Link, ...]:
        """All links: those that the regular fabric stands for, then those drawn by hand."""
        return (*(self.fabric.links() if self.fabric is not None else ()), *self.links)

    @cached_property
    def routing(self) -> Routing:
        """Ways over the links."""
        return Routing(self.fabric_links)

    def ways(self, unit: UnitParams) -> tuple[Way, ...]:
        """From a unit to each memory controller; addresses interleave over them, so each carries an equal part."""
        return tuple(self.routing.way(unit.port or unit.name, node) for node in self.dram.nodes)

    def route(self, unit: UnitParams) -> tuple[Link, ...]:
        """The links on the ways from a unit to DRAM, each once, in the order in which they are first crossed."""
        return tuple({hop.link.name: hop.link for way in self.ways(unit) for hop in way.out}.values())

    def caches_of(self, unit: UnitParams) -> tuple[Cache, ...]:
        """The caches on the way of a unit to DRAM, the nearest first."""
        return caches_on(self.ways(unit)[0].out, unit.port or unit.name, self.caches)

    def latency_ps(self, unit: UnitParams) -> int:
        """Idle latency of a read that no cache serves: the links on the way, controller and device; the mean over the
        memory controllers, rounded up."""
        ways = self.ways(unit)
        return -(-sum(way.latency for way in ways) // len(ways)) + self.dram.latency

    def port_bytes_per_s(self, unit: UnitParams) -> float:
        """Most that the unit alone can draw, whatever DRAM gives: the least of the links on its way, its own
        `port_bandwidth`, and by Little's law `outstanding` lines in flight over the idle latency."""
        ways = self.ways(unit)
        limits = []
        for direction in ([way.out for way in ways], [way.back for way in ways]):
            crossed = [hop.link for hops in direction for hop in hops]
            limits += [link.bandwidth * len(ways) / crossed.count(link) for link in crossed]
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
        generated = [link.name for link in self.fabric_links[: -len(self.links) or None]]
        for what, before, names in (
            ("units", [], [unit.name for unit in self.units]),
            ("links", generated, [link.name for link in self.links]),
            ("caches", [], [cache.name for cache in self.caches]),
        ):
            for index, name in enumerate(names):
                if name in before or name in names[:index]:
                    problems.append(problem("twin", f"'{name}' is defined twice", (what, index, "name")))
        return problems

    def _loose_ends(self) -> list[InitErrorDetails]:
        units = [unit.name for unit in self.units]
        links = self.fabric_links
        nodes = sorted({node for link in links for node in link.between})
        problems = []
        if not links:
            return [problem("no_links", "a chip needs a fabric: `links`, `fabric` or both", ("links",))]

        def refers(name: str, known: list[str], what: str, location: tuple[str | int, ...]) -> None:
            if name not in known:
                problems.append(
                    problem("unknown_name", f"'{name}' is no {what}: {did_you_mean(name, known)}", location)
                )

        for node in self.dram.nodes:
            refers(node, nodes, "node of the links", ("dram", "node"))
        for index, unit in enumerate(self.units):
            if unit.host is not None:
                refers(unit.host, units, "unit", ("units", index, "host"))
            start = unit.port or unit.name
            for node in self.dram.nodes:
                if node in nodes and node not in self.routing.reaches(start):
                    way = f"no path of links from node '{start}' to '{node}'"
                    if start not in nodes:
                        way += f": {did_you_mean(start, nodes)}"
                    problems.append(problem("no_route", f"cannot reach DRAM, {way}", ("units", index, "port")))
        for index, link in enumerate(self.links):
            if link.between[0] == link.between[1]:
                problems.append(problem("loop", "joins a node with itself", ("links", index, "between")))
        for index, cache in enumerate(self.caches):
            for node in cache.nodes:
                refers(node, nodes, "node of the links", ("caches", index, "node"))
            for at, client in enumerate(cache.clients or ()):
                refers(client, units, "unit", ("caches", index, "clients", at))
        for index, name in enumerate(self.preference):
            refers(name, units, "unit", ("preference", index))
        for name, known, what, location in references(self.power, self.thermal, units):
            refers(name, known, what, location)
        if self.dram.reserved >= self.dram.capacity:
            problems.append(problem("no_capacity", "leaves nothing of the capacity", ("dram", "reserved")))
        return problems or self._caches_passed_by()

    def _caches_passed_by(self) -> list[InitErrorDetails]:
        """A cache that only some of a unit's traffic passes would have to know addresses, which buffers have not."""
        problems = []
        for index, cache in enumerate(self.caches):
            for unit in self.units:
                start = unit.port or unit.name
                ways = self.ways(unit)
                passes = [bool(caches_on(way.out, start, (cache,))) for way in ways]
                passes += [bool(caches_on(way.back, way.memory, (cache,))) for way in ways]
                if any(passes) and not all(passes):
                    what = f"only some of the traffic of unit '{unit.name}' passes it: give it a node on every way"
                    problems.append(problem("passed_by", what, ("caches", index, "node")))
                    break
        return problems

    def to_data(self) -> Mapping[str, Any]:
        """All resolved values in base units, for the manifest; `soc_from_data` reads it back as an equal Soc."""
        return self.model_dump(mode="json")
