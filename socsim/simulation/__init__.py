"""The composition root: a workload or scenario, a SoC and options in, a `RunResult` out."""

from socsim.simulation.components import load_components
from socsim.simulation.compose import simulate
from socsim.simulation.options import RunOptions

__all__ = ["RunOptions", "load_components", "simulate"]
