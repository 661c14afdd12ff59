"""Runs task graphs on units over the memory system: who may start when, and what was waited for.

A task is handed to its unit when its predecessors are done, or are ahead of it in the same unit's queue (the front end
works ahead of the body); its body starts when their data has arrived. Counters, not joins; callbacks, not processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from socsim.engine.kernel import Kernel
from socsim.engine.marking import mark_now
from socsim.engine.memory.link import Flow
from socsim.engine.memory.route import LevelBytes
from socsim.engine.memory.system import MemorySystem
from socsim.engine.prepared import STREAM_SLOTS, PreparedVariant, Preparer, TrafficPlan
from socsim.engine.task_run import Instance, TaskRun
from socsim.engine.unit import UnitState
from socsim.errors import DeadlockError
from socsim.result import Gate, InstanceRecord, Spans
from socsim.result.windows import WINDOW_TASKS, Mark
from socsim.taskgraph import Release, TaskGraph, TaskSource

_WIDTH, _DONE, _PACK_ROW = Spans.WIDTH, Spans.position("done_ps"), Spans.pack_row
_ARRIVAL, _DEPENDENCY, _UNIT, _LAUNCH = (int(kind) for kind in Gate)


class Executor:
    """One run: give it units, a memory system and a source of instances, call `run`, take spans and instances."""

    _run_type = TaskRun

    def __init__(
        self, kernel: Kernel, units: Mapping[str, UnitState], memory: MemorySystem, source: TaskSource
    ) -> None:
        self.kernel = kernel
        self.units = units
        self.memory = memory
        self.source = source
        self.spans = Spans()
        self.instances: dict[int, InstanceRecord] = {}
        """By number, in the order of arrival."""
        self.graphs: list[TaskGraph] = []
        self.preparer = Preparer(units)
        self._graph_index: dict[int, int] = {}
        self._live: dict[int, Instance] = {}
        self._stream_keys: dict[tuple[str, str], int] = {}
        self._sequence = 0
        self._started = 0
        self.marks: list[Mark] = []
        self.window_tasks = WINDOW_TASKS
        self.on_mark: Callable[[Mark], None] | None = None
        """Called at the end of a window; may `forget` rows."""
        self._rows = self.spans.rows
        self._num_rows = 0
        self._marked_row = 0
        self._done_position = _DONE
        self._next_mark = 0

    def run(self) -> None:
        """Until the source has no more and all is done; `DeadlockError` names tasks that wait for ever."""
        self._next_mark = self.window_tasks
        for release in self.source.begin():
            self._schedule(release, -1)
        self.kernel.run()
        if self._live:
            raise DeadlockError(self._what_waits())
        self.preparer.count_traffic()

    def live_instances(self) -> Iterable[Instance]:
        """Those that have arrived and are not done."""
        return self._live.values()

    # -- instances ---------------------------------------------------------------------------------------------------

    def _schedule(self, release: Release, released_by: int) -> None:
        delay = release.time_ps - self.kernel.now
        self.kernel.after(max(0, delay), self._arrive, (release, released_by))

    def _arrive(self, due: tuple[Release, int]) -> None:
        release, released_by = due
        graph = release.graph
        prepared = self.preparer.prepare(graph)
        if id(graph) not in self._graph_index:
            self._graph_index[id(graph)] = len(self.graphs)
            self.graphs.append(graph)
        number = self._started
        self._started += 1
        graph_index = self._graph_index[id(graph)]
        instance = Instance(number, release, prepared, graph_index, released_by, self.kernel.now)
        instance.first_key = self.preparer.reserve_keys(len(graph.buffers))
        stream = (release.stream, graph.workload)
        if stream not in self._stream_keys:
            self._stream_keys[stream] = self.preparer.reserve_keys(STREAM_SLOTS)
        instance.bases = (0, self._stream_keys[stream], instance.first_key)
        self.instances[number] = self._record(instance, -1)
        self._live[number] = instance
        if graph.tasks:
            for root in graph.roots:
                self._issue(instance, root)
        else:
            self._complete(instance, released_by)
        for following in self.source.arrived(release, self.kernel.now):
            self._schedule(following, -1)

    def _complete(self, instance: Instance, last_row: int) -> None:
        del self._live[instance.number]
        self.instances[instance.number] = self._record(instance, self.kernel.now)
        if self._num_rows >= self._next_mark:
            self._set_mark()
        for following in self.source.completed(instance.release, self.kernel.now):
            self._schedule(following, last_row)

    def _set_mark(self) -> None:
        """End a window, where tasks that are not done allow it; at once what is due then, or else later."""
        mark = mark_now(self.spans, self._marked_row, self._live.values(), self.kernel.now)
        if mark is not None:
            self.marks.append(mark)
            self._marked_row = mark.row
        self._next_mark = self._num_rows + self.window_tasks
        if mark is not None and self.on_mark is not None:
            self.on_mark(mark)

    def forget(self, row: int, carried: frozenset[int] = frozenset()) -> None:
        """Drop the spans before a row; their tasks are done. Some of them are `carried` on as parts of windows."""
        self.spans.forget(row)
        self._done_position = _DONE - row * _WIDTH

    @staticmethod
    def _record(instance: Instance, done_ps: int) -> InstanceRecord:
        release = instance.release
        return InstanceRecord(
            stream=release.stream,
            graph=instance.graph_index,
            index=release.index,
            phase=release.phase,
            arrival_ps=instance.arrival_ps,
            done_ps=done_ps,
            num_tasks=len(instance.prepared.graph.tasks),
            priority=release.priority,
            deadline_ps=release.deadline_ps,
            warm_up=release.warm_up,
            tokens=release.tokens,
            request=release.request,
            batch=release.batch,
            stands_for=release.stands_for,
            shares=release.shares,
        )

    # -- from ready to body ------------------------------------------------------------------------------------------

    def _issue(self, instance: Instance, index: int) -> None:
        """Hand a task to the ready queue of its unit, and feed the unit."""
        unit = self._enqueue(instance, index)
        self._feed(unit)

    def _enqueue(self, instance: Instance, index: int) -> UnitState:
        variants = instance.prepared.variants[index]
        variant = variants[0] if len(variants) == 1 else min(variants, key=self._estimated_finish)
        run = self._run_type(instance, index, variant, self._sequence)
        self._sequence += 1
        instance.runs[index] = run
        unit = variant.unit
        unit.ready.push(run)
        unit.num_ready += 1
        return unit

    def _estimated_finish(self, variant: PreparedVariant) -> tuple[int, str]:
        """When a variant would end if it were queued now: what waits before it, then its own launch and body."""
        unit = variant.unit
        backlog = sum(run.variant.estimate_ps for run in unit.queue)
        start = max(self.kernel.now, unit.front_free_ps) + backlog
        return start + variant.estimate_ps, unit.name

    def _feed(self, unit: UnitState) -> None:
        """Let the front end take tasks while it may, then start what can start."""
        queue, depth = unit.queue, unit.queue_depth
        while unit.num_ready and len(queue) < depth:
            run: TaskRun = unit.ready.pop()
            unit.num_ready -= 1
            queue.append(run)
            self._launch(run, unit)
        if queue and not queue[0].instance.waiting[queue[0].index]:
            self._start_next(unit)

    def _launch(self, run: TaskRun, unit: UnitState) -> None:
        """The front end takes a task, after what it took before; tasks that follow on the unit may come behind it."""
        variant, instance = run.variant, run.instance
        start = self.kernel.now
        if variant.submit_ps and unit.host is not None:
            start = max(start, unit.host.submit_free_ps) + variant.submit_ps
            unit.host.submit_free_ps = start
        if start < unit.front_free_ps:
            start = unit.front_free_ps
        run.launch_start_ps = start
        run.launch_end_ps = unit.front_free_ps = start + variant.launch_ps
        unissued = instance.unissued
        for follower in instance.prepared.followers[run.index]:
            left = unissued[follower] = unissued[follower] - 1
            if left == 0:
                self._enqueue(instance, follower)

    def _start_next(self, unit: UnitState) -> None:
        """Reserve the body for the head of the queue once its data is there; the body begins when fill allows."""
        queue = unit.queue
        while queue:
            run = queue[0]
            instance, variant = run.instance, run.variant
            if instance.waiting[run.index] or len(unit.free_lanes) < variant.slots:
                return
            queue.popleft()
            if variant.slots == 1:
                run.lanes = (unit.free_lanes.pop(),)
            else:
                run.lanes = tuple([unit.free_lanes.pop() for _ in range(variant.slots)])
            if variant.turn_launch_ps:
                self._launch_in_turn(run)
            self._plan(run, unit)
            if unit.num_ready:
                self._feed(unit)
                return

    def _launch_in_turn(self, run: TaskRun) -> None:
        """The launch of a unit that prepares none ahead: from when the unit and the task's data are there, and its
        host has submitted it."""
        submitted = run.launch_start_ps
        run.launch_start_ps = max(self.kernel.now, run.instance.ready_ps[run.index], submitted)
        run.launch_end_ps = run.launch_start_ps + run.variant.turn_launch_ps

    def _plan(self, run: TaskRun, unit: UnitState) -> None:
        """Caches, fill and the instant the body begins."""
        instance, variant = run.instance, run.variant
        now = self.kernel.now
        ready, launched, free = instance.ready_ps[run.index], run.launch_end_ps, unit.free_ps
        begin = ready if ready > now else now
        if launched > begin:
            begin = launched
        if free > ready and free >= launched:
            gate, kind = unit.last_row, _UNIT
        else:
            gate = instance.gate_rows[run.index]
            kind = _LAUNCH if launched > ready else _DEPENDENCY if gate >= 0 else _ARRIVAL
            if gate < 0:
                gate = instance.released_by
        run.gate, run.gate_kind = gate, kind
        fill = first_ps = 0
        if variant.total_bytes:
            run.plan = plan = self._traffic_plan(variant, instance)
            route = unit.route
            if variant.read_bytes:
                first_ps = plan.first_ps
                fill = (route.loaded_latency_ps() if route.dram_flows else route.latency_ps) + first_ps
                if unit.prefetches:
                    known = run.launch_start_ps
                    fill -= begin - (ready if variant.first_tile_bytes and ready > known else known)
                    if fill < first_ps:
                        first_ps = fill = fill if fill > 0 else 0
                begin += fill - first_ps
            busy = variant.compute_ps + first_ps
            cap = plan.rate_cap
            size = variant.body_bytes
            run.tail_bytes = variant.last_tile_bytes
            if plan.alone_bytes_per_ps * busy <= size:
                # Memory bounds the body: the links stay busy to the last tile, so it leaves in the same breath.
                size += run.tail_bytes
                run.tail_bytes = 0
            elif cap * busy > size:
                cap = size / busy
            run.flow = Flow(size, plan.path, cap, self._body_done, run, plan.dram_class)
        run.start_ps = begin + first_ps
        run.fill_ps = fill
        if begin > now:
            self.kernel.after(begin - now, self._begin, run)
        else:
            self._begin(run)

    def _traffic_plan(self, variant: PreparedVariant, instance: Instance) -> TrafficPlan:
        """How a task's bytes reach memory: what gets past each cache of its route, which sees the accesses that
        allocate in it. From step to step that is mostly the same, so the last outcome is looked at first."""
        passing = variant.passing
        if not passing and variant.last_plan is not None:
            return variant.last_plan
        moved = variant.read_bytes, variant.write_bytes
        if len(passing) == 1:
            cache, reads, writes = passing[0]
            if reads:
                cache.miss_bytes += reads
            beyond = cache.sweep(variant.lookups, instance.bases, self.kernel.now)
            if beyond == variant.last_beyond and variant.last_plan is not None:
                return variant.last_plan
            variant.last_beyond = beyond
            levels: LevelBytes = (moved, (reads + beyond[0], writes + beyond[1]))
        else:
            levels = (moved, *self._descended(variant, instance))
        plan = variant.plans.get(levels)
        if plan is None:
            plan = self.preparer.plan(variant, levels)
        variant.last_plan = plan
        return plan

    def _descended(self, variant: PreparedVariant, instance: Instance) -> list[tuple[int, int]]:
        """Accesses on their way through several caches: what one misses is what the next one sees. Returns what gets
        past each of them."""
        passing, now_ps = variant.passing, self.kernel.now
        beyond = []
        for cache, reads, writes in passing:
            cache.miss_bytes += reads
            beyond.append((reads, writes))
        for scope, key, size, read, write, allocates, owner in variant.lookups:
            others = 0
            for level, (cache, _, _) in enumerate(passing):
                if allocates[level] and (read or write):
                    lookup = (scope, key, size, read, write, allocates, owner)
                    read, written_back = cache.sweep((lookup,), instance.bases, now_ps)
                    write = 0
                    others += written_back
                else:
                    cache.miss_bytes += read
                reads, writes = beyond[level]
                beyond[level] = (reads + read, writes + write + others)
        return beyond

    # -- body and drain ----------------------------------------------------------------------------------------------

    def _begin(self, run: TaskRun) -> None:
        flow = run.flow
        if flow is None or flow.remaining == 0:
            self.kernel.after(run.variant.compute_ps, self._timed_body_done, run)
        else:
            self.memory.fabric.start(flow)

    def _timed_body_done(self, run: TaskRun) -> None:
        """A body without bytes to move is a timer; what it writes at the end still has to leave."""
        self._end_body(run)
        flow = run.flow
        if flow is None:
            self._done(run)
        else:
            flow.remaining = run.tail_bytes
            flow.cap = run.plan.rate_cap if run.plan is not None else run.variant.unit.route.rate_cap
            flow.on_done = self._drained
            self.memory.fabric.start(flow)

    def _body_done(self, flow: Flow) -> None:
        run: TaskRun = flow.owner
        if run.tail_bytes:
            flow.on_done = self._drained
            plan = run.plan
            cap = plan.rate_cap if plan is not None else run.variant.unit.route.rate_cap
            self.memory.fabric.restart(flow, run.tail_bytes, cap)
            self._end_body(run)
        else:
            self.memory.fabric.leave(flow)
            self._end_body(run)
            self._post(run)

    def _drained(self, flow: Flow) -> None:
        self.memory.fabric.leave(flow)
        self._post(flow.owner)

    def _post(self, run: TaskRun) -> None:
        """The last write is on its way; dependents see it after the path's latency."""
        if run.variant.write_bytes:
            self.kernel.after(run.variant.unit.route.write_latency_ps, self._done, run)
        else:
            self._done(run)

    def _end_body(self, run: TaskRun) -> None:
        """The unit is free; the span is recorded (its completion follows)."""
        now = self.kernel.now
        variant, instance = run.variant, run.instance
        unit = variant.unit
        run.row = unit.last_row = self._num_rows
        self._num_rows += 1
        unit.free_ps = now
        unit.free_lanes.extend(run.lanes)
        if unit.num_slots > 1:
            unit.free_lanes.sort(reverse=True)
        plan = run.plan
        alone_ps = dram_read = dram_write = 0
        number = -1
        if plan is not None:
            number = plan.number
            alone_ps = plan.alone_ps
            dram_read, dram_write = plan.levels[-1]
            plan.num_uses += 1
        self._rows.frombytes(
            _PACK_ROW(
                instance.number, run.index, variant.index, run.lanes[0], instance.ready_ps[run.index],
                run.launch_start_ps, run.launch_end_ps, run.start_ps, now, -1, run.fill_ps, variant.compute_ps,
                alone_ps, dram_read, dram_write, number, run.gate, run.gate_kind,
            )
        )  # fmt: skip
        self._start_next(unit)

    def _done(self, run: TaskRun) -> None:
        """The results have arrived: release dependents, forget dead buffers, perhaps complete the instance."""
        now = self.kernel.now
        instance = run.instance
        index = run.index
        self._rows[run.row * _WIDTH + self._done_position] = now
        instance.runs[index] = run.flow = None
        row, unit, prepared = run.row, run.variant.unit, instance.prepared
        waiting, ready_ps, gate_rows = instance.waiting, instance.ready_ps, instance.gate_rows
        for successor, same_unit in prepared.successors[index]:
            left = waiting[successor] = waiting[successor] - 1
            arrived = now
            if not same_unit:
                theirs = prepared.variants[successor]
                if len(theirs) == 1 and theirs[0].unit is not unit:
                    arrived += theirs[0].handover_ps
            if arrived >= ready_ps[successor]:
                ready_ps[successor] = arrived
                gate_rows[successor] = row
            if same_unit:  # it was issued when this task was launched, at the latest
                if left == 0:
                    self._start_next(unit)
            else:
                unissued = instance.unissued[successor] = instance.unissued[successor] - 1
                if unissued == 0:
                    self._issue(instance, successor)
        last_uses = prepared.last_uses[index]
        if last_uses:
            self._forget(instance, last_uses)
        instance.left -= 1
        if instance.left == 0:
            self._complete(instance, run.row)

    def _forget(self, instance: Instance, last_uses: tuple[int, ...]) -> None:
        """Activations that nobody will read again leave the caches without being written back."""
        last_users, first_key = instance.last_users, instance.first_key
        dead = []
        for key in last_uses:
            left = last_users[key] = last_users[key] - 1
            if left == 0:
                dead.append(first_key + key)
        if dead:
            for cache in self.memory.caches:
                if cache.replacement.resident_bytes:
                    cache.drop(dead, self.kernel.now)

    def _what_waits(self) -> str:
        lines = []
        for instance in self._live.values():
            graph = instance.prepared.graph
            for index, task in enumerate(graph.tasks):
                if instance.runs[index] is not None or instance.waiting[index] or instance.unissued[index]:
                    missing = [
                        graph.tasks[before].name
                        for before in sorted({*task.predecessors, *task.control})
                        if instance.runs[before] is not None or instance.waiting[before]
                    ]
                    what = f"waits for {', '.join(missing)}" if missing else "never got its unit"
                    lines.append(f"{instance.release.stream} #{instance.release.index} {task.name} {what}")
        shown = lines[:20] + ([f"… and {len(lines) - 20} more"] if len(lines) > 20 else [])
        return "deadlock: the calendar ran dry with tasks left:\n  " + "\n  ".join(shown)
