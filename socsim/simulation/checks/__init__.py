"""What can be said of a scenario on a chip before it runs: names, memory, deadlines that no mapping meets."""

from __future__ import annotations

from socsim.simulation.checks.admission import admission_notes
from socsim.simulation.checks.deadlines import check_deadlines
from socsim.simulation.checks.memory import check_memory
from socsim.simulation.checks.names import check_names
from socsim.simulation.checks.sampling import check_sampling
from socsim.simulation.checks.warm_up import warm_up_notes
from socsim.simulation.models import Models
from socsim.workload.scenario import Scenario

__all__ = ["admission_notes", "check_scenario", "warm_up_notes"]


def check_scenario(scenario: Scenario, models: Models, is_governed: bool = False) -> None:
    """Raises `ConfigError` or `MappingError`, with the place of the stream and what would fit."""
    check_sampling(scenario, is_governed)
    check_names(scenario, models)
    check_memory(scenario, models)
    check_deadlines(scenario, models)
