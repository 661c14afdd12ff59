"""Governors: who chooses the clock of a unit, one file each."""

from socsim.engine.power.governors.policy import Governor, UnitView, governors

__all__ = ["Governor", "UnitView", "governors"]
