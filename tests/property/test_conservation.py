"""Whatever flows start when on whatever links: do they move their bytes, at rates that are fair at every instant?"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socsim.engine.memory import shared_links
from socsim.engine.memory.link import Flow
from socsim.engine.memory.max_min import max_min_rates
from tests.flows import INF, Flows

LINKS = ("a", "b", "c", "d")
FEW = settings(max_examples=60)


@dataclass(frozen=True)
class Plan:
    """A flow to be: when it starts, what it moves over which links."""

    start_ps: int
    size_bytes: int
    path: tuple[str, ...]
    shares: tuple[float, ...]
    cap: float
    weight: float
    priority: int


@st.composite
def plans(draw: st.DrawFn, num_weights: int = 1, num_classes: int = 1) -> list[Plan]:
    found = []
    for _ in range(draw(st.integers(1, 14))):
        path = tuple(draw(st.lists(st.sampled_from(LINKS), min_size=1, max_size=3, unique=True)))
        found.append(
            Plan(
                draw(st.integers(0, 3000)),
                draw(st.integers(0, 5000)),
                path,
                tuple(draw(st.sampled_from([0.25, 0.5, 1.0])) for _ in path),
                draw(st.one_of(st.just(INF), st.floats(0.05, 2.0))),
                draw(st.sampled_from([1.0, 2.0, 0.5][:num_weights])),
                draw(st.integers(0, num_classes - 1)),
            )
        )
    return found


CAPACITIES = st.fixed_dictionaries({name: st.floats(0.1, 3.0) for name in LINKS})


def flow_of(flows: Flows, index: int, plan: Plan) -> Flow:
    return flows.flow(
        str(index), plan.size_bytes, *plan.path, cap=plan.cap, shares=plan.shares, weight=plan.weight,
        priority=plan.priority,
    )  # fmt: skip


def run(capacities: dict[str, float], planned: list[Plan]) -> Flows:
    flows = Flows(**capacities)
    for index, plan in enumerate(planned):
        flows.start(plan.start_ps, flow_of(flows, index, plan))
    flows.run()
    return flows


def fair_rates(capacities: dict[str, float], active: list[Plan]) -> list[float]:
    """Weighted max-min rates of flows that are all under way, by the pure function."""
    shared = [list(zip(plan.path, plan.shares, strict=True)) for plan in active]
    bounds = [min(plan.cap, *(capacities[name] / share for name, share in shared[i])) for i, plan in enumerate(active)]
    return max_min_rates(capacities, shared, bounds, [p.weight for p in active], [p.priority for p in active])


def reference(capacities: dict[str, float], planned: list[Plan]) -> dict[int, float]:
    """Ends of the same flows by the plainest means: fair rates of all, step to the next start or end, again."""
    left: dict[int, float] = {}
    waiting = sorted(range(len(planned)), key=lambda i: planned[i].start_ps)
    now = 0.0
    ends: dict[int, float] = {}
    while waiting or left:
        active = sorted(left)
        rates = fair_rates(capacities, [planned[i] for i in active])
        due = min([now + left[i] / r for i, r in zip(active, rates, strict=True) if r > 0], default=INF)
        if waiting:
            due = min(due, max(now, planned[waiting[0]].start_ps))
        for i, rate in zip(active, rates, strict=True):
            left[i] -= rate * (due - now)
        now = due
        for i in active:
            if left[i] <= 1e-6:
                ends[i] = now
                del left[i]
        while waiting and planned[waiting[0]].start_ps <= now:
            i = waiting.pop(0)
            if planned[i].size_bytes:
                left[i] = float(planned[i].size_bytes)
            else:
                ends[i] = now
    return ends


@pytest.mark.parametrize("open_at", [2, 10**9], ids=["virtual-time", "filling"])
@FEW
@given(capacities=CAPACITIES, planned=plans())
def test_every_flow_ends_when_it_should(capacities: dict[str, float], planned: list[Plan], open_at: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared_links, "OPEN_AT", open_at)
        patch.setattr(shared_links, "CLOSE_BELOW", 2)
        flows = run(capacities, planned)
    expected = reference(capacities, planned)
    assert set(flows.ends) == {str(index) for index in expected}
    # Each end is rounded up to a picosecond, which others may inherit.
    slack = 3.0 * len(planned) + 3
    assert all(abs(flows.ends[str(index)] - end) <= slack for index, end in expected.items())


@pytest.mark.parametrize("open_at", [2, 10**9], ids=["virtual-time", "filling"])
@FEW
@given(capacities=CAPACITIES, planned=plans(3, 3), probes=st.lists(st.integers(1, 9000), min_size=1, max_size=12))
def test_at_any_instant_the_rates_are_the_fair_ones_of_those_under_way(
    capacities: dict[str, float], planned: list[Plan], probes: list[int], open_at: int
) -> None:
    """With weights and classes ends are no measure: a picosecond of rounding lets a class that is about to be starved
    finish, or makes it wait for the class above. The rates of those under way have no such cliff."""
    flows = Flows(**capacities)
    made = [flow_of(flows, index, plan) for index, plan in enumerate(planned)]
    seen = []

    def look(_: None) -> None:
        now = flows.kernel.now
        active = [i for i, p in enumerate(planned) if p.start_ps < now and p.size_bytes and str(i) not in flows.ends]
        seen.append((active, [flows.fabric.rate(made[i]) for i in active]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared_links, "OPEN_AT", open_at)
        patch.setattr(shared_links, "CLOSE_BELOW", 2)
        for time_ps in probes:
            flows.kernel.after(time_ps, look, None)
        for plan, flow in zip(planned, made, strict=True):
            flows.start(plan.start_ps, flow)
        flows.run()
    assert set(flows.ends) == {str(index) for index in range(len(planned))}
    assert len(seen) == len(probes)
    for active, rates in seen:
        assert rates == pytest.approx(fair_rates(capacities, [planned[i] for i in active]), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("open_at", [2, 10**9], ids=["virtual-time", "filling"])
@FEW
@given(capacities=CAPACITIES, planned=plans(3))
def test_bytes_on_every_link_are_those_that_were_sent_and_no_link_carries_more_than_it_can(
    capacities: dict[str, float], planned: list[Plan], open_at: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared_links, "OPEN_AT", open_at)
        patch.setattr(shared_links, "CLOSE_BELOW", 2)
        flows = run(capacities, planned)
    for name, capacity in capacities.items():
        sent = sum(p.size_bytes * dict(zip(p.path, p.shares, strict=True)).get(name, 0.0) for p in planned)
        # A flow's last picosecond is rounded up at its last rate.
        assert flows.carried_bytes(name) == pytest.approx(sent, abs=2 * capacity * len(planned) + 1e-6)
    if open_at > len(planned):
        for counter in flows.fabric.counters():
            assert max(counter.value) <= capacities[counter.name] * 1e12 * (1 + 1e-9)


def test_a_thousand_flows_that_start_one_another_all_end() -> None:
    flows = Flows(**dict.fromkeys(LINKS, 1.0))
    sizes = iter(range(1, 1001))

    def follow(_: Flow) -> None:
        size = next(sizes, None)
        if size is not None:
            path = [LINKS[size % 4]] + ([LINKS[(size // 4) % 4]] if (size // 4) % 4 != size % 4 else [])
            flows.fabric.start(flows.flow(str(size), 10 * size, *path, then=follow))

    for _ in range(5):
        flows.kernel.after(0, follow, None)
    assert len(flows.run()) == 1000
    assert not any(link.claims or link.most or link.shared for link in flows.links.values())
