"""Regular fabrics: generators of links from a few numbers, one file and one registration per kind."""

from socsim.hardware.fabric.generator import AnyFabric, FabricGenerator, fabrics

__all__ = ["AnyFabric", "FabricGenerator", "fabrics"]
