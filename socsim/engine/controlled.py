"""An executor whose tasks can be slowed down, sped up and interrupted while they run.

Used where a run needs it: units that interrupt a task for a more urgent one, clocks that change, streams with shares of
busy links. The plain `Executor` knows nothing of this and pays nothing for it.

A running body is a flow or a timer. When the clock changes the flow goes on under another cap and the timer ends at
another time: the part of the work that is done stays done. A task that gives way keeps its progress; it goes on, after
`preemption_cost`, when nobody more urgent is ready. Interruptions of one unit nest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from socsim.engine.executor import Executor
from socsim.engine.kernel import Kernel
from socsim.engine.memory.system import MemorySystem
from socsim.engine.prepared import PreparedVariant
from socsim.engine.task_run import Instance, TaskRun
from socsim.engine.unit import UnitState
from socsim.taskgraph import Release, TaskSource


class Stretch(NamedTuple):
    """A part of a body at one clock: its time, and the share of the body's work that was done in it."""

    begin_ps: int
    end_ps: int
    share: float
    clock_hz: int


class ControlledRun(TaskRun):
    """A task run with what is needed to stop it and to let it go on.

    `body_bytes` and `body_ps` are the whole body as a flow or as a timer at `clock_hz`; `left_ps` is what a stopped
    timer has left; `executed_ps` is how long the body has run before it was last resumed. `marked` is how much of it
    was done at `marked_ps`, up to where its `stretches` go.
    """

    __slots__ = (
        "body_bytes", "clock_hz", "executed_ps", "first_ps", "left_ps", "marked", "marked_ps", "pauses", "resumed_ps",
        "stretches", "version",
    )  # fmt: skip

    def __init__(self, instance: Instance, index: int, variant: PreparedVariant, sequence: int) -> None:
        super().__init__(instance, index, variant, sequence)
        self.body_bytes = 0.0
        self.clock_hz = 0
        self.executed_ps = 0
        self.first_ps = 0
        self.left_ps = 0
        self.resumed_ps = 0
        self.version = 0
        self.marked = 0.0
        self.marked_ps = 0
        self.pauses: list[int] = []
        self.stretches: list[Stretch] = []

    @property
    def is_timer(self) -> bool:
        return not self.body_bytes


