"""Energy, operating points, limits and heat of a chip as data (DESIGN.md 5.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import Field, model_validator

from socsim.hardware.fields import Duration, Frequency, Power, Temperature, Voltage, quantity_field
from socsim.hardware.part import Part
from socsim.hardware.uncertain import EnergyRates, Uncertain, UncertainEnergy, UncertainEnergyPerByte, UncertainPower

ThermalResistance = Annotated[float, *quantity_field("thermal_resistance", "K/W")]
HeatCapacity = Annotated[float, *quantity_field("heat_capacity", "J/K")]

AMBIENT = "ambient"
"""The air, as thermal paths call it."""

_NAME = r"^[a-z][a-z0-9_]*$"


def _nothing() -> Uncertain:
    return Uncertain(0.0)


class UnitPower(Part):
    """What one unit draws. Powers are per core (a unit without cores counts as one), at `voltage` and `clock`.

    Arithmetic costs `energy_per_flop` x (V / voltage)^2; `active` while a body runs and `idle` while none does scale
    with (V / voltage)^2 f / clock, `leakage` with V / voltage. After `gate_after` without work the unit is switched
    off but for `retention` of its leakage.
    """

    name: str = Field(pattern=_NAME, description="the unit it describes")
    clock: Frequency = Field(description="clock at which the powers hold")
    voltage: Voltage = Field(description="voltage at which the energies and powers hold")
    energy_per_flop: EnergyRates | None = Field(
        default=None, description="dynamic energy of one operation by precision, beyond `active`"
    )
    energy_per_pixel: UncertainEnergy | None = Field(
        default=None, description="dynamic energy of one pixel in a fixed-function block, beyond `active`"
    )
    active: UncertainPower = Field(
        default_factory=_nothing, description="dynamic power while a body runs, whatever it computes"
    )
    idle: UncertainPower = Field(
        default_factory=_nothing, description="dynamic power while no body runs and the unit is on"
    )
    leakage: UncertainPower = Field(default_factory=_nothing, description="static power while the unit is on")
    leakage_doubling: float | None = Field(
        default=None, gt=0, description="kelvin of heat that double the leakage; default: it does not depend on heat"
    )
    retention: float = Field(default=1.0, ge=0, le=1, description="share of the leakage that is left when switched off")
    gate_after: Duration = Field(default=0, description="time without work after which the unit is switched off")
    operating_points: tuple[tuple[Frequency, Voltage], ...] = Field(
        default=(), description="pairs of clock and voltage, slowest first; between and beyond them voltage is linear"
    )
    switch_latency: Duration = Field(default=0, description="time from the choice of another clock until it holds")
    node: str | None = Field(default=None, description="thermal node that it heats; default: the one of its name")

    @model_validator(mode="after")
    def _spends(self) -> UnitPower:
        given = (self.energy_per_flop, self.energy_per_pixel)
        if given == (None, None) and "active" not in self.model_fields_set:
            raise ValueError("give energy_per_flop, energy_per_pixel for a fixed-function block, or at least active")
        return self

    @model_validator(mode="after")
    def _rising(self) -> UnitPower:
        for slower, faster in pairwise(self.operating_points):
            if slower[0] >= faster[0] or slower[1] > faster[1]:
                raise ValueError("operating points go from slow to fast, voltage never falling")
        return self

    def voltage_at(self, clock_hz: float) -> float:
        """The voltage that a clock needs."""
        points = self.operating_points
        if len(points) < 2:
            return self.voltage
        upper = next((i for i in range(1, len(points)) if clock_hz <= points[i][0]), len(points) - 1)
        (f0, v0), (f1, v1) = points[upper - 1], points[upper]
        if clock_hz <= points[0][0]:
            return points[0][1]
        return v0 + (v1 - v0) * (clock_hz - f0) / (f1 - f0)


class PowerCap(Part):
    """Power that several units share; where they draw more over a control interval, the fastest of them slow down."""

    name: str = Field(pattern=_NAME, description="what it is called in results")
    units: tuple[str, ...] = Field(min_length=1, description="units that share it")
    power: Power = Field(description="most they may draw together, averaged over a control interval")


class PowerModel(Part):
    """Everything about energy that is not heat."""

    units: tuple[UnitPower, ...] = Field(default=(), description="one entry per unit; without all there is no energy")
    link_energy: UncertainEnergyPerByte = Field(default_factory=_nothing, description="per byte that crosses a link")
    cache_energy: UncertainEnergyPerByte = Field(default_factory=_nothing, description="per byte that looks up a cache")
    dram_energy: UncertainEnergyPerByte = Field(
        default_factory=_nothing, description="per byte that DRAM reads or writes"
    )
    dram_background: UncertainPower = Field(
        default_factory=_nothing, description="refresh and standby of DRAM, always on"
    )
    base: UncertainPower = Field(default_factory=_nothing, description="the rest of the chip, always on")
    dram_node: str | None = Field(default=None, description="thermal node that DRAM heats")
    fabric_node: str | None = Field(default=None, description="thermal node that links, caches and the rest heat")
    interval: Duration = Field(default=10 * 10**9, description="time between decisions on clocks")
    headroom: float = Field(default=1.25, ge=1, description="clock that a governor asks for, over what was needed")
    caps: tuple[PowerCap, ...] = Field(default=(), description="limits on the power of groups of units")

    def unit(self, name: str) -> UnitPower | None:
        """The entry of a unit."""
        return next((unit for unit in self.units if unit.name == name), None)


class ThermalNode(Part):
    """A piece of the chip, the package or the case, with one temperature."""

    name: str = Field(pattern=_NAME, description="unique name")
    capacity: HeatCapacity = Field(description="heat that warms it by one kelvin")


class ThermalPath(Part):
    """A way for heat between two nodes, or to the air (`ambient`)."""

    name: str = Field(pattern=_NAME, description="unique name")
    between: tuple[str, str] = Field(description="the two nodes it joins")
    resistance: ThermalResistance = Field(description="kelvin per watt that flows")


class Throttle(Part):
    """Where a node gets hotter than `above`, its units go one operating point down every so often; below `below` one up
    again. The gap between them is the hysteresis."""

    name: str = Field(pattern=_NAME, description="what it is called in results")
    node: str = Field(description="the node that is watched")
    units: tuple[str, ...] = Field(min_length=1, description="units that slow down")
    above: Temperature = Field(description="temperature from which they slow down")
    below: Temperature = Field(description="temperature below which they recover")
    every: Duration = Field(default=0, description="least time between two steps; default: a control interval")

    @model_validator(mode="after")
    def _gap(self) -> Throttle:
        if self.below > self.above:
            raise ValueError("'below' must not be higher than 'above'")
        return self


class Thermal(Part):
    """A network of heat capacities and resistances."""

    ambient: Temperature = Field(description="temperature of the air, and of everything at the start")
    nodes: tuple[ThermalNode, ...] = Field(min_length=1, description="what gets warm")
    paths: tuple[ThermalPath, ...] = Field(min_length=1, description="ways for heat; at least one to `ambient`")
    throttles: tuple[Throttle, ...] = Field(default=(), description="what slows down when it gets hot")

    @model_validator(mode="after")
    def _all_reach_the_air(self) -> Thermal:
        reached = {AMBIENT}
        for _ in self.nodes:
            for path in self.paths:
                if reached & set(path.between):
                    reached |= set(path.between)
        for node in self.nodes:
            if node.name not in reached:
                raise ValueError(f"no way for heat from '{node.name}' to '{AMBIENT}'")
        return self


Reference = tuple[str, list[str], str, tuple[str | int, ...]]
"""A name, what it may be, what that is called, and where it stands."""


def references(power: PowerModel | None, thermal: Thermal | None, units: Sequence[str]) -> Iterator[Reference]:
    """All names by which power and heat refer to units and to each other."""
    names = list(units)
    nodes = [node.name for node in thermal.nodes] if thermal is not None else []
    if power is not None:
        for index, entry in enumerate(power.units):
            yield entry.name, names, "unit", ("power", "units", index, "name")
            if entry.node is not None and thermal is not None:
                yield entry.node, nodes, "thermal node", ("power", "units", index, "node")
        for index, cap in enumerate(power.caps):
            for at, name in enumerate(cap.units):
                yield name, names, "unit", ("power", "caps", index, "units", at)
        for key in ("dram_node", "fabric_node"):
            name = getattr(power, key)
            if name is not None and thermal is not None:
                yield name, nodes, "thermal node", ("power", key)
    if thermal is None:
        return
    for index, path in enumerate(thermal.paths):
        for at, name in enumerate(path.between):
            yield name, [*nodes, AMBIENT], "thermal node", ("thermal", "paths", index, "between", at)
    for index, throttle in enumerate(thermal.throttles):
        yield throttle.node, nodes, "thermal node", ("thermal", "throttles", index, "node")
        for at, name in enumerate(throttle.units):
            yield name, names, "unit", ("thermal", "throttles", index, "units", at)
