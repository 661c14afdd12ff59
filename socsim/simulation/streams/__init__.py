"""Streams while time runs: arrivals, requests on their way through a program, pipelines of streams."""

from socsim.simulation.streams.cold_source import ColdSource
from socsim.simulation.streams.scenario_source import ScenarioSource

__all__ = ["ColdSource", "ScenarioSource"]
