"""Workload x Soc -> task graphs: placement on units, fusion groups, buffers, traffic."""

from socsim.mapping.map_file import MapFile, map_schema, parse_map, read_map
from socsim.mapping.mapper import Mapper
from socsim.mapping.placement import Candidate, PlacementProblem, placements

__all__ = ["Candidate", "MapFile", "Mapper", "PlacementProblem", "map_schema", "parse_map", "placements", "read_map"]
