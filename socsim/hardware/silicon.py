"""What a chip takes of a die and what a die costs, as data: a proxy to compare alternatives by, not a layout."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from socsim.hardware.fields import Area, quantity_field
from socsim.hardware.part import Part

Length = Annotated[float, *quantity_field("length", "mm")]
DefectDensity = Annotated[float, *quantity_field("defect_density", "/mm2")]


class UnitSilicon(Part):
    """Area of one unit: `fixed` + `per_core` for each core (a unit without cores is one) + `per_multiplier` for each
    multiply-add per cycle at `precision`. Memory inside the unit comes on top, by `Silicon.memory_cell`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="the unit it describes")
    fixed: Area = Field(default=0.0, description="whatever its size")
    per_core: Area = Field(default=0.0, description="of each core with its private caches")
    per_multiplier: Area = Field(default=0.0, description="of each multiply-add per cycle")
    precision: str = Field(default="fp16", description="number format in which multiply-adds are counted")


class Silicon(Part):
    """Process, areas and prices of a die. `socsim.cost.die` computes with it."""

    process: str = Field(description="for people: foundry and process")
    units: tuple[UnitSilicon, ...] = Field(default=(), description="one entry per unit; without all there is no area")
    memory_cell: Area = Field(description="of one bit of on-chip memory")
    memory_array_efficiency: float = Field(
        gt=0, le=1, description="cells over the whole of a memory with its periphery, tags and redundancy"
    )
    dram_channel: Area = Field(default=0.0, description="controller and PHY of one DRAM channel")
    rest_fraction: float = Field(
        default=0.0, ge=0, lt=1, description="part of the die that is neither unit, cache nor DRAM channel"
    )
    wafer_diameter: Length = Field(description="of a whole wafer")
    wafer_price_usd: float = Field(gt=0, description="US dollars for a processed wafer")
    defect_density: DefectDensity = Field(description="defects that kill a die")
    defect_clustering: float = Field(gt=0, description="alpha of the negative binomial yield; large: no clustering")

    @model_validator(mode="after")
    def _once(self) -> Silicon:
        names = [unit.name for unit in self.units]
        twice = [name for index, name in enumerate(names) if name in names[:index]]
        if twice:
            raise ValueError(f"units: '{twice[0]}' is described twice")
        return self

    def unit(self, name: str) -> UnitSilicon | None:
        """The entry of a unit."""
        return next((unit for unit in self.units if unit.name == name), None)
