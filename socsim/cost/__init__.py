"""The physics of compute units as pure functions, one file per kind of unit with its own parameters."""

from socsim.cost.unit_model import GroupCost, UnitModel, unit_models

__all__ = ["GroupCost", "UnitModel", "unit_models"]
