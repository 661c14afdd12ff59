"""Scenario files: strict YAML -> `Scenario`, every error with file, line and column."""

from socsim.simulation.scenario_file.library import find_scenario, scenario_names, shipped_scenarios
from socsim.simulation.scenario_file.read import load_scenario, read_scenario
from socsim.simulation.scenario_file.schema import scenario_schema

__all__ = ["find_scenario", "load_scenario", "read_scenario", "scenario_names", "scenario_schema", "shipped_scenarios"]
