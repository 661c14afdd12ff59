"""A run against a profile: simulated over measured time per task, and what either side has that the other has not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from socsim.errors import InputError
from socsim.result import RunRecord, RunResult
from socsim.study.compare.profile.match import Tasks, match_call, resolve
from socsim.study.compare.profile.measured import CHROME, CSV, Call, MeasuredOperation, Profile
from socsim.study.compare.profile.simulated import Phase, SimulatedTask, choose_stream, phases_of


@dataclass(frozen=True, slots=True)
class MatchedTask:
    """A measurement and the simulated tasks that it covers (mostly one).

    `simulated_ps` is the mean time that they held their unit in one pass, `measured_ps` the median over the calls of
    the sum of their operators, None where the profile has no times. `begin_ps` is when the first of the operators
    began in the first call.
    """

    phase: str
    name: str
    module: str
    unit: str
    tasks: tuple[SimulatedTask, ...]
    simulated_ps: int
    measured_ps: int | None
    calls: int
    operators: tuple[str, ...]
    executions: tuple[MeasuredOperation, ...]

    @property
    def error_fraction(self) -> float | None:
        """Simulated over measured, less one."""
        return self.simulated_ps / self.measured_ps - 1 if self.measured_ps else None


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Operators of one name that the simulation does not have: their time in one call on average."""

    phase: str
    name: str
    count: int
    measured_ps: int


@dataclass(frozen=True)
class ProfileComparison:
    """A run beside a measured profile."""

    run: RunRecord
    profile: Profile
    stream: str
    rows: tuple[MatchedTask, ...]
    unmatched: tuple[Unmatched, ...]
    missing: tuple[tuple[str, SimulatedTask], ...]
    """(phase, task) of simulated tasks that no operator was matched with."""
    notes: tuple[str, ...]

    @cached_property
    def simulated_ps(self) -> int:
        """Simulated time of the matched tasks that have a measured time, each counted once."""
        seen = {(row.phase, task.name): task.busy_ps for row in self.rows if row.measured_ps for task in row.tasks}
        return sum(seen.values())

    @cached_property
    def measured_ps(self) -> int:
        """Measured time of the matched operators; of measurements that lie in one another the outer one."""
        total = 0
        covered: set[tuple[str, str]] = set()
        for row in sorted(self.rows, key=lambda row: -len(row.tasks)):
            names = {(row.phase, task.name) for task in row.tasks}
            if row.measured_ps and not names & covered:
                covered |= names
                total += row.measured_ps
        return total

    @property
    def error_fraction(self) -> float | None:
        """Simulated over measured time of all matched operators together, less one."""
        return self.simulated_ps / self.measured_ps - 1 if self.measured_ps else None

    @property
    def median_error_fraction(self) -> float | None:
        """Median of the size of the errors per operator."""
        errors = [abs(row.error_fraction) for row in self.rows if row.error_fraction is not None]
        return median(errors) if errors else None

    @property
    def weighted_error_fraction(self) -> float | None:
        """Sum of the sizes of the differences over the measured time."""
        rows = [row for row in self.rows if row.measured_ps]
        total = sum(row.measured_ps or 0 for row in rows)
        return sum(abs(row.simulated_ps - (row.measured_ps or 0)) for row in rows) / total if total else None


def compare_profile(run: RunResult | RunRecord, profile: Profile, stream: str | None = None) -> ProfileComparison:
    """Match a profile with one stream of a run. Raises `InputError` where nothing of it is in the run."""
    record = run if isinstance(run, RunRecord) else run.record
    chosen = choose_stream(record, stream)
    phases = phases_of(record, chosen)
    notes = list(profile.notes)
    if profile.kind in (CSV, CHROME):
        rows, unmatched = _by_name(profile, phases)
    else:
        rows, unmatched = _by_calls(profile, phases, notes)
    if not rows:
        names = ", ".join(dict.fromkeys(item.path or item.name for item in profile.operations[:200]))[:120]
        raise InputError(
            f"{profile.source}: none of its {len(profile.operations)} operators is in stream '{chosen}' of the run; "
            f"the profile has {names} …, the run {phases[0].tasks[0].name} …"
        )
    matched = {(row.phase, task.name) for row in rows for task in row.tasks}
    missing = [(phase.name, task) for phase in phases for task in phase.tasks if (phase.name, task.name) not in matched]
    return ProfileComparison(record, profile, chosen, tuple(rows), tuple(unmatched), tuple(missing), tuple(notes))


# -- by name: CSV, plain Chrome trace ----------------------------------------------------------------------------------


