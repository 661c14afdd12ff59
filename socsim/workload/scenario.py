"""What runs when: streams of requests, each a program over workloads. Frozen data; who runs it knows time.

A request is one pass through a stream's program: one camera frame, one question to an assistant. All times are integer
picoseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, Literal

from socsim.quantity import PS_PER_S

# -- arrivals --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Once:
    """One request, at a time."""

    at_ps: int = 0


@dataclass(frozen=True, slots=True)
class Closed:
    """The next request falls due when the one before is done, after a pause."""

    think_ps: int = 0


@dataclass(frozen=True, slots=True)
class Periodic:
    """Request k falls due at `offset + k / rate + uniform(0, jitter)`; the rate is exact, so nothing drifts."""

    rate_hz: Fraction
    jitter_ps: int = 0
    offset_ps: int = 0

    def nominal_ps(self, index: int) -> int:
        """When request `index` falls due without jitter, rounded up."""
        return self.offset_ps + math.ceil(index * PS_PER_S / self.rate_hz)


@dataclass(frozen=True, slots=True)
class Poisson:
    """Independent exponential times between requests."""

    rate_hz: float


@dataclass(frozen=True, slots=True)
class Listed:
    """Requests at given times."""

    times_ps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class After:
    """A request falls due when every `every`-th request of another stream is done: the next stage of a pipeline."""

    stream: str
    every: int = 1


Arrival = Once | Closed | Periodic | Poisson | Listed | After

# -- programs --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Distribution:
    """A number drawn per request: `constant` (low), `uniform` (low to high), `exponential` (mean low, no memory)."""

    kind: Literal["constant", "uniform", "exponential"]
    low: float
    high: float = 0.0

    def draw(self, random: Random) -> float:
        """One value."""
        match self.kind:
            case "constant":
                return self.low
            case "uniform":
                return random.uniform(self.low, self.high)
            case "exponential":
                return random.expovariate(1 / self.low)

    @property
    def largest(self) -> float:
        """What memory has to be planned for; an exponential has no bound, its mean stands in."""
        return self.high if self.kind == "uniform" else self.low


@dataclass(frozen=True, slots=True)
class Model:
    """A workload by name, in number formats of its own (None: as traced)."""

    workload: str
    precision: str | None = None
    weights: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A graph, `times` times one after the other. `units` limits where it may run."""

    model: Model
    lengths: tuple[tuple[str, int], ...] = ()
    times: int = 1
    units: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Speculative decoding: per round a drafter proposes `length` tokens, each of which the target model accepts with
    probability `acceptance`, independently, until the first refusal.

    Without a `model` the drafts are looked up in the prompt and cost nothing. `width` candidates per node make a tree,
    the same number at each level or one number per level; one of w candidates is accepted with probability
    1 - (1 - acceptance)^w.
    """

    length: int
    acceptance: float
    model: Model | None = None
    width: int | tuple[int, ...] = 1

    def candidates(self, level: int) -> int:
        """Candidates that each node of a level gets in the next one; level 0 is the last token."""
        return self.width if isinstance(self.width, int) else self.width[level]

    def nodes_at(self, level: int) -> int:
        """Nodes of a level: the product of the candidates before it. Level 0, the last token, is one."""
        return math.prod(self.candidates(before) for before in range(level))

    def nodes(self, depth: int) -> int:
        """Tokens drafted in a round of so many levels: `w_1 + w_1 w_2 + ...`."""
        return sum(self.nodes_at(level) for level in range(1, depth + 1))

    @property
    def extra_nodes(self) -> int:
        """Tokens that a full round holds in the cache beyond those that may be accepted."""
        return self.nodes(self.length) - self.length


@dataclass(frozen=True, slots=True)
class Generate:
    """A language model answers: a prefill of `prompt` tokens, then one decode step per further token.

    The first `prefix` prompt tokens are in the cache already. A prefill of more than `chunk` tokens is cut. With
    `sample_steps` only so many decode steps are simulated, and each stands for those around it.
    """

    model: Model
    prompt: Distribution
    tokens: Distribution
    batch: int = 1
    lengths: tuple[tuple[str, int], ...] = ()
    units: tuple[str, ...] = ()
    name: str = ""
    prefix: int = 0
    chunk: int | None = None
    draft: Draft | None = None
    sample_steps: int | None = None


@dataclass(frozen=True, slots=True)
class Synthetic:
    """One task that keeps a unit busy for a drawn time (in ps); meanwhile it moves bytes and, for its energy, does so
    much arithmetic in a precision. Of several units it runs on the first that the chip has."""

    unit: str | tuple[str, ...]
    busy_ps: Distribution
    read_bytes: int = 0
    write_bytes: int = 0
    name: str = "synthetic"
    flop: int = 0
    precision: str = "fp16"


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing, for a drawn time (in ps)."""

    duration_ps: Distribution


