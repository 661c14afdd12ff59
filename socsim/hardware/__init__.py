"""What it runs on: a SoC as frozen data (units, fabric, caches, DRAM), read from YAML with a source per number."""

from socsim.hardware.catalog import find_hardware, hardware_folder, hardware_names
from socsim.hardware.load import load_soc, soc_from_data
from socsim.hardware.memory import Cache, Dram, Link
from socsim.hardware.part import Part
from socsim.hardware.soc import Soc
from socsim.hardware.unit import AnyUnit, UnitKinds, UnitParams

__all__ = [
    "AnyUnit",
    "Cache",
    "Dram",
    "Link",
    "Part",
    "Soc",
    "UnitKinds",
    "UnitParams",
    "find_hardware",
    "hardware_folder",
    "hardware_names",
    "load_soc",
    "soc_from_data",
]
