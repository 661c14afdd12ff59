"""What it runs on: a SoC as frozen data (units, fabric, caches, DRAM), read from YAML with a source per number."""

from socsim.hardware.memory import Cache, Dram, Link
from socsim.hardware.part import Part
from socsim.hardware.soc import Soc
from socsim.hardware.unit import UnitParams

__all__ = ["Cache", "Dram", "Link", "Part", "Soc", "UnitParams"]