class ControlledExecutor(Executor):
    """See the module. `running[unit]` are the bodies under way on a unit, in the order in which they began."""

    _run_type = ControlledRun

    def __init__(
        self, kernel: Kernel, units: Mapping[str, UnitState], memory: MemorySystem, source: TaskSource
    ) -> None:
        super().__init__(kernel, units, memory, source)
        self.running: dict[str, list[ControlledRun]] = {name: [] for name in units}
        self._suspensions: list[tuple[int, int, int]] = []
        self._fresh: list[tuple[ControlledRun, Stretch]] = []
        self._stretches: list[tuple[int, Stretch]] = []
        self.keeps_fresh = False
        """Whether somebody takes the stretches while time runs."""
        self.on_change: Callable[[], None] | None = None
        """Called when an instance has arrived or is done."""
        self._stopped: dict[str, list[ControlledRun]] = {name: [] for name in units}
        self._interrupts = {
            name: unit.preemption != "task" and unit.num_slots == 1 and unit.ready.orders_running
            for name, unit in units.items()
        }

    @property
    def suspensions(self) -> tuple[tuple[int, int, int], ...]:
        """(row, begin_ps, end_ps): when a task had given way."""
        return tuple(self._suspensions)

    # -- what ran when -----------------------------------------------------------------------------------------------

    def mark(self) -> None:
        """End the present stretch of every running body here, and begin the next."""
        for bodies in self.running.values():
            for run in bodies:
                self._mark(run, self.progress(run))

    def take_stretches(self) -> list[tuple[ControlledRun, Stretch]]:
        """All stretches since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def forget(self, row: int, carried: frozenset[int] = frozenset()) -> None:
        """Drop spans; what is known of tasks that gave way and of clocks stays for rows that are carried on."""
        super().forget(row)
        self._stretches = [item for item in self._stretches if item[0] >= row or item[0] in carried]
        self._suspensions = [item for item in self._suspensions if item[0] >= row or item[0] in carried]

    def all_stretches(self) -> list[tuple[int, Stretch]]:
        """All stretches of the run with the rows of their spans."""
        return self._stretches

    def _mark(self, run: ControlledRun, done: float) -> None:
        now = self.kernel.now
        stretch = Stretch(run.marked_ps, now, done - run.marked, run.clock_hz)
        run.marked, run.marked_ps = done, now
        run.stretches.append(stretch)
        if self.keeps_fresh:
            self._fresh.append((run, stretch))

    def _arrive(self, due: tuple[Release, int]) -> None:
        super()._arrive(due)
        if self.on_change is not None:
            self.on_change()

    def _complete(self, instance: Instance, last_row: int) -> None:
        super()._complete(instance, last_row)
        if self.on_change is not None:
            self.on_change()

    # -- clocks ------------------------------------------------------------------------------------------------------

    def set_clock(self, unit: UnitState, clock_hz: int) -> None:
        """The unit goes on at another clock from this instant."""
        if clock_hz == unit.clock_hz:
            return
        for run in self.running[unit.name]:
            self._mark(run, self.progress(run))
        unit.clock_hz = clock_hz
        for run in self.running[unit.name]:
            self._retime(run, clock_hz)
        if self._interrupts[unit.name]:
            self._consider(unit)

    def progress(self, run: ControlledRun) -> float:
        """How much of a running body is done, 0 to 1."""
        now = self.kernel.now
        if run.is_timer:
            total = run.variant.compute_ps
            left = run.left_ps - (now - run.resumed_ps)
            return 1 - left / total if total else 1.0
        assert run.flow is not None
        return 1 - self.memory.fabric.bytes_left(run.flow) / run.body_bytes

    def _retime(self, run: ControlledRun, clock_hz: int) -> None:
        now = self.kernel.now
        if run.is_timer:
            ran_ps = now - run.resumed_ps
            run.left_ps -= ran_ps
            run.executed_ps += ran_ps
            run.resumed_ps = now
            self._at_clock(run, clock_hz)
            self._start_timer(run)
        else:
            assert run.flow is not None
            self._at_clock(run, clock_hz)
            self.memory.fabric.set_cap(run.flow, self._cap(run))

    @staticmethod
    def _at_clock(run: ControlledRun, clock_hz: int) -> bool:
        """Times of a body that does not run right now, at this clock; whether it is another than before."""
        before, run.clock_hz = run.clock_hz, clock_hz
        if run.variant.clock_hz != clock_hz:
            run.variant.retime(clock_hz)
        if before == clock_hz:
            return False
        run.left_ps = -(-run.left_ps * before // clock_hz)
        return True

    def _cap(self, run: ControlledRun) -> float:
        """The rate at which the body's bytes go along with its arithmetic at the present clock."""
        cap = run.plan.rate_cap if run.plan is not None else run.variant.unit.route.rate_cap
        busy_ps = run.variant.compute_ps + run.first_ps
        return run.body_bytes / busy_ps if cap * busy_ps > run.body_bytes else cap

    def _plan(self, run: TaskRun, unit: UnitState) -> None:
        assert isinstance(run, ControlledRun)
        run.clock_hz = unit.clock_hz
        if run.variant.clock_hz != unit.clock_hz:
            run.variant.retime(unit.clock_hz)
        super()._plan(run, unit)

    # -- bodies ------------------------------------------------------------------------------------------------------

    def _begin(self, run: TaskRun) -> None:
        assert isinstance(run, ControlledRun)
        unit = run.variant.unit
        now = self.kernel.now
        run.resumed_ps = run.marked_ps = now
        self.running[unit.name].append(run)
        changed = self._at_clock(run, unit.clock_hz)
        flow = run.flow
        if flow is None or flow.remaining == 0:
            run.left_ps = run.variant.compute_ps
            self._start_timer(run)
        else:
            run.body_bytes = flow.remaining
            run.first_ps = run.plan.first_ps if run.plan is not None and run.variant.read_bytes else 0
            if run.first_ps > run.fill_ps:
                run.first_ps = run.fill_ps
            if changed:
                flow.cap = self._cap(run)
            flow.weight *= run.instance.release.bandwidth_weight
            self.memory.fabric.start(flow)
        if self._interrupts[unit.name]:
            self._consider(unit)

    def _start_timer(self, run: ControlledRun) -> None:
        run.version += 1
        self.kernel.after(run.left_ps, self._timer_due, (run, run.version))

    def _timer_due(self, due: tuple[ControlledRun, int]) -> None:
        run, version = due
        if version == run.version:
            self._timed_body_done(run)

    def _end_body(self, run: TaskRun) -> None:
        assert isinstance(run, ControlledRun)
        self.running[run.variant.unit.name].remove(run)
        self._mark(run, 1.0)
        self._stretches.extend([(self._num_rows, stretch) for stretch in run.stretches])
        pauses = run.pauses
        for position in range(0, len(pauses), 2):
            self._suspensions.append((self._num_rows, pauses[position], pauses[position + 1]))
        super()._end_body(run)

    # -- interruption ------------------------------------------------------------------------------------------------

    def _feed(self, unit: UnitState) -> None:
        if not self._interrupts[unit.name]:
            super()._feed(unit)
            return
        queue, ready = unit.queue, unit.ready
        while unit.num_ready:
            first = ready.peek()
            if len(queue) >= unit.queue_depth and not self._goes_before(first, queue[-1], unit):
                break
            run: TaskRun = ready.pop()
            unit.num_ready -= 1
            place = len(queue)
            while place and self._goes_before(run, queue[place - 1], unit):
                place -= 1
            queue.insert(place, run)
            self._launch(run, unit)
            if run.launch_end_ps > self.kernel.now:
                self.kernel.after(run.launch_end_ps - self.kernel.now, self._start_next, unit)
        self._start_next(unit)

    @staticmethod
    def _goes_before(run: TaskRun, other: TaskRun, unit: UnitState) -> bool:
        """Whether a task overtakes one that waits; never one of its own instance, which it may depend on."""
        return run.instance is not other.instance and unit.ready.precedes(run, other, 0)

    def _start_next(self, unit: UnitState) -> None:
        name = unit.name
        if not self._interrupts[name]:
            super()._start_next(unit)
            return
        stopped = self._stopped[name]
        if unit.free_lanes and stopped:
            last = stopped[-1]
            if not self._is_ready(unit) or not unit.ready.precedes(unit.queue[0], last, last.executed_ps):
                self._resume(stopped.pop(), unit)
                return
        super()._start_next(unit)
        self._consider(unit)

    def _is_ready(self, unit: UnitState) -> bool:
        """Whether the head of the queue could begin now."""
        if not unit.queue:
            return False
        head = unit.queue[0]
        return not head.instance.waiting[head.index] and head.launch_end_ps <= self.kernel.now

    def _consider(self, unit: UnitState) -> None:
        """Interrupt the running body where the head of the queue is more urgent and could begin now."""
        bodies = self.running[unit.name]
        if not bodies or not self._is_ready(unit):
            return
        run = bodies[0]
        executed = run.executed_ps + self.kernel.now - run.resumed_ps
        if unit.ready.precedes(unit.queue[0], run, executed):
            if unit.preemption == "instant":
                self._stop(run, unit)
            else:
                wait_ps = self._to_next_tile(run)
                if wait_ps:
                    self.kernel.after(wait_ps, self._at_tile, (run, unit, run.resumed_ps))
                else:
                    self._stop(run, unit)

    def _to_next_tile(self, run: ControlledRun) -> int:
        """Time until the running body is through with its current tile, at its present rate."""
        tiles = run.variant.num_tiles
        done = self.progress(run)
        current = int(done * tiles + 1e-9)
        if done * tiles - current < 1e-9:
            return 0
        part = (current + 1) / tiles - done
        if run.is_timer:
            return max(1, round(part * run.variant.compute_ps))
        assert run.flow is not None
        rate = self.memory.fabric.rate(run.flow)
        return max(1, round(part * run.body_bytes / rate)) if rate else 1

    def _at_tile(self, due: tuple[ControlledRun, UnitState, int]) -> None:
        run, unit, resumed_ps = due
        bodies = self.running[unit.name]
        if bodies and bodies[0] is run and run.resumed_ps == resumed_ps and self._is_ready(unit):
            executed = run.executed_ps + self.kernel.now - run.resumed_ps
            if unit.ready.precedes(unit.queue[0], run, executed):
                self._stop(run, unit)

    def _stop(self, run: ControlledRun, unit: UnitState) -> None:
        """A running body gives way."""
        now = self.kernel.now
        self._mark(run, self.progress(run))
        self.running[unit.name].remove(run)
        ran_ps = now - run.resumed_ps
        run.executed_ps += ran_ps
        run.pauses.append(now)
        if run.is_timer:
            run.left_ps -= ran_ps
            run.version += 1
        else:
            assert run.flow is not None
            self.memory.fabric.pause(run.flow)
        unit.free_lanes.extend(run.lanes)
        unit.free_ps = now
        self._stopped[unit.name].append(run)
        super()._start_next(unit)

    def _resume(self, run: ControlledRun, unit: UnitState) -> None:
        """A task that gave way takes the unit again; its body goes on when its state is restored."""
        run.lanes = (unit.free_lanes.pop(),)
        self.kernel.after(unit.preemption_cost_ps, self._go_on, run)

    def _go_on(self, run: ControlledRun) -> None:
        unit = run.variant.unit
        now = self.kernel.now
        run.pauses.append(now)
        run.resumed_ps = run.marked_ps = now
        self.running[unit.name].append(run)
        changed = self._at_clock(run, unit.clock_hz)
        if run.is_timer:
            self._start_timer(run)
        else:
            assert run.flow is not None
            if changed:
                run.flow.cap = self._cap(run)
            self.memory.fabric.start(run.flow)
        self._consider(unit)
