"""When do flows over links end? To the picosecond where the shares come out even; bytes conserved in any case."""

from __future__ import annotations

import pytest

from socsim.engine.memory import shared_links
from socsim.engine.memory.link import Flow
from tests.flows import INF, Flows


def test_a_flow_alone_takes_its_bytes_over_the_least_of_cap_and_links() -> None:
    for cap, expected in ((INF, 2000), (0.25, 4000)):
        flows = Flows(wide=3.0, narrow=0.5)
        flows.start(7, flows.flow("a", 1000, "wide", "narrow", cap=cap))
        assert flows.run() == {"a": 7 + expected}


def test_a_flow_that_crosses_a_link_with_half_its_bytes_may_run_twice_as_fast() -> None:
    flows = Flows(l=0.5)
    flows.start(0, flows.flow("a", 1000, "l", shares=[0.5]))
    assert flows.run() == {"a": 1000}


def test_two_flows_share_a_link_in_halves_to_the_picosecond() -> None:
    # Both at 1/2 until a's 1000 B end at 2000; b's other 1000 B at 1: 1000 more.
    flows = Flows(l=1.0)
    flows.start(0, flows.flow("a", 1000, "l"))
    flows.start(0, flows.flow("b", 2000, "l"))
    assert flows.run() == {"a": 2000, "b": 3000}


def test_time_is_rounded_up_once() -> None:
    # 1000 B at 1/3: 3000 ps; then b's 1 B left of 1001 at 2/3 for 1.5 ps, rounded up to 2.
    flows = Flows(l=2 / 3)
    flows.start(0, flows.flow("a", 1000, "l"))
    flows.start(0, flows.flow("b", 1001, "l"))
    assert flows.run() == {"a": 3000, "b": 3002}


def test_a_late_comer_slows_the_first_down_from_then_on() -> None:
    # a moves 500 B by 500, shares until 1500 (its 1000 B), b has 500 of 1000 left: 500 more.
    flows = Flows(l=1.0)
    flows.start(0, flows.flow("a", 1000, "l"))
    flows.start(500, flows.flow("b", 1000, "l"))
    assert flows.run() == {"a": 1500, "b": 2000}


def test_weights_share_in_their_proportion() -> None:
    # 1 : 3 of 1 B/ps: b's 750 B end at 1000, when a has moved 250 of 500; 250 more at 1.
    flows = Flows(l=1.0)
    flows.start(0, flows.flow("a", 500, "l"))
    flows.start(0, flows.flow("b", 750, "l", weight=3.0))
    assert flows.run() == {"a": 1250, "b": 1000}


def test_a_higher_class_goes_first_and_the_lower_waits() -> None:
    flows = Flows(l=1.0)
    flows.start(0, flows.flow("low", 1000, "l"))
    flows.start(400, flows.flow("high", 500, "l", priority=1))
    # low moves 400 B, stands still for 500 ps, and needs 600 more.
    assert flows.run() == {"high": 900, "low": 1500}


def test_a_flow_over_two_full_links_gets_the_smaller_share() -> None:
    # p: a, b, c at 1/3; q: c and d, d gets 2/3. All of 1000 B: d ends at 1500, the others at 3000.
    flows = Flows(p=1.0, q=1.0)
    for name, path in (("a", "p"), ("b", "p"), ("c", "pq"), ("d", "q")):
        flows.start(0, flows.flow(name, 1000, *path))
    assert flows.run() == {"a": 3000, "b": 3000, "c": 3000, "d": 1500}


def test_flows_on_links_of_their_own_do_not_see_each_other() -> None:
    flows = Flows(p=1.0, q=1.0)
    flows.start(0, flows.flow("a", 1000, "p"))
    flows.start(10, flows.flow("b", 1000, "q"))
    assert flows.run() == {"a": 1000, "b": 1010}


def test_a_changed_cap_moves_the_end_and_the_old_wake_up_is_dropped() -> None:
    # 400 B at 1, then 600 B at 0.5: 1600. The wake-up of 1000 is stale.
    flows = Flows(l=1.0)
    flow = flows.start(0, flows.flow("a", 1000, "l"))
    flows.kernel.after(400, lambda _: flows.fabric.set_cap(flow, 0.5), None)
    assert flows.run() == {"a": 1600}


