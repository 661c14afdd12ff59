"""The workloads of a run in their number formats, and their task graphs on its chip."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from socsim.cost import unit_models
from socsim.errors import ConfigError, WorkloadError
from socsim.hardware import Soc
from socsim.mapping import Candidate, MapFile, Mapper
from socsim.quantity import PS_PER_S
from socsim.registry import did_you_mean
from socsim.taskgraph import Access, Buffer, Task, TaskGraph, Variant
from socsim.transform import mixed_batch, transformed, with_precision, with_weights
from socsim.workload import Workload, find_workload, load_workload
from socsim.workload.scenario import Model, Synthetic


def formatted(workload: Workload, transforms: tuple[str, ...], precision: str | None, weights: str | None) -> Workload:
    """A workload after transforms, then in its number formats."""
    workload = transformed(workload, transforms)
    if precision is not None:
        workload = with_precision(workload, precision)
    return workload if weights is None else with_weights(workload, weights)


@lru_cache(maxsize=64)
def _formatted(
    path: Path, mtime_ns: int, size: int, transforms: tuple[str, ...], precision: str | None, weights: str | None
) -> Workload:
    """A workload of a file, read and transformed once per process while the file stays as it is."""
    return formatted(load_workload(path), transforms, precision, weights)


class Models:
    """Loads, transforms and maps each workload once. `units`, `precision` and `weights` hold for what says nothing of
    its own, `transforms` for all; `given` are workloads that need no file, by name; `trial_ps` simulates a graph alone,
    for placement."""

    def __init__(
        self,
        soc: Soc,
        place: str = "rule",
        units: Sequence[str] = (),
        precision: str | None = None,
        weights: str | None = None,
        given: Mapping[str, Workload] | None = None,
        transforms: Sequence[str] = (),
        trial_ps: Callable[[TaskGraph], int] | None = None,
        seed: int = 0,
        map_file: MapFile | None = None,
        fuse: str = "layer",
    ) -> None:
        self.soc = soc
        self._place = place
        self._units = tuple(units)
        self._precision = precision
        self._weights = weights
        self._given = dict(given or {})
        self._transforms = tuple(transforms)
        self._trial_ps = trial_ps
        self._seed = seed
        self._map_file = map_file
        self._fuse = fuse
        self._loaded: dict[Model, Workload] = {}
        self._mixed: dict[Model, Workload] = {}
        self._mappers: dict[tuple[str, ...], Mapper] = {}
        self._synthetic: dict[tuple[Synthetic, int], TaskGraph] = {}

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """All that were asked for, transformed, in the order of the first question."""
        return tuple(self._loaded.values())

    def workload(self, model: Model) -> Workload:
        """A workload in its number formats; `WorkloadError` and `ConfigError` for names that nobody knows."""
        known = self._loaded.get(model)
        if known is not None:
            return known
        formats = self._transforms, model.precision or self._precision, model.weights or self._weights
        workload = self._given.get(model.workload)
        if workload is None:
            if not model.workload:
                raise WorkloadError("", "a step needs the name of a workload")
            path = find_workload(model.workload)
            status = path.stat()
            workload = _formatted(path, status.st_mtime_ns, status.st_size, *formats)
        else:
            workload = formatted(workload, *formats)
        self._loaded[model] = workload
        return workload

    def mapper(self, units: Sequence[str] = ()) -> Mapper:
        """The mapper that places on these units only (none given: on those of the run)."""
        chosen = tuple(units) or self._units
        known = self._mappers.get(chosen)
        if known is None:
            usable = candidates(self.soc, chosen)
            known = self._mappers[chosen] = Mapper(
                self.soc, usable, self._place, self._trial_ps, self._seed, self._map_file, self._fuse
            )
        return known

    @property
    def notes(self) -> list[str]:
        """What placement has to say."""
        notes = [note for mapper in self._mappers.values() for note in mapper.notes]
        if self._map_file is not None:
            for number, entry in enumerate(self._map_file.entries):
                if all(number in mapper.unused_entries() for mapper in self._mappers.values()):
                    where = self._map_file.mark("mappings", number)
                    notes.append(f"{where}: not used: no workload '{entry.workload}' was mapped at these lengths")
        return notes

    def mappings(self) -> list[dict[str, Any]]:
        """What was mapped, as the entries of a map file."""
        entries: list[dict[str, Any]] = []
        for mapper in self._mappers.values():
            entries += [entry for entry in mapper.mappings() if entry not in entries]
        return entries

    def template(self, model: Model, units: Sequence[str], lengths: Mapping[str, int]) -> TaskGraph:
        """The task graph of a workload at given lengths; the same object for the same question. With a length `chunk`
        a language model takes in that chunk beside its decode step."""
        return self.mapper(units).template(self._graph(model, lengths), lengths)

    def memory_bytes(self, model: Model, units: Sequence[str], lengths: Mapping[str, int]) -> int:
        """Memory beyond the weights that one stream of the workload needs at these lengths."""
        workload = self._graph(model, lengths)
        return max(0, self.mapper(units).memory_bytes(workload, lengths) - workload.weight_bytes())

    def _graph(self, model: Model, lengths: Mapping[str, int]) -> Workload:
        if "chunk" not in lengths:
            return self.workload(model)
        known = self._mixed.get(model)
        if known is None:
            known = self._mixed[model] = mixed_batch(self.workload(model))
        return known

    def state_bytes(self, model: Model) -> tuple[int, int]:
        """What one sequence keeps from step to step: bytes whatever its length, and bytes per token in the cache."""
        workload = self.workload(model)
        roots = [t for t in workload.tensors.values() if t.role == "state" and t.alias_of is None]

        def size(past: int) -> int:
            values = workload.complete({"batch": 1, "seq": 1, "past": past})
            return sum(tensor.bind(values).size_bytes for tensor in roots)

        per_token = size(1) - size(0)
        return size(0) - per_token, per_token

    def context(self, model: Model) -> int:
        """The longest sequence of a language model."""
        return next(symbol.maximum for symbol in self.workload(model).symbols if symbol.name == "seq")

    def synthetic(self, step: Synthetic, busy_ps: int) -> TaskGraph:
        """A graph of one task that keeps a unit busy for a time, in whole cycles of its clock, rounded up."""
        key = (step, busy_ps)
        known = self._synthetic.get(key)
        if known is None:
            unit = self._unit_of(step)
            known = _one_task(step, unit, -(-busy_ps * self.soc.unit(unit).clock // PS_PER_S))
            if step.busy_ps.kind == "constant":
                self._synthetic[key] = known
        return known

    def _unit_of(self, step: Synthetic) -> str:
        """The first unit of a step that the chip has."""
        names = [params.name for params in self.soc.units]
        wanted = (step.unit,) if isinstance(step.unit, str) else step.unit
        for unit in wanted:
            if unit in names:
                return unit
        shown = " or ".join(f"'{unit}'" for unit in wanted)
        raise ConfigError("synthetic", f"{self.soc.name} has no unit {shown}: {did_you_mean(wanted[0], names)}")


def candidates(soc: Soc, wanted: Sequence[str]) -> list[Candidate]:
    """The units that may be used, in order of preference, each with its model."""
    names = [unit.name for unit in soc.units]
    for name in wanted:
        if name not in names:
            raise ConfigError("--units", f"{soc.name} has no unit '{name}': {did_you_mean(name, names)}")
    order = [*soc.preference, *[name for name in names if name not in soc.preference]]
    chosen = [soc.unit(name) for name in order if not wanted or name in wanted]
    return [Candidate(params, unit_models.get(params.kind)()) for params in chosen]


def _one_task(step: Synthetic, unit: str, cycles: int) -> TaskGraph:
    buffers = (
        Buffer("in", step.read_bytes, "activation", "instance"),
        Buffer("out", step.write_bytes, "activation", "instance"),
    )
    accesses = []
    if step.read_bytes:
        accesses.append(Access(0, step.read_bytes, 0, whole=False))
    if step.write_bytes:
        accesses.append(Access(1, 0, step.write_bytes, whole=False))
    counts = ((("vector", step.precision), step.flop),) if step.flop else ()
    variant = Variant(unit, cycles, tuple(accesses), operation_counts=counts)
    task = Task(step.name, step.name, "synthetic", (), (variant,), flop=step.flop)
    return TaskGraph(step.name, (task,), buffers, workload=f"synthetic {step.name}")
