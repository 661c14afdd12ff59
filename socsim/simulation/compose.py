"""The composition root: puts mapping, units, memory system and streams together and runs them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial

from socsim.engine.controlled import ControlledExecutor
from socsim.engine.executor import Executor
from socsim.engine.kernel import Kernel
from socsim.engine.power.coefficients import Coefficients
from socsim.engine.power.controller import PowerController
from socsim.engine.power.governors import governors
from socsim.engine.tiled import TiledExecutor
from socsim.errors import ConfigError
from socsim.hardware import Soc
from socsim.mapping import read_map
from socsim.registry import did_you_mean
from socsim.result import RunResult, SimulatorCost
from socsim.result.sampling import sampling_notes
from socsim.result.streamed import WindowSink
from socsim.simulation.checks import admission_notes, check_scenario, warm_up_notes
from socsim.simulation.cold import with_cold_starts
from socsim.simulation.collector import collector_paused
from socsim.simulation.components import load_components
from socsim.simulation.energy import RunEnergy
from socsim.simulation.from_options import scenario_of
from socsim.simulation.manifest import manifest
from socsim.simulation.models import Models
from socsim.simulation.options import RunOptions
from socsim.simulation.parts import memory_system, unit_states
from socsim.simulation.streaming import StreamRecorder
from socsim.simulation.streams import ScenarioSource
from socsim.simulation.threads import with_threads
from socsim.simulation.trial import trial_ps
from socsim.workload import Workload
from socsim.workload.scenario import Scenario


def simulate(
    workload: Workload | Sequence[Workload] | Scenario,
    soc: Soc,
    options: RunOptions | None = None,
    given: Mapping[str, Workload] | None = None,
    sinks: Sequence[WindowSink] = (),
) -> RunResult:
    """Run one or several workloads, or a scenario, on a SoC and return what they left behind.

    Several workloads run at the same time, each as a stream of its own. `given` are workloads by the name that a
    scenario calls them by, which need no file. A run of more than `options.keep_tasks` tasks is streamed: the result is
    a `StreamedResult`, and windows go to `sinks` as they end. Raises `MappingError` where a workload cannot
    be placed or does not fit the memory, `ConfigError` for unknown unit, policy or number format names.
    """
    load_components()
    options = options or RunOptions()
    soc = with_threads(soc, options.threads)
    wall, cpu = time.perf_counter(), time.process_time()
    known = dict(given or {})
    notes: list[str] = []
    names: list[str] = []
    if isinstance(workload, Scenario):
        scenario = workload
    else:
        workloads = [workload] if isinstance(workload, Workload) else list(workload)
        names = [item.name for item in workloads]
        scenario, own, notes = scenario_of(workloads, options)
        known.update(own)
    models = Models(
        soc, options.place, options.units, options.precision, options.weights, known, options.transforms,
        trial_ps=partial(trial_ps, soc), seed=options.seed,
        map_file=read_map(options.map) if options.map is not None else None, fuse=options.fuse,
    )  # fmt: skip
    check_scenario(scenario, models, is_governed=options.governor is not None)

    kernel = Kernel()
    memory = memory_system(kernel, soc)
    units = unit_states(soc, memory, options.scheduler)
    streams = ScenarioSource(scenario, models, options.seed)
    source = with_cold_starts(streams, soc, models) if options.cold else streams
    coefficients = Coefficients.of(soc)
    executor = _executor_type(options, soc, scenario)(kernel, units, memory, source)
    controller: PowerController | None = None
    if isinstance(executor, ControlledExecutor) and options.governor is not None:
        controller = _controller(executor, soc, coefficients, options.governor)
        controller.start()
    if options.scheduler == "rate_monotonic":
        notes += admission_notes(scenario, models)
    energy = None if coefficients is None else RunEnergy(soc, executor, coefficients, controller)
    recorder = _recorder(options, executor, energy, controller, sinks)
    with collector_paused():
        executor.run()
        if recorder is not None:
            recorder.end()
    notes += [
        *warm_up_notes(scenario),
        *streams.notes(),
        *sampling_notes(tuple(executor.instances.values())),
        *memory.notes(),
    ]
    streams.end()
    memory.fabric.end()
    if coefficients is None:
        notes.append("no energy: the description of the chip does not give the power of every unit")
    used = models.workloads
    if any(item.partial for item in used):
        notes.append("partial: operators without a formula were priced by their bytes alone")
    notes += models.notes
    cost = SimulatorCost(time.perf_counter() - wall, time.process_time() - cpu, kernel.events)
    result = RunResult(
        hardware=soc.name,
        workloads=tuple(names or [item.name for item in used] or [scenario.name]),
        seed=options.seed,
        spans=executor.spans,
        instances=tuple(executor.instances.values()),
        graphs=tuple(executor.graphs),
        units=tuple(unit.name for unit in soc.units),
        unit_slots={name: unit.num_slots for name, unit in units.items()},
        links=memory.link_totals(),
        caches=memory.cache_totals(),
        make_series=lambda: (*memory.counters(), *(controller.counters if controller is not None else ())),
        dram_peak_bytes_per_s=soc.dram.peak_bytes_per_s,
        manifest={**manifest(used, scenario, soc, options), "mapping": models.mappings()},
        simulator=cost,
        partial=any(item.partial for item in used),
        suspensions=executor.suspensions if isinstance(executor, ControlledExecutor) else (),
        account=None if energy is None else energy.ledger,
        energy_sum=None if energy is None else energy.sum,
        notes=tuple(dict.fromkeys(notes)),
        tiles=executor.tiles if isinstance(executor, TiledExecutor) else None,
        marks=tuple(executor.marks),
    )
    return recorder.result(result) if recorder is not None and recorder.is_streaming else result


def _recorder(
    options: RunOptions,
    executor: Executor,
    energy: RunEnergy | None,
    controller: PowerController | None,
    sinks: Sequence[WindowSink],
) -> StreamRecorder | None:
    """What streams a run that gets long; tiles and sampled steps are always kept."""
    if options.keep_tasks < 0:
        raise ConfigError("--keep-tasks", f"expected a number of tasks, 0 or more, not {options.keep_tasks}")
    if options.grain == "tile" or options.sample_steps is not None:
        what = "--grain tile" if options.grain == "tile" else "--sample-steps"
        if options.stream:
            raise ConfigError("--stream", f"does not go with {what}, which needs all tasks at the end of the run")
        return None
    return StreamRecorder(executor, 0 if options.stream else options.keep_tasks, energy, controller, sinks)


def _controller(
    executor: ControlledExecutor, soc: Soc, coefficients: Coefficients | None, name: str
) -> PowerController:
    governor = governors.get(name, "--governor")()
    if coefficients is None:
        raise ConfigError("--governor", f"{soc.name} does not give the power of every unit, which a governor needs")
    return PowerController(executor, soc, coefficients, governor)


def _executor_type(options: RunOptions, soc: Soc, scenario: Scenario) -> type[Executor]:
    grains = ("task", "tile")
    if options.grain not in grains:
        raise ConfigError("--grain", f"unknown grain '{options.grain}': {did_you_mean(options.grain, grains)}")
    if options.grain == "tile" and (options.governor is not None or _is_controlled(soc, scenario)):
        what = "tiles go with neither --governor, nor preemption, nor bandwidth weights; use --grain task"
        raise ConfigError("--grain", what)
    if options.grain == "tile":
        return TiledExecutor
    return ControlledExecutor if options.governor is not None or _is_controlled(soc, scenario) else Executor


def _is_controlled(soc: Soc, scenario: Scenario) -> bool:
    """Whether tasks may be interrupted or have shares of busy links: what the plain executor does not know."""
    interrupts = any(unit.preemption != "task" for unit in soc.units)
    return interrupts or any(stream.bandwidth_weight != 1.0 for stream in scenario.streams)