def test_a_cap_that_changes_in_company_is_shared_anew() -> None:
    # 500 B each by 1000; a then takes 0.25 and b 0.75: b ends 500 / 0.75 = 666.7 later, a has 333.3 B left.
    flows = Flows(l=1.0)
    a = flows.start(0, flows.flow("a", 1000, "l"))
    flows.start(0, flows.flow("b", 1000, "l"))
    flows.kernel.after(1000, lambda _: flows.fabric.set_cap(a, 0.25), None)
    assert flows.run() == {"b": 1667, "a": 1667 + 1333}


def test_a_flow_goes_on_with_more_bytes_without_leaving() -> None:
    flows = Flows(l=1.0)
    ends = []

    def more(flow: Flow) -> None:
        ends.append(flows.kernel.now)
        flow.on_done = last
        flows.fabric.restart(flow, 100, 0.5)

    def last(flow: Flow) -> None:
        ends.append(flows.kernel.now)
        flows.fabric.leave(flow)

    flow = flows.flow("a", 1000, "l")
    flow.on_done = more
    flows.start(0, flow)
    flows.run()
    assert ends == [1000, 1200]


def test_equal_flows_end_at_the_same_instant_in_the_order_they_started() -> None:
    for num_flows in (3, 20):
        flows = Flows(l=1.0)
        for index in range(num_flows):
            flows.start(0, flows.flow(str(index), 1000, "l"))
        assert flows.run() == {str(index): 1000 * num_flows for index in range(num_flows)}
        assert list(flows.ends) == [str(index) for index in range(num_flows)]


def test_a_flow_started_by_another_at_its_end_takes_its_place_at_once() -> None:
    flows = Flows(l=1.0)
    flows.start(0, flows.flow("b", 1500, "l"))
    flows.start(0, flows.flow("a", 500, "l", then=lambda _: flows.fabric.start(flows.flow("a2", 500, "l"))))
    assert flows.run() == {"a": 1000, "a2": 2000, "b": 2500}


def test_many_flows_of_different_size_end_as_processor_sharing_says() -> None:
    # n flows of 1, 2, ..., n kB: the k-th ends when k (n - k) + 1 + ... + k kB have gone over the link.
    num_flows = 30
    flows = Flows(l=1.0, **{f"p{i}": 2.0 for i in range(num_flows)})
    for index in range(num_flows):
        flows.start(0, flows.flow(str(index), 1000 * (index + 1), f"p{index}", "l"))
    expected = {}
    for index in range(num_flows):
        k = index + 1
        expected[str(index)] = 1000 * (k * (num_flows - k) + k * (k + 1) // 2)
    assert flows.run() == expected


@pytest.mark.parametrize("open_at", [2, 1000])
def test_bytes_of_every_link_are_conserved_in_the_record(open_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_links, "OPEN_AT", open_at)
    monkeypatch.setattr(shared_links, "CLOSE_BELOW", 2)
    flows = Flows(l=1.0, **{f"p{i}": 0.3 for i in range(6)})
    for index in range(6):
        for turn in range(3):
            flow = flows.flow(f"{index}.{turn}", 700 + 100 * index + 37 * turn, f"p{index}", "l", shares=[1.0, 0.5])
            flows.start(2000 * turn + 17 * index, flow)
    flows.run()
    for index in range(6):
        assert flows.carried_bytes(f"p{index}") == pytest.approx(3 * (700 + 100 * index) + 3 * 37, abs=3)
    total = sum(3 * (700 + 100 * index) + 3 * 37 for index in range(6))
    assert flows.carried_bytes("l") == pytest.approx(total / 2, abs=9)
    for counter in flows.fabric.counters():
        assert max(counter.value) <= flows.links[counter.name].capacity * 1e12 * (1 + 1e-9)


def test_two_that_meet_on_a_second_link_end_virtual_time_without_losing_bytes() -> None:
    # Ten on l, each on a port of its own: 0.1 each. At 1000 another comes over p0 and l: 11 on l, two on p0 of 1.
    flows = Flows(l=1.0, **{f"p{i}": 1.0 for i in range(10)})
    for index in range(10):
        flows.start(0, flows.flow(str(index), 1000, f"p{index}", "l"))
    flows.start(1000, flows.flow("x", 500, "p0", "l"))
    # All at 1/11 until x ends (500 * 11 later), the ten have 900 - 500 left each and need 400 * 10 more.
    assert flows.run() == {"x": 6500} | {str(index): 10500 for index in range(10)}
