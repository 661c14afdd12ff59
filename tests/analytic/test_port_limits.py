"""Can one block draw all of memory, and who goes first where several want it?"""

from __future__ import annotations

import pytest

import socsim
from tests.building import execute, make_graph, make_soc, make_task


@pytest.mark.parametrize(
    ("sizes", "low", "high"),
    [({"cpu_p": 204_000_000}, 200e9, 206e9), ({"cpu_p": 204_000_000, "cpu_e": 39_000_000}, 239e9, 245e9)],
)
def test_the_cpu_clusters_of_an_m1_max_draw_204_to_243_of_400_gb_per_s(
    sizes: dict[str, int], low: float, high: float
) -> None:
    # AnandTech: 204 GB/s with the P cores, 243 GB/s with the E cores beside them; the ports are full, memory is not.
    soc = socsim.load_soc("apple/m1_max")
    graphs = [(0, make_graph([make_task(unit, 0, size)])) for unit, size in sizes.items()]
    spans = execute(soc, graphs, dram_bytes_per_s=0.9 * soc.dram.peak_bytes_per_s).spans
    drawn = sum(sizes.values()) / (max(int(t) for t in spans.column("end_ps")) * 1e-12)
    assert low < drawn < high
    assert drawn < 0.61 * soc.dram.peak_bytes_per_s


def test_weights_divide_a_full_memory_in_their_proportion() -> None:
    # 100 GB/s at 3 : 1; when the first is done, after 4/3 of the time it takes alone, the other has all.
    soc = make_soc({"a": {"memory_weight": 3}, "b": {}})
    graphs = [(0, make_graph([make_task(name, 0, 3_000_000)])) for name in "ab"]
    spans = execute(soc, graphs).spans
    assert [int(t) - 150_000 for t in spans.column("end_ps")] == [40_000_000, 60_000_000]


def test_a_higher_class_is_served_as_if_it_were_alone() -> None:
    soc = make_soc({"a": {}, "b": {"memory_priority": 1}, "c": {}})
    graphs = [(0, make_graph([make_task(name, 0, 1_000_000)])) for name in "abc"]
    ends = {
        int(instance): int(end) - 150_000
        for spans in [execute(soc, graphs).spans]
        for instance, end in zip(spans.column("instance"), spans.column("end_ps"), strict=True)
    }
    assert ends == {1: 10_000_000, 0: 30_000_000, 2: 30_000_000}


def test_a_camera_of_a_higher_class_keeps_its_rate_beside_those_of_the_lower() -> None:
    # It asks for 20 of 100 GB/s and gets them; the other two share the 80 that are left.
    soc = make_soc({"camera": {"memory_priority": 1, "port_bandwidth": "20 GB/s"}, "a": {}, "b": {}})
    sizes = {"camera": 2_000_000, "a": 4_000_000, "b": 4_000_000}
    graphs = [(0, make_graph([make_task(name, 0, size)])) for name, size in sizes.items()]
    spans = execute(soc, graphs).spans
    assert [int(t) - 150_000 for t in spans.column("end_ps")] == [100_000_000] * 3
