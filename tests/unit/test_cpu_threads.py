"""Do threads of a CPU share engines and ways to memory as they do on silicon, and cost what they cost?"""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from socsim.api import load_soc
from socsim.cli.app import app
from socsim.cost.cpu import CpuParams
from socsim.cost.threads import bandwidth_of, by_cluster, threads_for
from socsim.errors import SocsimError
from socsim.hardware import Soc
from socsim.result import RunResult
from socsim.simulation import RunOptions, simulate
from socsim.validation.microbenchmark import microbenchmark

LARGE, SMALL = "product 2048x2048x2048", "product 128x128x128"


def cpu(**changes: object) -> CpuParams:
    data = {
        "name": "cpu_p", "kind": "cpu", "clock": "1 GHz", "cores": 8, "clusters": 2, "matrix_efficiency": 1.0,
        "flop_per_cycle_per_core": {"fp32": 2}, "core_bandwidth": "10 GB/s", "cluster_bandwidth": "25 GB/s",
    }  # fmt: skip
    return CpuParams.model_validate({**data, **changes})


def run(name: str, soc: Soc, threads: int | None = None, copies: int = 1) -> RunResult:
    workload = microbenchmark(name)
    assert workload is not None
    return simulate([workload] * copies, soc, RunOptions(units=("cpu_p",), threads=threads))


def test_a_cluster_is_full_before_the_next_begins_or_they_take_turns() -> None:
    assert [by_cluster(n, cpu()) for n in (1, 4, 5, 8)] == [(1,), (4,), (4, 1), (4, 4)]
    assert [by_cluster(n, cpu(thread_order="spread")) for n in (1, 2, 5)] == [(1,), (1, 1), (3, 2)]


def test_threads_draw_what_cores_and_clusters_let_through() -> None:
    # equal parts: a fifth thread, alone on its cluster, waits for the four that share one
    assert [bandwidth_of(n, cpu()) / 1e9 for n in (1, 2, 3, 4, 5, 8)] == [10, 20, 25, 25, 31.25, 50]
    assert [bandwidth_of(n, cpu(thread_order="spread")) / 1e9 for n in (2, 4, 6)] == [20, 40, 50]


def test_a_thread_more_only_where_each_has_its_grain_of_work() -> None:
    assert [threads_for(work, 100, cpu()) for work in (1, 199, 200, 799, 10**6)] == [1, 1, 2, 7, 8]
    assert threads_for(1, 0, cpu()) == 8
    assert threads_for(10**6, 100, cpu(threads=3)) == 3


def test_two_threads_use_two_matrix_engines_and_more_threads_no_more() -> None:
    # corsix/amx fma.md, M1 Max: one thread 1478 GFLOP/s, two 2957, six 3119.
    soc = load_soc("apple/m1_max", ["units.cpu_p.core_bandwidth=1 TB/s", "units.cpu_p.fork_join=0 us"])
    one, two, six = (run(LARGE, soc, threads).summary["latency_s"] for threads in (1, 2, 6))
    assert one / two == pytest.approx(2, rel=0.01)
    assert six == pytest.approx(two, rel=0.01)


def test_a_copy_by_one_thread_moves_what_one_core_moves() -> None:
    soc = load_soc("apple/m1_pro")
    seconds = run("copy 256 MB", soc, 1).summary["latency_s"]
    assert 2 * 256e6 / seconds == pytest.approx(89.5e9, rel=1e-3)


def test_lines_in_flight_bound_a_core_by_littles_law() -> None:
    soc = load_soc("apple/m1_pro", ["units.cpu_p.core_outstanding=10"])
    seconds = run("copy 256 MB", soc, 1).summary["latency_s"]
    latency_s = soc.latency_ps(soc.units[0]) * 1e-12
    assert 0.85 < 2 * 256e6 / seconds * latency_s / (10 * 128) < 1, "a little less, since it loads the memory itself"


def test_a_small_operation_keeps_one_core_busy_and_draws_the_power_of_one() -> None:
    def active_w(result: RunResult) -> float:
        return result.summary["energy_j"] / result.summary["latency_s"]  # type: ignore[no-any-return]

    soc = load_soc("apple/m1_max")
    (task,) = run(SMALL, soc).graphs[0].tasks
    assert task.variants[0].active_fraction == 1 / 8
    slow = load_soc("apple/m1_max", ["units.cpu_p.matrix_flop_per_cycle={}", "units.cpu_p.fork_join=0 us"])
    one, eight = run(LARGE, slow, 1), run(LARGE, slow, 8)
    assert one.summary["latency_s"] == pytest.approx(8 * eight.summary["latency_s"], rel=0.05)
    assert active_w(one) < active_w(eight) / 3


def test_starting_threads_takes_time_that_no_other_work_hides() -> None:
    soc = load_soc("apple/m1_max", ["units.cpu_p.fork_join=100 us"])
    free = load_soc("apple/m1_max", ["units.cpu_p.fork_join=0 us"])
    assert run(LARGE, soc).summary["latency_s"] - run(LARGE, free).summary["latency_s"] == pytest.approx(7e-4, rel=1e-3)


def test_a_cpu_that_shares_its_cores_out_runs_tasks_side_by_side() -> None:
    pipes = ["units.cpu_p.matrix_flop_per_cycle={}"]
    alone = run(LARGE, load_soc("apple/m1_max", pipes), 2).summary["latency_s"]
    shared = load_soc("apple/m1_max", [*pipes, "units.cpu_p.concurrency=spatial", "units.cpu_p.slots=8"])
    assert run(LARGE, shared, 2, copies=4).summary["latency_s"] == pytest.approx(alone, rel=0.02)
    assert run(LARGE, shared, 2, copies=5).summary["latency_s"] == pytest.approx(2 * alone, rel=0.02)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--threads", "0"], "at least one thread"),
        (["--set", "units.cpu_p.threads=9"], "9 threads on 4 cores"),
        (["--set", "units.cpu_p.thread_order=fil"], "fill"),
        (["--set", "units.cpu_p.clusters=5"], "5 clusters of 4 cores"),
    ],
)
def test_what_cannot_be_is_refused(arguments: list[str], said: str) -> None:
    found = CliRunner().invoke(app, ["run", "apple/m1", "resnet-18", *arguments])
    assert isinstance(found.exception, SocsimError)
    assert said in str(found.exception)
