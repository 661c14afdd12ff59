"""The tile grain: every body as explicit tiles that copy engines load and store while the unit computes.

A task of B bytes in tiles of at most `tile` bytes is three processes that hand tiles to one another:

    load      takes a free input slot and a copy engine, brings a tile in
    compute   takes a loaded tile and a free output slot, works on it, frees the input slot
    store     takes a computed tile and a copy engine, brings its results out, frees the output slot

With two slots each (`tile_buffers`) this is double buffering: the next tile arrives while one is worked on. The copy
engines (`dma_engines`) belong to the unit, so the stores of one task compete with the loads of the next. Everything
else is the task grain's: front end, fill, caches, fabric, drain. The first tile of a unit that fetches ahead is there
when the body begins; its bytes still cross the links.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import simpy

from socsim.engine.executor import Executor
from socsim.engine.kernel import Kernel
from socsim.engine.memory.link import Flow
from socsim.engine.memory.route import LevelBytes
from socsim.engine.memory.system import MemorySystem
from socsim.engine.prepared import PreparedVariant
from socsim.engine.task_run import Instance, TaskRun
from socsim.engine.unit import UnitState
from socsim.result.tile_spans import COMPUTE, LOAD, STORE, TileSpans
from socsim.taskgraph import TaskSource

_Process = Generator[simpy.Event, Any, None]


class TiledRun(TaskRun):
    """A task run with the spans of its tiles: (tile, kind, begin_ps, end_ps, bytes) each."""

    __slots__ = ("tiles",)

    def __init__(self, instance: Instance, index: int, variant: PreparedVariant, sequence: int) -> None:
        super().__init__(instance, index, variant, sequence)
        self.tiles: list[tuple[int, int, int, int, int]] = []


class TiledExecutor(Executor):
    """See the module."""

    _run_type = TiledRun

    def __init__(
        self, kernel: Kernel, units: Mapping[str, UnitState], memory: MemorySystem, source: TaskSource
    ) -> None:
        super().__init__(kernel, units, memory, source)
        environment = kernel.environment
        self._copy_engines = {
            name: simpy.Resource(environment, capacity=unit.dma_engines) for name, unit in units.items()
        }
        self._rows_of_tiles: list[tuple[int, int, int, int, int, int]] = []

    @property
    def tiles(self) -> TileSpans:
        """What every tile did when."""
        return TileSpans.of(self._rows_of_tiles)

    def _begin(self, run: TaskRun) -> None:
        if run.flow is None:
            super()._begin(run)
            return
        assert isinstance(run, TiledRun)
        variant = run.variant
        environment = self.kernel.environment
        count = variant.num_tiles
        slots = variant.unit.tile_buffers
        free_in = simpy.Container(environment, capacity=slots, init=slots)
        free_out = simpy.Container(environment, capacity=slots, init=slots)
        loaded, computed = simpy.Store(environment), simpy.Store(environment)
        environment.process(self._load(run, parts(variant.read_bytes, count), free_in, loaded))
        environment.process(self._compute(run, parts(variant.compute_ps, count), free_in, loaded, free_out, computed))
        environment.process(self._store(run, parts(variant.write_bytes, count), free_out, computed))

    def _load(self, run: TiledRun, sizes: list[int], free: simpy.Container, loaded: simpy.Store) -> _Process:
        for tile, size in enumerate(sizes):
            yield free.get(1)
            yield from self._move(run, tile, LOAD, size)
            yield loaded.put(tile)

    def _compute(
        self,
        run: TiledRun,
        times_ps: list[int],
        free_in: simpy.Container,
        loaded: simpy.Store,
        free_out: simpy.Container,
        computed: simpy.Store,
    ) -> _Process:
        environment = self.kernel.environment
        fetched_ahead = run.variant.unit.prefetches
        if fetched_ahead and run.start_ps > self.kernel.now:
            yield environment.timeout(run.start_ps - self.kernel.now)
        for tile, time_ps in enumerate(times_ps):
            if tile or not fetched_ahead:
                yield loaded.get()
            yield free_out.get(1)
            begin = self.kernel.now
            if not tile:
                run.start_ps = begin
            yield environment.timeout(time_ps)
            run.tiles.append((tile, COMPUTE, begin, self.kernel.now, 0))
            if not tile and fetched_ahead:
                yield loaded.get()
            yield free_in.put(1)
            yield computed.put(tile)
        self._end_body(run)

    def _store(self, run: TiledRun, sizes: list[int], free: simpy.Container, computed: simpy.Store) -> _Process:
        for size in sizes:
            tile = yield computed.get()
            yield from self._move(run, tile, STORE, size)
            yield free.put(1)
        self._post(run)

    def _move(self, run: TiledRun, tile: int, kind: int, size: int) -> _Process:
        """A copy engine brings the bytes of a tile in or out, at the rate that the links grant."""
        if not size:
            return
        environment = self.kernel.environment
        with self._copy_engines[run.variant.unit.name].request() as engine:
            yield engine
            begin = self.kernel.now
            moved = environment.event()
            assert run.plan is not None
            route = run.variant.unit.route
            traffic = route.traffic(one_way(run.plan.levels, kind == LOAD), run.variant.pattern, run.variant.limits)
            flow = Flow(size, traffic.path, traffic.rate_cap, self._moved, moved, traffic.dram_class)
            self.memory.fabric.start(flow)
            yield moved
            run.tiles.append((tile, kind, begin, self.kernel.now, size))

    def _moved(self, flow: Flow) -> None:
        self.memory.fabric.leave(flow)
        flow.owner.succeed()

    def _done(self, run: TaskRun) -> None:
        assert isinstance(run, TiledRun)
        rows = run.tiles or [(0, COMPUTE, run.start_ps, run.start_ps + run.variant.compute_ps, 0)]
        self._rows_of_tiles += [(run.row, *row) for row in rows]
        super()._done(run)


def parts(total: int, count: int) -> list[int]:
    """A whole number in so many parts that differ by one at most; the larger ones come first."""
    each, over = divmod(total, count)
    return [each + 1] * over + [each] * (count - over)


def one_way(levels: LevelBytes, loads: bool) -> LevelBytes:
    """Only the reads, or only the writes, of what a task moves at each level."""
    return tuple([(read, 0) if loads else (0, write) for read, write in levels])
