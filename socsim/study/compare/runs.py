"""Two runs compared: inputs, results, operations, and where the time went."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from socsim.cost import unit_models
from socsim.result import RunRecord, RunResult
from socsim.result.columns import ListColumn, TextColumn
from socsim.result.streams import by_stream
from socsim.result.task_columns import TaskColumns
from socsim.simulation import load_components
from socsim.study.compare.inputs import Change, input_changes
from socsim.study.compare.operations import OperationPair, pair_operations, pair_streams
from socsim.study.compare.results import FigureChange, figure_changes
from socsim.study.compare.waterfall import Module, Step, by_cause, by_module, module_tree


@dataclass(frozen=True)
class RunComparison:
    """What differs between a first run and a second.

    The steps `by_cause` and `by_module`, and the changes of the critical path of all `operations`, each add up to the
    change of latency exactly. `same_tasks`: every task ran at the same picosecond with the same bytes.
    """

    before: RunRecord
    after: RunRecord
    inputs: tuple[Change, ...]
    differing_sources: int
    results: tuple[FigureChange, ...]
    operations: tuple[OperationPair, ...]
    same_tasks: bool

    @property
    def latency_change_ps(self) -> int:
        """How much longer the second run takes."""
        return self.after.latency_ps - self.before.latency_ps

    @property
    def nothing_changed(self) -> bool:
        """Same inputs, same results, same timeline."""
        return not self.inputs and not self.differing_sources and not self.results and self.same_tasks

    @cached_property
    def by_cause(self) -> tuple[Step, ...]:
        """The change of latency by what bounded the runs."""
        return by_cause(self.operations)

    @cached_property
    def modules(self) -> Module:
        """The change of latency as a tree of modules."""
        return module_tree(self.operations)

    @cached_property
    def by_module(self) -> tuple[Step, ...]:
        """The change of latency by the modules in which most changed."""
        return by_module(self.modules)


def compare_runs(before: RunResult | RunRecord, after: RunResult | RunRecord) -> RunComparison:
    """Compare two runs, finished just now or read by `socsim.result.load_run`."""
    load_components()
    one, other = (run if isinstance(run, RunRecord) else run.record for run in (before, after))
    inputs, differing_sources = input_changes(one.manifest, other.manifest, unit_models)
    streams = pair_streams(list(by_stream(one.instances)), list(by_stream(other.instances)))
    return RunComparison(
        before=one,
        after=other,
        inputs=inputs,
        differing_sources=differing_sources,
        results=figure_changes(one.summary, other.summary),
        operations=tuple(pair_operations(one, other, streams)),
        same_tasks=_same_columns(one.tasks, other.tasks),
    )


def _same_columns(one: TaskColumns, other: TaskColumns) -> bool:
    if len(one) != len(other):
        return False
    for field in fields(TaskColumns):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, TextColumn):
            if left.values == right.values:
                same = np.array_equal(left.codes, right.codes)
            else:
                same = left.texts() == right.texts()
        elif isinstance(left, ListColumn):
            same = np.array_equal(left.offsets, right.offsets) and np.array_equal(left.values, right.values)
        else:
            same = np.array_equal(left, right)
        if not same:
            return False
    return True
