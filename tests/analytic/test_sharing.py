"""What do tasks in company take? Rates by max-min, bytes conserved, links never over their capacity."""

from __future__ import annotations

from tests.building import execute, make_graph, make_soc, make_task


def stream(unit: str, read_bytes: int, cycles: int = 0) -> list[object]:
    return [make_task(unit, cycles, read_bytes)]


def test_two_memory_bound_tasks_share_the_dram_in_halves() -> None:
    # 0.1 B/ps: both read 1 MB. Each gets 0.05 B/ps, so both need 20 us beyond the path latency of 150 ns.
    soc = make_soc({"a": {}, "b": {}})
    graphs = [(0, make_graph([make_task(unit, 0, 1_000_000)])) for unit in ("a", "b")]
    spans = execute(soc, graphs).spans
    assert [int(t) for t in spans.column("end_ps")] == [20_150_000, 20_150_000]


def test_a_task_bound_by_its_compute_leaves_the_rest_to_the_other() -> None:
    # a: 200 kB in 10 us of compute = 0.02 B/ps. b takes the other 0.08 B/ps: 0.8 MB in 10 us, and both end at once.
    soc = make_soc({"a": {}, "b": {}})
    graphs = [(0, make_graph([make_task("a", 10_000, 200_000)])), (0, make_graph([make_task("b", 0, 800_000)]))]
    spans = execute(soc, graphs).spans
    assert [int(t) for t in spans.column("end_ps")] == [10_150_000, 10_150_000]


def test_what_remains_speeds_up_when_a_task_leaves() -> None:
    # Both share until a's 0.5 MB are over (10 us); then b's remaining 0.5 MB run at full rate (5 us).
    soc = make_soc({"a": {}, "b": {}})
    graphs = [(0, make_graph([make_task("a", 0, 500_000)])), (0, make_graph([make_task("b", 0, 1_000_000)]))]
    spans = execute(soc, graphs).spans
    assert sorted(int(t) for t in spans.column("end_ps")) == [10_150_000, 15_150_000]


def test_a_late_comer_slows_down_the_one_that_runs() -> None:
    # a alone for 5 us moves 0.5 MB; then half rate for its other 0.5 MB (10 us): 15 us in all.
    soc = make_soc({"a": {}, "b": {}})
    graphs = [(0, make_graph([make_task("a", 0, 1_000_000)])), (5_000_000, make_graph([make_task("b", 0, 1_000_000)]))]
    spans = execute(soc, graphs).spans
    assert sorted(int(t) for t in spans.column("end_ps")) == [15_150_000, 20_150_000]


def test_a_narrow_port_is_the_limit_of_its_unit_alone() -> None:
    # Ports of 40 GB/s: a alone takes 25 us for 1 MB although the DRAM could do it in 10.
    soc = make_soc({"a": {}, "b": {}}, port_gb_per_s=40)
    spans = execute(soc, [(0, make_graph([make_task("a", 0, 1_000_000)]))]).spans
    assert int(spans.column("end_ps")[0]) == 25_150_000


def test_outstanding_requests_limit_the_rate_by_littles_law() -> None:
    # 15 requests of 64 B in 150 ns = 6.4 B/ns = 0.0064 B/ps: 64 kB take 10 us.
    soc = make_soc({"a": {"outstanding": 15, "line": "64 B"}})
    spans = execute(soc, [(0, make_graph([make_task("a", 0, 64_000)]))]).spans
    assert int(spans.column("end_ps")[0]) == 10_150_000


def test_doubling_dram_bandwidth_halves_a_memory_bound_body_and_leaves_a_compute_bound_one() -> None:
    soc = make_soc({"a": {}})
    for cycles, ratio in ((0, 2), (100_000, 1)):
        graph = make_graph([make_task("a", cycles, 1_000_000)])
        slow, fast = (execute(soc, [(0, graph)], dram_bytes_per_s=rate).spans for rate in (100e9, 200e9))
        body = [int(s.column("end_ps")[0]) - 150_000 for s in (slow, fast)]
        assert body[0] == ratio * body[1]


def test_memory_limits_though_a_link_before_it_is_narrower_than_its_peak() -> None:
    # The port carries 90 GB/s, DRAM 100 at its peak but 50 to these streams: 50 is what a task gets.
    soc = make_soc({"a": {}}, port_gb_per_s=90)
    spans = execute(soc, [(0, make_graph([make_task("a", 0, 1_000_000)]))], dram_bytes_per_s=50e9).spans
    assert int(spans.column("end_ps")[0]) - 150_000 == 20_000_000
