"""What does the load of memory do to clients with few requests in flight, and to who comes while others stream?

DRAM carries 0.1 B/ps. Idle latency: 50 ns of links and 100 ns of memory; load u adds 100 u ns.
"""

from __future__ import annotations

import pytest

from socsim.engine.memory.loaded_latency import knot_of
from tests.building import execute, make_graph, make_soc, make_task


def linear(_: object, load: float) -> float:
    return 100_000 * load


def rate_with(in_flight_bytes: int, others: float = 0.0) -> tuple[float, float]:
    """(bytes per ps, latency) that solve rate = in flight / latency(nearest tenth of the load), by hand."""
    for tenth in range(11):
        latency = 150_000 + 10_000 * tenth
        rate = in_flight_bytes / latency
        if knot_of((rate + others) / 0.1) <= tenth:
            return rate, latency
    raise AssertionError


@pytest.mark.parametrize(("outstanding", "latency_ps"), [(15, 160_000), (60, 170_000), (120, 190_000)])
def test_a_client_alone_sees_the_latency_of_its_own_load(outstanding: int, latency_ps: int) -> None:
    # 15 x 64 B / 160 ns = 0.006 B/ps = 0.06 of what DRAM carries, nearest 0.1, which adds 10 ns: it fits itself.
    # 60 x 64 B / 170 ns = 0.226 -> 0.2; 120 x 64 B / 190 ns = 0.404 -> 0.4.
    assert rate_with(outstanding * 64) == (outstanding * 64 / latency_ps, latency_ps)
    soc = make_soc({"a": {"outstanding": outstanding, "line": "64 B"}})
    spans = execute(soc, [(0, make_graph([make_task("a", 0, 640_000)]))], latency=linear).spans
    body_ps = int(spans.column("end_ps")[0]) - 150_000
    assert body_ps == pytest.approx(640_000 * latency_ps / (outstanding * 64), abs=1)


def test_two_clients_slow_each_other_down_before_memory_is_full() -> None:
    # Alone each gets 0.0404 (190 ns). Together load would be 0.8: at 0.7 each moves 120 x 64 / 220 ns = 0.0349, and
    # twice that is 0.698 of what DRAM carries, which is nearest 0.7.
    soc = make_soc({name: {"outstanding": 120, "line": "64 B"} for name in "ab"})
    graphs = [(0, make_graph([make_task(name, 0, 640_000)])) for name in "ab"]
    spans = execute(soc, graphs, latency=linear).spans
    assert [int(t) - 150_000 for t in spans.column("end_ps")] == [pytest.approx(640_000 * 220_000 / 7680, abs=1)] * 2


def test_a_client_in_the_shadow_of_a_stream_waits_the_latency_of_a_full_memory() -> None:
    # b takes all that a leaves: load 1 adds 100 ns. a: 15 x 64 B / 250 ns = 0.00384 B/ps.
    soc = make_soc({"a": {"outstanding": 15, "line": "64 B"}, "b": {}})
    graphs = [(0, make_graph([make_task("a", 0, 64_000)])), (0, make_graph([make_task("b", 0, 5_000_000)]))]
    spans = execute(soc, graphs, latency=linear).spans
    assert int(spans.column("end_ps")[0]) - 150_000 == pytest.approx(64_000 / (960 / 250_000), abs=1)
    assert int(spans.column("end_ps")[1]) - 150_000 == pytest.approx((5_000_000 + 64_000) / 0.1, abs=2)


def test_the_first_read_of_a_task_takes_the_latency_that_others_cause() -> None:
    # b streams alone at 0.1 B/ps. When a comes, memory is full: its fill takes 150 + 100 ns.
    soc = make_soc({"a": {"prefetch_depth": 0}, "b": {}})
    late = make_task("a", 0, 1_000)
    graphs = [(0, make_graph([make_task("b", 0, 5_000_000)])), (10_000_000, make_graph([late]))]
    spans = execute(soc, graphs, latency=linear).spans
    assert int(spans.column("fill_ps")[0]) == 250_000
    alone = execute(soc, [(10_000_000, make_graph([late]))], latency=linear).spans
    assert int(alone.column("fill_ps")[0]) == 150_000


def test_a_unit_does_not_wait_for_its_own_load() -> None:
    soc = make_soc({"a": {"prefetch_depth": 0, "queue_depth": 2}})
    tasks = [make_task("a", 10_000, 1_000, 50_000, last_tile_bytes=50_000), make_task("a", 0, 1_000)]
    spans = execute(soc, [(0, make_graph(tasks))], latency=linear).spans
    assert [int(fill) for fill in spans.column("fill_ps")] == [150_000, 150_000]


def test_more_requests_in_flight_never_move_fewer_bytes() -> None:
    rates = []
    for outstanding in (1, 4, 16, 64, 128, 256, 1024):
        soc = make_soc({"a": {"outstanding": outstanding, "line": "64 B"}, "b": {"outstanding": 64, "line": "64 B"}})
        graphs = [(0, make_graph([make_task(name, 0, 500_000)])) for name in "ab"]
        spans = execute(soc, graphs, latency=linear).spans
        rates.append(500_000 / int(spans.column("end_ps")[list(spans.column("instance")).index(0)]))
    assert rates == sorted(rates)
