"""What a scenario leaves out of its statistics."""

from __future__ import annotations

from socsim.workload.scenario import Scenario


def warm_up_notes(scenario: Scenario) -> list[str]:
    """A sentence where the first requests of streams are warm-up, so that what is counted is not taken for what ran."""
    warming = [stream.name for stream in scenario.streams if stream.warm_up_ps or stream.warm_up_count]
    if not warming:
        return []
    whose = "all streams" if len(warming) == len(scenario.streams) else ", ".join(warming)
    return [f"the statistics of {whose} leave out a warm-up (`warm_up` in the scenario); energy and times have all"]