def _by_name(profile: Profile, phases: Sequence[Phase]) -> tuple[list[MatchedTask], list[Unmatched]]:
    together: dict[tuple[str, str], list[MeasuredOperation]] = defaultdict(list)
    for item in profile.operations:
        together[(item.phase, item.path)].append(item)
    rows, unmatched = [], []
    for (phase_name, path), items in together.items():
        found = False
        for phase in phases:
            tasks = resolve(path, phase) if phase_name in ("", phase.name) else ()
            if tasks:
                found = True
                durations = [item.duration_ps for item in items if item.duration_ps is not None]
                measured = round(median(durations)) if durations else None
                rows.append(_row(phase, tasks, path, measured, len(items), items[:1]))
        if not found:
            total = sum(item.duration_ps or 0 for item in items)
            unmatched.append(Unmatched(phase_name, path, len(items), total))
    return rows, sorted(unmatched, key=lambda item: -item.measured_ps)


def _row(
    phase: Phase, tasks: Tasks, name: str, measured_ps: int | None, calls: int, executions: Sequence[MeasuredOperation]
) -> MatchedTask:
    members = tuple(phase.tasks[number] for number in tasks)
    return MatchedTask(
        phase=phase.name,
        name=members[0].name if len(members) == 1 else name,
        module=members[0].label if len(members) == 1 else name,
        unit=", ".join(dict.fromkeys(task.unit for task in members)),
        tasks=members,
        simulated_ps=sum(task.busy_ps for task in members),
        measured_ps=measured_ps,
        calls=calls,
        operators=tuple(dict.fromkeys(item.name for item in executions)),
        executions=tuple(executions),
    )


# -- by calls of the model: Kineto, execution trace --------------------------------------------------------------------


def _by_calls(profile: Profile, phases: Sequence[Phase], notes: list[str]) -> tuple[list[MatchedTask], list[Unmatched]]:
    calls: dict[int, list[MeasuredOperation]] = defaultdict(list)
    for item in profile.operations:
        calls[item.call].append(item)
    rows, unmatched = [], []
    for phase, numbers in _calls_of_phases(sorted(calls), phases, notes):
        if numbers:
            some, others = _match_phase(phase, [calls[number] for number in numbers])
            rows += some
            unmatched += others
    return rows, sorted(unmatched, key=lambda item: -item.measured_ps)


def _calls_of_phases(calls: Sequence[int], phases: Sequence[Phase], notes: list[str]) -> list[tuple[Phase, list[int]]]:
    """Which calls of the model are which phase: the instances of the run in their order, one after the other; of a
    run with one phase every call is a repetition."""
    if len(phases) == 1:
        return [(phases[0], list(calls))]
    order = sorted((number, phase.name) for phase in phases for number in phase.instances)
    if len(calls) % len(order):
        notes.append(
            f"the profile has {len(calls)} calls of the model, the run {len(order)}: matched in order, one by one"
        )
    name_of = {call: order[place % len(order)][1] for place, call in enumerate(calls)}
    return [(phase, [call for call in calls if name_of[call] == phase.name]) for phase in phases]


def _match_phase(
    phase: Phase, calls: Sequence[Sequence[MeasuredOperation]]
) -> tuple[list[MatchedTask], list[Unmatched]]:
    known: dict[tuple[tuple[str, str], ...], list[Tasks]] = {}
    sums: dict[Tasks, list[int]] = defaultdict(list)
    first: dict[Tasks, list[MeasuredOperation]] = {}
    others: dict[str, list[int]] = defaultdict(list)
    for operations in calls:
        signature = tuple((item.name, item.path) for item in operations)
        if signature not in known:
            known[signature] = match_call(operations, phase)
        of_call: dict[Tasks, list[MeasuredOperation]] = defaultdict(list)
        for item, tasks in zip(operations, known[signature], strict=True):
            if tasks:
                of_call[tasks].append(item)
            else:
                others[item.name].append(item.duration_ps or 0)
        for tasks, items in of_call.items():
            first.setdefault(tasks, items)
            if any(item.duration_ps is not None for item in items):
                sums[tasks].append(sum(item.duration_ps or 0 for item in items))
    rows = [
        _row(phase, tasks, items[0].path, round(median(sums[tasks])) if sums[tasks] else None, len(sums[tasks]) or 1,
             items)
        for tasks, items in sorted(first.items())
    ]  # fmt: skip
    unmatched = [
        Unmatched(phase.name, name, round(len(times) / len(calls)), round(sum(times) / len(calls)))
        for name, times in others.items()
    ]
    return rows, unmatched


def call_latency_ps(profile: Profile) -> int | None:
    """Median time of a call of the whole model."""
    times: list[Call] = list(profile.calls)
    return round(median(call.duration_ps for call in times)) if times else None
