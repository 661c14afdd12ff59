"""Workload x Soc -> task graphs: placement on units, fusion groups, buffers, traffic."""

from socsim.mapping.mapper import Mapper
from socsim.mapping.placement import Candidate, PlacementProblem, placements

__all__ = ["Candidate", "Mapper", "PlacementProblem", "placements"]
