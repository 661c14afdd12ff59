"""How a run is to be made: what the command line's options and the Python API say, as frozen data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class RunOptions:
    """Options of a run; the defaults are those of `socsim run`.

    `units` limits placement. `precision` and `weights` are number formats, `transforms` further steps (pruning,
    sparsity, formats by layer) as lines of YAML, applied first. `prompt`, `tokens` and `batch` make a language model
    generate; without them it runs one decode step. `prefill_chunk` cuts its prefill. `draft` names the model that
    drafts tokens for it (or `prompt-lookup`), `draft_length` per round in a tree of `draft_width` candidates (for every
    node, or by level), of which `acceptance` is the chance of one. `sample_steps` simulates only so many decode steps.
    `lengths` sets symbols of a workload by name. With a `governor` clocks change while time runs, and heat and power
    caps limit them; without one each unit keeps its clock. `map` is a map file, which pins what it names before `place`
    decides.
    `threads` are those of a task on a CPU; by default as many as the chip's file says, or one per core.
    `cold` reads the weights of each workload from storage in its first run.
    `fuse` is `layer` (cheap operations join the layer before), `none` (each is a task of its own, as frameworks without
    a compiler run them) or `depth-first` (chains of layers in bands, too).
    A run of more than `keep_tasks` tasks is streamed: figures are summed up as it goes on and tasks are dropped, so
    that memory does not grow with it; `stream` does so from the first task on.
    `grain` is `task` (a body is one flow) or `tile` (explicit tiles, copy engines, slots; slower).
    """

    units: tuple[str, ...] = ()
    precision: str | None = None
    weights: str | None = None
    transforms: tuple[str, ...] = ()
    prompt: int | None = None
    tokens: int | None = None
    batch: int = 1
    prefill_chunk: int | None = None
    draft: str | None = None
    draft_length: int = 4
    draft_width: int | tuple[int, ...] = 1
    acceptance: float | None = None
    sample_steps: int | None = None
    place: str = "rule"
    map: str | None = None
    fuse: str = "layer"
    grain: str = "task"
    scheduler: str = "fifo"
    governor: str | None = None
    threads: int | None = None
    cold: bool = False
    repeat: int = 1
    seed: int = 0
    lengths: tuple[tuple[str, int], ...] = ()
    keep_tasks: int = 2_000_000
    stream: bool = False

    def to_data(self) -> dict[str, Any]:
        """For the manifest."""
        data = asdict(self)
        data["units"] = list(self.units)
        data["transforms"] = list(self.transforms)
        data["lengths"] = dict(self.lengths)
        return data
