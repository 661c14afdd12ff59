"""Where may decode steps be left out?"""

from __future__ import annotations

from socsim.errors import ConfigError
from socsim.workload.scenario import Closed, Generate, Once, Scenario, steps_within


def check_sampling(scenario: Scenario, is_governed: bool) -> None:
    """A sampled generation has the chip to itself, one request after the other; `ConfigError` where it has not."""
    if len(scenario.streams) > 1:
        _refuse(scenario, "other streams would meet a generation that is shorter than it is: run it alone")
    elif not isinstance(scenario.streams[0].arrival, Once | Closed):
        _refuse(scenario, "requests would arrive too late for a generation that is shorter than it is")
    if is_governed:
        _refuse(scenario, "clocks and heat follow every step: it does not go with --governor")
    for stream in scenario.streams:
        for step in steps_within(stream.program):
            if isinstance(step, Generate) and step.sample_steps is not None and step.draft is not None:
                _refuse(scenario, "rounds of speculation differ by chance, not by length: give no draft")


def _refuse(scenario: Scenario, why: str) -> None:
    """`ConfigError` with the place of the first stream that wants it."""
    for stream in scenario.streams:
        for step in steps_within(stream.program):
            if isinstance(step, Generate) and step.sample_steps is not None:
                where = f"{stream.where}: streams.{stream.name}.sample_steps" if stream.where else "--sample-steps"
                raise ConfigError(where, why)