@dataclass(frozen=True, slots=True)
class Repeat:
    """Steps, several times over."""

    times: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way of a branch."""

    probability: float
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """One of several ways, drawn per request; what the probabilities leave of 1 does nothing."""

    choices: tuple[Choice, ...]


Step = Run | Generate | Synthetic | Pause | Repeat | Branch


def steps_within(steps: tuple[Step, ...]) -> Iterator[Step]:
    """All steps, those of repeats and branches included."""
    for step in steps:
        yield step
        if isinstance(step, Repeat):
            yield from steps_within(step.steps)
        elif isinstance(step, Branch):
            for choice in step.choices:
                yield from steps_within(choice.steps)


# -- streams ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Serving:
    """Requests of a stream share their model's runs.

    `static`: a batch starts when the one before is done, and ends with its longest answer. `continuous`: requests join
    and leave between steps. The key-value cache is a pool of pages of `page_tokens` in `cache_bytes` of memory (None:
    what is free); when it is full, the request that came last makes room: its pages go to the storage unit `swap_unit`
    and come back later, or (None) are dropped and computed anew. `shared_prefix` leading prompt tokens are the same in
    all requests and computed once.
    """

    policy: Literal["static", "continuous"] = "continuous"
    max_batch: int = 8
    page_tokens: int = 16
    cache_bytes: int | None = None
    shared_prefix: int = 0
    swap_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """Requests of one kind.

    Ends after `count` requests, or with the last arrival before `duration_ps`; with neither, a closed, periodic or
    Poisson stream goes on until all streams that end by themselves have ended. Requests that fall due before
    `warm_up_ps`, and the first `warm_up_count`, do not enter the statistics. The deadline counts from the arrival of
    the request, or of the request at the head of its pipeline (`deadline_from: head`).
    """

    name: str
    program: tuple[Step, ...]
    arrival: Arrival = Once()
    count: int | None = None
    duration_ps: int | None = None
    warm_up_ps: int = 0
    warm_up_count: int = 0
    priority: int = 0
    deadline_ps: int | None = None
    deadline_from: Literal["arrival", "head"] = "arrival"
    bandwidth_weight: float = 1.0
    serving: Serving | None = None
    where: str = ""
    """Where it is described, for messages: file:line:column."""

    @property
    def ends(self) -> bool:
        """Whether it ends by itself, as opposed to running beside others for as long as they do."""
        if isinstance(self.arrival, Once | Listed):
            return True
        return isinstance(self.arrival, After) or self.count is not None or self.duration_ps is not None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Streams that run at the same time."""

    name: str
    streams: tuple[Stream, ...]
    description: str = ""

    def stream(self, name: str) -> Stream:
        """The stream of that name."""
        return next(stream for stream in self.streams if stream.name == name)

    def stages(self, stream: Stream) -> list[Stream]:
        """From the head of a pipeline to the stream."""
        stages = [stream]
        while isinstance(stages[0].arrival, After):
            stages.insert(0, self.stream(stages[0].arrival.stream))
        return stages

    def to_data(self) -> dict[str, Any]:
        """For the manifest: everything, each union with the name of its kind."""
        return {
            "name": self.name,
            "description": self.description,
            "streams": [_data(stream) for stream in self.streams],
        }


def _data(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_data(item) for item in value]
    if isinstance(value, Fraction):
        return str(value)
    if not hasattr(value, "__dataclass_fields__"):
        return value
    kind = type(value).__name__.lower()
    fields = {name: _data(getattr(value, name)) for name in value.__dataclass_fields__ if name != "where"}
    return fields if isinstance(value, Stream | Model | Distribution | Serving) else {"kind": kind, **fields}
