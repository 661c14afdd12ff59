"""What happens when a more urgent task arrives while another runs? To the picosecond.

1 GHz clock (1000 ps a cycle), DRAM 0.1 B/ps; a read begins 150 ns after its task.
"""

from __future__ import annotations

import random

import pytest

from socsim.simulation import load_components
from tests.building import execute, make_graph, make_soc, make_task
from tests.property.test_random_graphs import random_tasks
from tests.scheduling import Job, done_ps, run_jobs

load_components()
US = 10**6


def timer(us: int) -> object:
    return make_graph([make_task(cycles=us * 1000)])


@pytest.mark.parametrize(
    ("preemption", "low", "high"),
    [("task", 10 * US, 12 * US), ("instant", 12 * US, 5 * US)],
)
def test_an_urgent_task_waits_for_the_running_one_or_takes_its_place(preemption: str, low: int, high: int) -> None:
    soc = make_soc({"a": {"preemption": preemption}})
    jobs = [Job(0, timer(10), "low"), Job(3 * US, timer(2), "high", priority=1)]
    assert done_ps(run_jobs(soc, jobs, "priority")) == {0: low, 1: high}


def test_restoring_a_task_costs_its_time_once_per_interruption() -> None:
    soc = make_soc({"a": {"preemption": "instant", "preemption_cost": "1 us"}})
    urgent = [Job(at * US, timer(1), "high", priority=1) for at in (2, 6)]
    executor = run_jobs(soc, [Job(0, timer(10), "low"), *urgent], "priority")
    assert done_ps(executor) == {0: 14 * US, 1: 3 * US, 2: 7 * US}
    row = executor.spans.column("instance").tolist().index(0)
    assert executor.suspensions == ((row, 2 * US, 4 * US), (row, 6 * US, 8 * US))


def test_interruptions_nest() -> None:
    soc = make_soc({"a": {"preemption": "instant"}})
    jobs = [
        Job(at * US, timer(length), f"p{p}", priority=p) for p, (at, length) in enumerate([(0, 10), (2, 5), (4, 3)])
    ]
    assert done_ps(run_jobs(soc, jobs, "priority")) == {2: 7 * US, 1: 10 * US, 0: 18 * US}


def test_a_body_of_bytes_keeps_what_it_has_moved() -> None:
    # low: 1 MB in 10 us from 150 ns on. Stopped at 4.15 us with 0.4 MB moved; high computes for 3 us; 0.6 MB are left.
    soc = make_soc({"a": {"preemption": "instant"}})
    low = make_graph([make_task(read_bytes=1_000_000)])
    jobs = [Job(0, low, "low"), Job(4 * US + 150_000, timer(3), "high", priority=1)]
    assert done_ps(run_jobs(soc, jobs, "priority")) == {1: 7 * US + 150_000, 0: 13 * US + 150_000}


def test_at_tile_boundaries_only_the_tile_is_finished_first() -> None:
    # Tiles of 250 kB take 2.5 us. The urgent task comes 3 us into the body and gets the unit at 5 us.
    soc = make_soc({"a": {"preemption": "tile", "tile": "250 kB"}})
    low = make_graph([make_task(read_bytes=1_000_000)])
    jobs = [Job(0, low, "low"), Job(3 * US + 150_000, timer(2), "high", priority=1)]
    assert done_ps(run_jobs(soc, jobs, "priority")) == {1: 7 * US + 150_000, 0: 12 * US + 150_000}


def test_a_launch_ahead_of_the_body_still_takes_its_time_before_it_interrupts() -> None:
    soc = make_soc({"a": {"preemption": "instant"}})
    high = make_graph([make_task(cycles=2000, launch_ps=US)])
    jobs = [Job(0, timer(10), "low"), Job(3 * US, high, "high", priority=1)]
    assert done_ps(run_jobs(soc, jobs, "priority")) == {1: 6 * US, 0: 12 * US}


def test_equals_do_not_interrupt_each_other() -> None:
    soc = make_soc({"a": {"preemption": "instant"}})
    jobs = [Job(0, timer(10), "x", priority=1), Job(3 * US, timer(2), "y", priority=1)]
    assert done_ps(run_jobs(soc, jobs, "priority")) == {0: 10 * US, 1: 12 * US}


@pytest.mark.parametrize("preemption", ["task", "tile", "instant"])
def test_without_anybody_more_urgent_nothing_differs_from_the_plain_executor(preemption: str) -> None:
    rng = random.Random("preemptive or not")
    plain = make_soc({name: {"queue_depth": 3} for name in "abc"})
    interrupting = make_soc({name: {"queue_depth": 3, "preemption": preemption} for name in "abc"})
    for _ in range(60):
        graphs = [make_graph(random_tasks(rng)) for _ in range(2)]
        spans = execute(plain, [(0, graph) for graph in graphs]).spans
        jobs = [Job(0, graph, f"s{index}") for index, graph in enumerate(graphs)]
        assert run_jobs(interrupting, jobs).spans.rows == spans.rows


def test_work_is_conserved_under_any_interruption() -> None:
    rng = random.Random("conserved")
    for _ in range(100):
        soc = make_soc({"a": {"preemption": rng.choice(["tile", "instant"]), "tile": "1 kB", "queue_depth": 2}})
        jobs = [
            Job(rng.randrange(200) * 1000, make_graph([make_task(cycles=rng.randrange(1, 100))]), f"s{number}",
                rng.randrange(4))
            for number in range(20)
        ]  # fmt: skip
        executor = run_jobs(soc, jobs, "priority")
        total = sum(job.graph.tasks[0].variants[0].cycles * 1000 for job in jobs)
        spans = executor.spans
        held = int((spans.column("end_ps") - spans.column("start_ps")).sum())
        stopped = sum(end - begin for _, begin, end in executor.suspensions)
        assert held - stopped == total
        assert max(done_ps(executor).values()) >= total
