"""Energy, clocks and heat: what a run draws, who sets its clocks, how warm it gets."""

from socsim.engine.power.ledger import EnergyAccount, account
from socsim.engine.power.thermal import ThermalNetwork

__all__ = ["EnergyAccount", "ThermalNetwork", "account"]
