"""When each stage of a pipeline has to be done, so that the last one meets the deadline that counts from the head.

A stage gets the share of the deadline that its own time has in that of all stages up to the one with the deadline.

**Source:** proportional deadline assignment, Di Natale and Stankovic, Dynamic end-to-end guarantees in distributed
real-time systems, RTSS 1994.
"""

from __future__ import annotations

from socsim.simulation.estimate import request_ps
from socsim.simulation.models import Models
from socsim.workload.scenario import After, Scenario


def stage_deadlines_ps(scenario: Scenario, models: Models) -> dict[str, int]:
    """For streams on the way to a deadline from the head: the time from the head's arrival by which to be done."""
    due: dict[str, int] = {}
    for stream in scenario.streams:
        if stream.deadline_ps is None or stream.deadline_from != "head" or not isinstance(stream.arrival, After):
            continue
        stages = scenario.stages(stream)
        times = [max(1, request_ps(stage.program, models)) for stage in stages]
        passed = 0
        for stage, time in zip(stages, times, strict=True):
            passed += time
            own = stream.deadline_ps * passed // sum(times)
            due[stage.name] = min(own, due.get(stage.name, own))
    return due
