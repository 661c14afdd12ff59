"""The composition root: puts mapping, units, memory system and sources together and runs them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import socsim
from socsim.cost import unit_models
from socsim.engine.executor import Executor
from socsim.engine.kernel import Kernel
from socsim.engine.memory.efficiency import table_capacity
from socsim.engine.memory.system import MemorySystem
from socsim.engine.schedulers import schedulers
from socsim.engine.unit import UnitState
from socsim.errors import ConfigError, MappingError
from socsim.hardware import Soc, hardware_folder
from socsim.mapping import Candidate, Mapper
from socsim.quantity import format_bytes
from socsim.registry import did_you_mean
from socsim.result import CacheTotals, LinkTotals, RunResult, SimulatorCost
from socsim.simulation.collector import collector_paused
from socsim.simulation.components import load_components
from socsim.simulation.options import RunOptions
from socsim.simulation.sources import ClosedLoop, Generation, Merged
from socsim.taskgraph import TaskSource
from socsim.transform import with_precision, with_weights
from socsim.workload import Workload

SCHEMA_VERSION = 1


def simulate(workload: Workload | Sequence[Workload], soc: Soc, options: RunOptions | None = None) -> RunResult:
    """Run one or several workloads on a SoC and return what they left behind.

    Several workloads run at the same time, each as a stream of its own. Raises `MappingError` where a workload cannot
    be placed or does not fit the memory, `ConfigError` for unknown unit, policy or number format names.
    """
    load_components()
    options = options or RunOptions()
    wall, cpu = time.perf_counter(), time.process_time()
    workloads = [workload] if isinstance(workload, Workload) else list(workload)
    mapper = Mapper(soc, _candidates(soc, options.units), options.place)
    prepared = [_transformed(item, options) for item in workloads]
    streams = _stream_names(prepared)
    notes: list[str] = []
    sources = [
        (name, _source(name, item, mapper, options, notes)) for name, item in zip(streams, prepared, strict=True)
    ]
    _check_capacity(soc, mapper, prepared, options)

    kernel = Kernel()
    table = hardware_folder() / "parts" / "dram" / "efficiency.yaml"
    memory = MemorySystem(kernel, soc, table_capacity(table, soc.dram.peak_bytes_per_s))
    queue_type = schedulers.get(options.scheduler, "--scheduler")
    units = {unit.name: UnitState(unit, memory.routes[unit.name], queue_type()) for unit in soc.units}
    for unit in soc.units:
        if unit.host is not None:
            units[unit.name].host = units[unit.host]
    executor = Executor(kernel, units, memory, Merged(sources))
    with collector_paused():
        executor.run()
    if any(item.partial for item in prepared):
        notes.append("partial: operators without a formula were priced by their bytes alone")
    cost = SimulatorCost(time.perf_counter() - wall, time.process_time() - cpu, kernel.events)
    return RunResult(
        hardware=soc.name,
        workloads=tuple(item.name for item in prepared),
        seed=options.seed,
        spans=executor.spans,
        instances=tuple(executor.instances),
        graphs=tuple(executor.graphs),
        units=tuple(unit.name for unit in soc.units),
        unit_slots={name: unit.num_slots for name, unit in units.items()},
        links=tuple(
            LinkTotals(tally.name, tally.bandwidth_bytes_per_s, tally.read_bytes, tally.write_bytes)
            for tally in memory.tallies
        ),
        caches=tuple(
            CacheTotals(c.name, c.replacement.capacity_bytes, c.hit_bytes, c.miss_bytes, c.writeback_bytes)
            for c in memory.caches
        ),
        series=(
            *memory.fabric.counters(),
            *(cache.occupancy() for cache in memory.caches),
        ),
        dram_peak_bytes_per_s=soc.dram.peak_bytes_per_s,
        manifest=_manifest(prepared, soc, options),
        simulator=cost,
        partial=any(item.partial for item in prepared),
        notes=tuple(dict.fromkeys(notes)),
    )


def _candidates(soc: Soc, wanted: Sequence[str]) -> list[Candidate]:
    names = [unit.name for unit in soc.units]
    for name in wanted:
        if name not in names:
            raise ConfigError("--units", f"{soc.name} has no unit '{name}': {did_you_mean(name, names)}")
    order = [*soc.preference, *[name for name in names if name not in soc.preference]]
    chosen = [soc.unit(name) for name in order if not wanted or name in wanted]
    return [Candidate(params, unit_models.get(params.kind)()) for params in chosen]


def _transformed(workload: Workload, options: RunOptions) -> Workload:
    if options.precision is not None:
        workload = with_precision(workload, options.precision)
    if options.weights is not None:
        workload = with_weights(workload, options.weights)
    return workload


def _stream_names(workloads: Sequence[Workload]) -> list[str]:
    """The workload's name; the second of the same name is `name.2`."""
    seen: dict[str, int] = {}
    names = []
    for workload in workloads:
        seen[workload.name] = seen.get(workload.name, 0) + 1
        count = seen[workload.name]
        names.append(workload.name if count == 1 else f"{workload.name}.{count}")
    return names


