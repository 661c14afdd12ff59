"""In which order does each scheduler hand waiting tasks to a unit, and which deadlines does it meet?"""

from __future__ import annotations

import pytest

from socsim.engine.schedulers import schedulers
from socsim.result import InstanceRecord
from socsim.simulation import load_components
from socsim.taskgraph import TaskGraph
from tests.building import make_graph, make_soc, make_task
from tests.scheduling import Job, done_ps, run_jobs

load_components()
US = 10**6


def timer(us: int) -> TaskGraph:
    return make_graph([make_task(cycles=us * 1000)])


def order(jobs: list[Job], scheduler: str) -> list[int]:
    """Jobs in the order of their completion, all behind a first one that holds the unit until they are there. The
    front end takes one task ahead of the body, which is a second one, so both stand outside the policy."""
    soc = make_soc({"a": {"queue_depth": 1}})
    front = [Job(0, timer(50), "front"), Job(0, timer(1), "front")]
    done = done_ps(run_jobs(soc, [*front, *jobs], scheduler))
    return sorted((index - 2 for index in done if index >= 2), key=lambda index: done[index + 2])


def test_fifo_goes_by_arrival() -> None:
    assert order([Job(3, timer(1)), Job(1, timer(2), priority=9), Job(2, timer(3))], "fifo") == [1, 2, 0]


def test_priority_goes_by_urgency_then_by_arrival() -> None:
    jobs = [Job(1, timer(1), priority=1), Job(2, timer(1), priority=3), Job(3, timer(1), priority=1)]
    assert order(jobs, "priority") == [1, 0, 2]


def test_edf_goes_by_absolute_deadline_and_leaves_those_without_for_last() -> None:
    jobs = [Job(1, timer(1)), Job(2, timer(1), deadline_ps=900), Job(500, timer(1), deadline_ps=300)]
    assert order(jobs, "edf") == [2, 1, 0]


def test_rate_monotonic_goes_by_period() -> None:
    jobs = [
        Job(1, timer(1), period_ps=30),
        Job(1, timer(1), period_ps=10),
        Job(1, timer(1)),
        Job(1, timer(1), period_ps=20),
    ]
    assert order(jobs, "rate_monotonic") == [1, 3, 0, 2]


def test_least_laxity_counts_what_is_left_to_do() -> None:
    # deadline - work: 100 - 10 = 90, 95 - 2 = 93, 90 - 1 = 89 (all in us).
    jobs = [Job(1, timer(w), deadline_ps=d * US) for d, w in ((100, 10), (95, 2), (90, 1))]
    assert order(jobs, "least_laxity") == [2, 0, 1]


def test_heft_goes_by_the_longest_way_to_the_end() -> None:
    chain = make_graph([make_task(cycles=1000), make_task(cycles=9000, after=[0])])
    jobs = [Job(1, timer(5), "x"), Job(1, chain, "y"), Job(1, timer(8), "z")]
    # The chain begins first (rank 10 us) and then waits behind nobody: 9 us are left of it, then come 8 and 5.
    assert order(jobs, "heft") == [1, 2, 0]


def test_etf_finishes_the_shortest_first() -> None:
    assert order([Job(1, timer(w)) for w in (5, 2, 9, 1)], "etf") == [3, 1, 0, 2]


def test_round_robin_takes_a_task_of_each_stream_in_turn() -> None:
    jobs = [Job(1, timer(1), stream) for stream in ("x", "x", "x", "y", "y", "z")]
    assert order(jobs, "round_robin") == [0, 3, 5, 1, 4, 2]


@pytest.mark.parametrize("name", list(schedulers))
@pytest.mark.parametrize("preemption", ["task", "instant"])
def test_every_scheduler_keeps_a_unit_busy_while_there_is_work(name: str, preemption: str) -> None:
    soc = make_soc({"a": {"preemption": preemption}})
    jobs = [
        Job(i * US, timer(3 + i % 3), f"s{i % 4}", i % 3, (20 + 7 * i) * US, (i % 4 + 1) * US)
        for i in range(12)
    ]  # fmt: skip
    assert max(done_ps(run_jobs(soc, jobs, name)).values()) == sum(3 + i % 3 for i in range(12)) * US


def misses(scheduler: str) -> list[int]:
    """Times (us) of the deadlines that tasks (C, T) = (2, 5) and (4, 7) miss over two hyperperiods, interruptible."""
    soc = make_soc({"a": {"preemption": "instant"}})
    jobs = [
        Job(at * US, timer(c), f"every {t}", deadline_ps=t * US, period_ps=t * US)
        for c, t in ((2, 5), (4, 7))
        for at in range(0, 70, t)
    ]
    records: list[InstanceRecord] = list(run_jobs(soc, jobs, scheduler).instances.values())
    return sorted(r.deadline_ps // US for r in records if r.deadline_ps is not None and r.done_ps > r.deadline_ps)


def test_rate_monotonic_misses_at_7_what_edf_never_misses() -> None:
    assert misses("rate_monotonic")[0] == 7
    assert misses("edf") == []
    assert misses("least_laxity") == []
