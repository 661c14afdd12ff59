"""Do the workloads, units and lengths that a scenario names exist?"""

from __future__ import annotations

from collections.abc import Iterator

from socsim.errors import ConfigError, SocsimError
from socsim.simulation.checks.lengths import draft_lengths, extreme_lengths
from socsim.simulation.checks.serving import swap_storage
from socsim.simulation.models import Models
from socsim.taskgraph import TaskGraph
from socsim.workload.scenario import Generate, Run, Scenario, Stream, Synthetic, steps_within


def check_names(scenario: Scenario, models: Models) -> None:
    """Map every step once; an error gets the place of its stream in the scenario file."""
    for stream in scenario.streams:
        swap_storage(stream, models.soc)
        try:
            for _ in _templates(stream, models):
                pass
        except SocsimError as error:
            if not stream.where:
                raise
            raise ConfigError(stream.where, f"streams.{stream.name}: {error}") from None


def _templates(stream: Stream, models: Models) -> Iterator[TaskGraph]:
    """One task graph of each step: finds names, units and lengths that are wrong."""
    for step in steps_within(stream.program):
        if isinstance(step, Synthetic):
            yield models.synthetic(step, round(step.busy_ps.low))
        elif isinstance(step, Run | Generate):
            workload = models.workload(step.model)
            if isinstance(step, Generate) and not workload.is_language_model:
                raise ConfigError("generate", f"{workload.name} is no language model; use 'run'")
            for lengths in extreme_lengths(step):
                yield models.template(step.model, step.units, lengths)
            if isinstance(step, Generate) and step.draft is not None and step.draft.model is not None:
                drafter = models.workload(step.draft.model)
                if not drafter.is_language_model:
                    raise ConfigError("draft", f"{drafter.name} is no language model and cannot draft tokens")
                yield models.template(step.draft.model, step.units, draft_lengths(step, step.draft))
