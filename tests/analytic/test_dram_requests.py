"""Every request of every task through the detailed DRAM: does it say what windows say, and are no bytes lost?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import socsim
from socsim.engine.memory.dram.session import Session, Transfer
from socsim.engine.memory.dram_window import WindowedDram
from socsim.engine.memory.request_fabric import RequestDram
from socsim.result import RunResult
from tests.analytic.test_dram_windows import chip, lpddr5
from tests.building import execute, make_graph, make_task
from tests.dram_cases import LPDDR5

DATA = Path(__file__).resolve().parents[1] / "data"


def run(workload: str, chip_name: str, *sets: str, **options: Any) -> RunResult:
    soc = socsim.load_soc(chip_name, sets)
    return socsim.simulate(socsim.load_workload(workload), soc, socsim.RunOptions(units=("cpu_p",), **options))


@pytest.mark.parametrize("workload", [str(DATA / "decoder-layer.json.gz"), "resnet-18"])
def test_windows_say_what_every_request_says(workload: str) -> None:
    # The decoder layer (hidden size 512, past 512) is bound by memory: 105 000 requests. ResNet-18: 590 000.
    if workload == "resnet-18":
        pytest.importorskip("numba")
    windows = run(workload, "apple/a14", "dram.model=detailed")
    requests = run(workload, "apple/a14", "dram.sampling=off")
    assert requests.summary["latency_s"] == pytest.approx(windows.summary["latency_s"], rel=0.02)
    assert requests.summary["dram_read_bytes"] == windows.summary["dram_read_bytes"]
    moved = windows.summary["dram_read_bytes"] + windows.summary["dram_write_bytes"]
    (note,) = [note for note in requests.notes if "DRAM in detail" in note]
    assert int(note.split()[3]) * 64 == pytest.approx(moved, rel=0.01)


def with_requests(tasks: dict[str, list[Any]], **changes: Any) -> list[int]:
    """Ends of bodies (ps) of tasks of units that all start at 0."""
    soc = chip(lpddr5(**changes), **{name: {} for name in tasks})
    graphs = [(0, make_graph(items)) for items in tasks.values()]
    dram = RequestDram(soc)
    return [int(t) for t in execute(soc, graphs, requests=dram).spans.column("end_ps")]


def test_a_stream_alone_takes_its_requests_over_what_one_channel_gives() -> None:
    # 12.8 GB/s at 91 %: 1.28 MB take 110 us, beside 100 ns of link and the idle latency.
    (end,) = with_requests({"a": [make_task("a", 0, 1_280_000)]})
    assert end == pytest.approx(1_280_000 / (0.0128 * 0.912), rel=0.02)


def test_a_body_bound_by_its_compute_does_not_wait_for_memory() -> None:
    (end,) = with_requests({"a": [make_task("a", 400_000, 1_280_000)]})
    assert end == pytest.approx(400_000_000, rel=0.002)


def test_two_streams_share_the_channel_and_the_shorter_one_leaves_first() -> None:
    first, second = with_requests({"a": [make_task("a", 0, 400_000)], "b": [make_task("b", 0, 800_000)]})
    assert first == pytest.approx(800_000 / (0.0128 * 0.885), rel=0.04)
    assert second == pytest.approx(1_200_000 / (0.0128 * 0.9), rel=0.04)


def test_a_class_that_is_served_first_gets_its_pace_in_windows_and_request_by_request() -> None:
    # "a" takes 60 % of peak, "b" whatever is left of the 88 % that two streams get; without classes each gets half.
    tasks = [make_graph([make_task("a", 60_000, 460_000)]), make_graph([make_task("b", 0, 1_000_000)])]

    def ends(priority: int, **memory: Any) -> list[int]:
        soc = chip(lpddr5(), a={"memory_priority": priority}, b={})
        made = {name: build(soc) for name, build in memory.items()}
        return [int(t) for t in execute(soc, list(enumerate(tasks)), **made).spans.column("end_ps")]

    for memory in ({"model": WindowedDram}, {"requests": RequestDram}):
        first, last = ends(1, **memory)
        assert first == pytest.approx(60_000_000, rel=0.01)
        alike, last_alike = ends(0, **memory)
        assert alike > 75_000_000
        assert last == pytest.approx(last_alike, rel=0.02)


def test_results_that_leave_behind_the_body_are_written_before_the_graph_is_done() -> None:
    soc = chip(lpddr5(), a={})
    graph = make_graph([make_task("a", 100_000, 64_000, 64_000, last_tile_bytes=64_000)])
    executor = execute(soc, [(0, graph)], requests=RequestDram(soc))
    end, done = (int(executor.spans.column(name)[0]) for name in ("end_ps", "done_ps"))
    assert end == pytest.approx(100_000_000, rel=0.01)
    assert 64_000 / 0.0128 < done - end < 64_000 / (0.0128 * 0.6)


def test_the_same_run_gives_the_same_times_again() -> None:
    tasks = {name: [make_task(name, 0, 100_000 + 64 * index, 50_000)] for index, name in enumerate("abcdef")}
    assert with_requests(tasks) == with_requests(tasks)


def test_machine_code_and_plain_python_serve_alike() -> None:
    pytest.importorskip("numba")

    def cycles(interpret: bool) -> list[tuple[int, list[int]]]:
        session = Session(LPDDR5, 3, 16, 64, interpret=interpret)
        session.begin(Transfer(500, 0, 32_000, 64, 16, 0.0))
        session.begin(Transfer(300, 1 << 20, 1 << 20, 64, 8, 0.5, random=True))
        found = []
        while not session.is_idle:
            served = session.run(session.cycle + 1_000)
            found.append((session.cycle, served))
            if len(found) == 2:
                session.set_pace(0, 7.5)
        return found

    assert cycles(False) == cycles(True)


def test_a_withdrawn_transfer_asks_for_no_more() -> None:
    session = Session(LPDDR5, 1, 16, 64, interpret=True)
    port = session.begin(Transfer(500, 0, 32_000, 64, 16, 0.0))
    assert session.run(300) == []
    left = session.left(port)
    assert 0 < left < 500
    session.withdraw(port)
    assert session.left(port) <= 16
    assert session.run(2_000) == [port]
    assert session.is_idle


@pytest.mark.parametrize("num_units", [2, 10])
def test_what_the_counters_of_links_say_adds_up_to_the_bytes_moved(num_units: int) -> None:
    # Ten flows on one link share it in virtual time.
    names = [f"u{index}" for index in range(num_units)]
    soc = chip(lpddr5(), **{name: {} for name in names})
    tasks = [make_task(name, 5_000 * index, 64_000 + 640 * index, 32_000) for index, name in enumerate(names)]
    executor = execute(soc, [(0, make_graph([task])) for task in tasks], requests=RequestDram(soc))
    for counter in executor.memory.counters():
        if counter.name.startswith(("dram", "noc_dram")):
            times, rates = np.asarray(counter.time_ps), np.asarray(counter.value)
            moved = float((np.diff(times) * rates[:-1]).sum()) * 1e-12
            assert moved == pytest.approx(sum(96_000 + 640 * index for index in range(num_units)), rel=1e-3)
            break
    else:
        raise AssertionError("no counter of the memory")


@pytest.mark.parametrize("every_request", [False, True])
def test_a_task_with_a_stride_camps_on_one_channel_of_four(every_request: bool) -> None:
    def end_ps(channel_hash: bool) -> int:
        soc = chip(lpddr5(4, channel_hash=channel_hash), a={})
        task = make_task("a", 0, 128_000)
        (variant,) = task.variants
        accesses = tuple(access._replace(pattern="strided", stride_bytes=1024) for access in variant.accesses)
        graphs = [(0, make_graph([replace(task, variants=(replace(variant, accesses=accesses),))]))]
        if every_request:
            return int(execute(soc, graphs, requests=RequestDram(soc)).spans.column("end_ps")[0])
        return int(execute(soc, graphs, model=WindowedDram(soc)).spans.column("end_ps")[0])

    camping, spread = end_ps(False), end_ps(True)
    assert camping > 128_000 / 0.0128
    assert camping > 2 * spread
