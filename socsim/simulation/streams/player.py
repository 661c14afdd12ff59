"""A request on its way through a program: what it does next, one action at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from socsim.simulation.models import Models
from socsim.simulation.streams.generation import generate
from socsim.simulation.streams.work import Action, Wait, Work
from socsim.workload.scenario import Branch, Generate, Pause, Repeat, Run, Step, Synthetic, steps_within


@dataclass(frozen=True, slots=True)
class Player:
    """Plays a program. `only_run` is true where the program is one run of one graph, whose phase is then plain `run`;
    `answer` is the generation whose phases are `prefill` and `decode`, the last one of the program."""

    program: tuple[Step, ...]
    models: Models
    only_run: bool
    answer: Generate | None

    @staticmethod
    def of(program: tuple[Step, ...], models: Models) -> Player:
        """The player of a program."""
        answers = [step for step in steps_within(program) if isinstance(step, Generate)]
        first = program[0]
        single = len(program) == 1 and (isinstance(first, Synthetic) or (isinstance(first, Run) and first.times == 1))
        return Player(program, models, single, answers[-1] if answers else None)

    def request(self, random: Random) -> Iterator[Action]:
        """The actions of one request; each is taken when the one before is done."""
        return self._steps(self.program, random)

    def _steps(self, steps: Sequence[Step], random: Random) -> Iterator[Action]:
        for step in steps:
            match step:
                case Run():
                    graph = self.models.template(step.model, step.units, dict(step.lengths))
                    phase = "run" if self.only_run else step.name or step.model.workload
                    for _ in range(step.times):
                        yield Work(graph, phase)
                case Synthetic():
                    graph = self.models.synthetic(step, round(step.busy_ps.draw(random)))
                    yield Work(graph, "run" if self.only_run else step.name)
                case Generate():
                    yield from generate(step, self.models, random, step is self.answer)
                case Pause():
                    yield Wait(round(step.duration_ps.draw(random)))
                case Repeat():
                    for _ in range(step.times):
                        yield from self._steps(step.steps, random)
                case Branch():
                    yield from self._steps(_drawn(step, random), random)


def _drawn(branch: Branch, random: Random) -> Sequence[Step]:
    left = random.random()
    for choice in branch.choices:
        left -= choice.probability
        if left < 0:
            return choice.steps
    return ()