def _lengths(workload: Workload, options: RunOptions) -> dict[str, int]:
    known = {symbol.name for symbol in workload.symbols}
    lengths = dict(options.lengths)
    if "batch" in known:
        lengths.setdefault("batch", options.batch)
    elif options.batch != 1:
        raise ConfigError("--batch", f"{workload.name} was traced at a fixed batch; trace it with a symbolic one")
    return lengths


def _generates(workload: Workload, options: RunOptions) -> bool:
    return workload.is_language_model and (options.prompt is not None or options.tokens is not None)


def _prompt_and_tokens(options: RunOptions) -> tuple[int, int]:
    prompt = 1 if options.prompt is None else options.prompt
    tokens = 1 if options.tokens is None else options.tokens
    if prompt < 1 or tokens < 1:
        raise ConfigError("--prompt/--tokens", "a generation has at least one prompt token and one output token")
    return prompt, tokens


def _source(stream: str, workload: Workload, mapper: Mapper, options: RunOptions, notes: list[str]) -> TaskSource:
    if options.repeat < 1:
        raise ConfigError("--repeat", "must be at least 1")
    lengths = _lengths(workload, options)
    if _generates(workload, options):
        prompt, tokens = _prompt_and_tokens(options)

        def template(bindings: dict[str, int]) -> Any:
            return mapper.template(workload, {**lengths, **bindings})

        return Generation(stream, template, prompt, tokens, options.batch, options.repeat)
    if workload.is_language_model:
        values = workload.complete(lengths)
        notes.append(
            f"{workload.name}: no --prompt or --tokens given, so this is one step of "
            + ", ".join(f"{name} {value}" for name, value in values.items())
        )
    return ClosedLoop(stream, mapper.template(workload, lengths), options.repeat)


def _check_capacity(soc: Soc, mapper: Mapper, workloads: Sequence[Workload], options: RunOptions) -> None:
    """A run that needs more memory than the chip has is refused, with the sizes and what would fit."""
    needed = []
    for workload in workloads:
        lengths = _lengths(workload, options)
        if _generates(workload, options):
            prompt, tokens = _prompt_and_tokens(options)
            steps = [{"seq": prompt, "past": 0}, {"seq": 1, "past": prompt + tokens - 2}] if tokens > 1 else [
                {"seq": prompt, "past": 0}]  # fmt: skip
            size = max(mapper.memory_bytes(workload, {**lengths, **step}) for step in steps)
        else:
            size = mapper.memory_bytes(workload, lengths)
        needed.append((workload, size))
    total = sum(size for _, size in needed)
    free = soc.dram.capacity - soc.dram.reserved
    if total > free:
        parts = ", ".join(f"{workload.name} {format_bytes(size)}" for workload, size in needed)
        weights = sum(workload.weight_bytes() for workload, _ in needed)
        advice = " Compress the weights (--weights q4_0), or" if weights > total / 2 else " Shorten the lengths, or"
        raise MappingError(
            f"{soc.name}: the run needs {format_bytes(total)} of memory ({parts}; {format_bytes(weights)} are weights) "
            f"but {format_bytes(free)} are free of {format_bytes(soc.dram.capacity)}.{advice} give the chip more "
            f"(--set dram.capacity=...)."
        )


def _manifest(workloads: Sequence[Workload], soc: Soc, options: RunOptions) -> dict[str, Any]:
    """What was run, complete enough to run it again."""
    return {
        "schema_version": SCHEMA_VERSION,
        "socsim_version": socsim.__version__,
        "hardware": soc.to_data(),
        "workloads": [
            {
                "name": workload.name,
                "hash": workload.content_hash,
                "graph": workload.graph,
                "partial": workload.partial,
                "source": dict(workload.source),
            }
            for workload in workloads
        ],
        "options": options.to_data(),
        "seed": options.seed,
        "dram_peak_bytes_per_s": soc.dram.peak_bytes_per_s,
        "roofs": [
            {"unit": unit.name, "precision": precision, "flop_per_s": rate}
            for unit in soc.units
            for precision, rate in sorted(unit_models.get(unit.kind)().peaks(unit).items())
        ],
    }
