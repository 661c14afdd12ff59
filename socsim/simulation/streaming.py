"""The streaming recorder: sums a run up window by window and lets go of its tasks, so that memory does not grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from socsim.engine.controlled import ControlledExecutor
from socsim.engine.executor import Executor
from socsim.engine.power.controller import PowerController
from socsim.result import RunResult, Spans
from socsim.result.running import RunningFigures
from socsim.result.streamed import StreamedResult, WindowSink
from socsim.result.streams import StreamSums
from socsim.result.task_tables import TaskTables
from socsim.result.windows import Mark, WindowCutter
from socsim.simulation.energy import RunEnergy, StreamedEnergy


class StreamRecorder:
    """Listens to the marks of an executor. Up to `keep_tasks` tasks it only notes them; from then on windows go to the
    sums and to the sinks, and the rows, instances and counters behind them are dropped."""

    def __init__(
        self,
        executor: Executor,
        keep_tasks: int,
        energy: RunEnergy | None,
        controller: PowerController | None,
        sinks: Sequence[WindowSink],
    ) -> None:
        self.is_streaming = keep_tasks == 0
        self.streams = StreamSums()
        self._executor = executor
        self._keep_tasks = keep_tasks
        self._energy = energy
        self._controller = controller
        self._sinks = sinks
        self._streamed_energy: StreamedEnergy | None = None
        self._figures: RunningFigures | None = None
        self._cutter: WindowCutter | None = None
        self._waiting: list[Mark] = []
        executor.on_mark = self._at_mark

    @property
    def figures(self) -> RunningFigures:
        """The sums so far."""
        if self._figures is None:
            tables = TaskTables(self._executor.graphs)
            self._streamed_energy = self._energy.stream(tables) if self._energy is not None else None
            self._figures = RunningFigures(tables, self._streamed_energy)
        return self._figures

    def end(self) -> None:
        """The run is over: its last window, where it is streamed."""
        executor = self._executor
        executor.on_mark = None  # executor and recorder would keep each other, and all templates, alive
        num_rows = executor.spans.first_row + len(executor.spans)
        if not self.is_streaming and num_rows <= self._keep_tasks:
            return
        self._stream_waiting()
        end_ps = max([self.streams.end_ps, *(record.done_ps for record in executor.instances.values())])
        self._stream(Mark(num_rows, end_ps, num_rows), is_last=True)

    def result(self, run: RunResult) -> StreamedResult:
        """What a run left, with its figures."""
        given = {item.name: getattr(run, item.name) for item in fields(RunResult)}
        why = f"more than {self._keep_tasks:,} tasks (--keep-tasks)" if self._keep_tasks else "--stream"
        note = f"streamed ({why}): figures were summed up as the run went on, tasks were not kept"
        given |= {"graphs": (), "spans": Spans(), "account": None, "make_series": tuple, "notes": (*run.notes, note)}
        return StreamedResult(**given, sums=self.figures, stream_sums=self.streams)

    def _at_mark(self, mark: Mark) -> None:
        self._waiting.append(mark)
        if self.is_streaming or mark.recorded > self._keep_tasks:
            self._stream_waiting()

    def _stream_waiting(self) -> None:
        self.is_streaming = True
        for waiting in self._waiting:
            self._stream(waiting)
        self._waiting.clear()
        self._executor.marks.clear()

    def _stream(self, mark: Mark, is_last: bool = False) -> None:
        executor = self._executor
        if self._cutter is None:
            first = min((record.arrival_ps for record in executor.instances.values()), default=0)
            self._cutter = WindowCutter(first)
        spans = executor.spans
        window = self._cutter.cut(spans.since(spans.first_row), mark)
        suspensions = executor.suspensions if isinstance(executor, ControlledExecutor) else ()
        detail = self.figures.add(window, executor.instances, suspensions, is_last)
        kept = frozenset((*mark.open_instances, *self._cutter.carried_instances))
        done = [
            (number, record)
            for number, record in executor.instances.items()
            if is_last or (0 <= record.done_ps <= mark.end_ps and number not in kept)
        ]
        for number, record in done:
            self.streams.add(number, record)
        until_ps = 2**62 if is_last else mark.end_ps
        clocks = self._controller.take_counters(until_ps) if self._controller is not None else ()
        if self._sinks:
            power = self._streamed_energy.series() if self._streamed_energy is not None else ()
            series = (*executor.memory.counters(until_ps), *clocks, *power)
            for sink in self._sinks:
                sink.add(detail, done, series)
        else:
            executor.memory.forget_counters(until_ps)
        for number, _ in done:
            del executor.instances[number]
        executor.forget(mark.row, self._cutter.carried_rows)
