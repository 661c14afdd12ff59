"""What does one task alone take? The roofline with front end, fill and drain, to the picosecond.

Numbers: 1 GHz clock (1000 ps a cycle), DRAM 100 GB/s = 0.1 B/ps, so 10 ps a byte; path 50 ns (link) + 100 ns (DRAM)
there, 50 ns for a posted write.
"""

from __future__ import annotations

import pytest

from tests.building import execute, make_graph, make_soc, make_task

PS_PER_BYTE = 10
READ_LATENCY_PS = 150_000
WRITE_LATENCY_PS = 50_000


def run_one(**task: object) -> dict[str, int]:
    soc = make_soc({"a": {"prefetch_depth": 0}})
    spans = execute(soc, [(0, make_graph([make_task(**task)]))]).spans  # type: ignore[arg-type]
    return {name: int(spans.column(name)[0]) for name in ("launch_end_ps", "start_ps", "end_ps", "done_ps", "fill_ps")}


def test_a_task_without_bytes_takes_its_launch_and_its_cycles() -> None:
    times = run_one(cycles=7, launch_ps=3000)
    assert times["launch_end_ps"] == 3000
    assert times["end_ps"] == times["done_ps"] == 3000 + 7000


@pytest.mark.parametrize(
    ("cycles", "bound"),
    [(0, "memory"), (100, "memory"), (5_000, "compute"), (1_000_000, "compute")],
)
def test_a_task_alone_is_launch_fill_roofline_and_drain(cycles: int, bound: str) -> None:
    read, write, first, last, launch = 100_000, 20_000, 4_000, 2_000, 777
    times = run_one(
        cycles=cycles,
        read_bytes=read,
        write_bytes=write,
        first_tile_bytes=first,
        last_tile_bytes=last,
        launch_ps=launch,
    )
    bulk_ps = (read + write - first - last) * PS_PER_BYTE
    compute_ps = cycles * 1000
    assert (compute_ps > bulk_ps) == (bound == "compute")
    expected = (
        launch
        + READ_LATENCY_PS
        + first * PS_PER_BYTE
        + max(compute_ps, bulk_ps)
        + last * PS_PER_BYTE
        + WRITE_LATENCY_PS
    )
    assert times["done_ps"] == expected
    assert times["fill_ps"] == READ_LATENCY_PS + first * PS_PER_BYTE
    assert times["start_ps"] == launch + times["fill_ps"]


def test_the_last_tile_delays_dependents_but_not_the_unit_of_a_compute_bound_task() -> None:
    soc = make_soc({"a": {"queue_depth": 2}})
    first = make_task(cycles=10_000, write_bytes=2_000, last_tile_bytes=2_000, name="first")
    second = make_task(cycles=10_000, name="independent")
    spans = execute(soc, [(0, make_graph([first, second]))]).spans
    end, done = spans.column("end_ps"), spans.column("done_ps")
    assert int(end[0]) == 10_000_000
    assert int(done[0]) == 10_000_000 + 2_000 * PS_PER_BYTE + WRITE_LATENCY_PS
    assert int(end[1]) == 20_000_000


def test_launch_hides_behind_a_long_body_and_shows_behind_short_ones() -> None:
    soc = make_soc({"a": {"queue_depth": 4}})
    launch = 5_000_000
    for body_cycles, expected in ((100_000, launch + 3 * 100_000_000), (1_000, 3 * launch + 1_000_000)):
        chain = [make_task(cycles=body_cycles, launch_ps=launch, after=[i - 1] if i else []) for i in range(3)]
        spans = execute(soc, [(0, make_graph(chain))]).spans
        assert int(spans.column("done_ps")[-1]) == expected


def test_a_launch_that_does_not_overlap_shows_behind_every_body() -> None:
    soc = make_soc({"a": {"queue_depth": 4, "launch_overlap": False}})
    launch, body_cycles = 5_000_000, 100_000
    chain = [make_task(cycles=body_cycles, launch_ps=launch, after=[i - 1] if i else []) for i in range(3)]
    spans = execute(soc, [(0, make_graph(chain))]).spans
    assert [int(time) for time in spans.column("done_ps")] == [(i + 1) * (launch + 100_000_000) for i in range(3)]
    assert [int(time) for time in spans.column("launch_start_ps")] == [i * (launch + 100_000_000) for i in range(3)]


def test_weights_are_fetched_ahead_of_their_turn_and_dependent_data_is_not() -> None:
    first = make_task(cycles=1_000_000)
    for ahead, fill in ((True, 0), (False, READ_LATENCY_PS)):
        soc = make_soc({"a": {"queue_depth": 2, "prefetch_depth": 1}})
        tiles = {"ahead_tile_bytes": 100} if ahead else {"first_tile_bytes": 100}
        second = make_task(cycles=1_000_000, read_bytes=1_000, after=[0], ahead=ahead, **tiles)
        spans = execute(soc, [(0, make_graph([first, second]))]).spans
        fill_ps = fill if ahead else fill + 100 * PS_PER_BYTE
        assert int(spans.column("fill_ps")[1]) == fill_ps
        assert int(spans.column("end_ps")[1]) == 1_000_000_000 + fill_ps + 1_000_000_000


def test_crossing_units_adds_the_hand_over_of_the_receiver() -> None:
    soc = make_soc({"a": {}, "b": {}})
    tasks = [
        make_task("a", 1_000),
        make_task("b", 1_000, after=[0], handover_ps=12_345),
        make_task("b", 1_000, after=[1]),
    ]
    spans = execute(soc, [(0, make_graph(tasks))]).spans
    assert [int(t) for t in spans.column("done_ps")] == [1_000_000, 2_012_345, 3_012_345]


def test_work_submitted_by_a_host_occupies_the_host_one_at_a_time() -> None:
    soc = make_soc({"host": {}, "x": {"host": "host"}, "y": {"host": "host"}})
    tasks = [make_task("x", 1, submit_ps=500), make_task("y", 1, submit_ps=500)]
    spans = execute(soc, [(0, make_graph(tasks))]).spans
    assert sorted(int(t) for t in spans.column("done_ps")) == [1_500, 2_000]


def test_a_spatial_unit_runs_as_many_tasks_as_it_has_slots() -> None:
    soc = make_soc({"a": {"concurrency": "spatial", "slots": 4, "queue_depth": 8}})
    graph = make_graph([make_task(cycles=1_000, slots=2) for _ in range(4)])
    spans = execute(soc, [(0, graph)]).spans
    assert sorted(int(t) for t in spans.column("done_ps")) == [1_000_000, 1_000_000, 2_000_000, 2_000_000]
    assert sorted(int(t) for t in spans.column("lane")) == [0, 0, 2, 2]
