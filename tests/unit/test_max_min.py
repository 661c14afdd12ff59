"""Are the rates of the solver those of the textbook, and is no other allocation fairer?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socsim.engine.memory.max_min import Claim, Edge, fill_alike, fill_one, max_min_rates

INF = math.inf


def test_one_link_is_shared_in_equal_parts() -> None:
    # 12 / 3 = 4 each.
    assert max_min_rates({"l": 12.0}, [[("l", 1.0)]] * 3, [INF] * 3) == [4.0, 4.0, 4.0]


def test_what_a_capped_flow_leaves_goes_to_the_others() -> None:
    # 12 = 2 + x + x, so x = 5.
    assert max_min_rates({"l": 12.0}, [[("l", 1.0)]] * 3, [2.0, INF, INF]) == [2.0, 5.0, 5.0]


def test_weights_divide_in_their_proportion() -> None:
    # 12 = x + 2 x + 3 x, so x = 2.
    assert max_min_rates({"l": 12.0}, [[("l", 1.0)]] * 3, [INF] * 3, [1.0, 2.0, 3.0]) == [2.0, 4.0, 6.0]


def test_a_cap_is_compared_with_the_rate_over_the_weight() -> None:
    # Level x = 12 / 4 = 3; the flow of weight 3 would get 9 but takes 6; the other gets 12 - 6 = 6.
    assert max_min_rates({"l": 12.0}, [[("l", 1.0)]] * 2, [INF, 6.0], [1.0, 3.0]) == [6.0, 6.0]


def test_the_parking_lot() -> None:
    # Links a, b of 1; one flow over both, one over each. a: 2 x = 1, b: 2 x = 1, all get 1/2.
    paths = [[("a", 1.0), ("b", 1.0)], [("a", 1.0)], [("b", 1.0)]]
    assert max_min_rates({"a": 1.0, "b": 1.0}, paths, [INF] * 3) == [0.5, 0.5, 0.5]


def test_one_bottleneck_after_the_other() -> None:
    # Three links of 1. 3-4 carries the first three: 3 x = 1, so x = 1/3. 2-3 carries the second, the third and the
    # fourth, which gets 1 - 2/3 = 1/3. 1-2 carries the second and the fifth, which gets 1 - 1/3 = 2/3.
    paths = [
        [("3-4", 1.0)],
        [("1-2", 1.0), ("2-3", 1.0), ("3-4", 1.0)],
        [("2-3", 1.0), ("3-4", 1.0)],
        [("2-3", 1.0)],
        [("1-2", 1.0)],
    ]
    rates = max_min_rates(dict.fromkeys(("1-2", "2-3", "3-4"), 1.0), paths, [INF] * 5)
    assert rates == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1 / 3, 2 / 3])


def test_a_quarter_of_the_bytes_loads_a_link_with_a_quarter_of_the_rate() -> None:
    # Four links of 3, each with a quarter of the bytes of two flows: 2 x / 4 = 3, so x = 6.
    paths = [[(name, 0.25) for name in "abcd"]] * 2
    assert max_min_rates(dict.fromkeys("abcd", 3.0), paths, [INF] * 2) == [6.0, 6.0]


def test_a_flow_without_links_runs_at_its_cap() -> None:
    assert max_min_rates({}, [[]], [7.0]) == [7.0]


def test_a_higher_class_is_served_first_and_the_lower_shares_what_is_left() -> None:
    # Class 1 takes its caps, 3 + 4 of 10; class 0 shares 3 by weights 1 : 2.
    paths = [[("l", 1.0)]] * 4
    rates = max_min_rates({"l": 10.0}, paths, [3.0, 4.0, INF, INF], [1.0, 1.0, 1.0, 2.0], [1, 1, 0, 0])
    assert rates == pytest.approx([3.0, 4.0, 1.0, 2.0])


def test_a_saturating_higher_class_starves_the_lower_on_its_links_only() -> None:
    paths = [[("a", 1.0)], [("a", 1.0)], [("b", 1.0)]]
    assert max_min_rates({"a": 1.0, "b": 1.0}, paths, [INF] * 3, None, [2, 1, 0]) == [1.0, 0.0, 1.0]


Problem = tuple[dict[str, float], list[list[tuple[str, float]]], list[float], list[float], list[int]]


@st.composite
def problems(draw: st.DrawFn, num_classes: int = 1) -> Problem:
    names = [f"l{i}" for i in range(draw(st.integers(1, 5)))]
    number = st.floats(0.1, 100.0)
    capacities = {name: draw(number) for name in names}
    paths, caps, weights, classes = [], [], [], []
    for _ in range(draw(st.integers(1, 7))):
        crossed = draw(st.lists(st.sampled_from(names), unique=True, max_size=len(names)))
        paths.append([(name, draw(st.sampled_from([0.25, 0.5, 1.0]))) for name in crossed])
        caps.append(draw(number) if not crossed or draw(st.booleans()) else INF)
        weights.append(draw(st.floats(0.1, 10.0)))
        classes.append(draw(st.integers(0, num_classes - 1)))
    return capacities, paths, caps, weights, classes


def loads(capacities: dict[str, float], paths: list[list[tuple[str, float]]], rates: list[float]) -> dict[str, float]:
    carried = dict.fromkeys(capacities, 0.0)
    for path, rate in zip(paths, rates, strict=True):
        for name, share in path:
            carried[name] += rate * share
    return carried


@given(problems())
def test_rates_are_feasible_and_no_flow_can_gain_without_taking_from_a_poorer(problem: Problem) -> None:
    # Optimality (Bertsekas and Gallager, 6.5.2): every flow is at its cap or has a bottleneck, a full link on which
    # no other flow has a larger rate over weight.
    capacities, paths, caps, weights, _ = problem
    rates = max_min_rates(capacities, paths, caps, weights)
    carried = loads(capacities, paths, rates)
    assert all(carried[name] <= capacity * (1 + 1e-9) for name, capacity in capacities.items())
    levels = [rate / weight for rate, weight in zip(rates, weights, strict=True)]
    for flow, path in enumerate(paths):
        assert rates[flow] <= caps[flow]
        full = [name for name, _ in path if carried[name] >= capacities[name] * (1 - 1e-9)]
        top = [
            all(levels[other] <= levels[flow] * (1 + 1e-9) for other, links in enumerate(paths) if name in dict(links))
            for name in full
        ]
        assert rates[flow] == caps[flow] or any(top)


@given(st.lists(st.tuples(st.one_of(st.just(INF), st.floats(0.1, 10)), st.floats(0.1, 5)), min_size=1, max_size=9))
def test_the_short_cut_for_one_link_grants_the_same(drawn: list[tuple[float, float]]) -> None:
    edge = Edge(7.0)
    for bound, weight in drawn:
        edge.claims[Claim([(edge, 0.5)], bound, weight)] = 0.5
    fill_one(edge)
    expected = max_min_rates(
        {"l": 7.0}, [[("l", 0.5)]] * len(drawn), [bound for bound, _ in drawn], [weight for _, weight in drawn]
    )
    assert [claim.granted for claim in edge.claims] == pytest.approx(expected, rel=1e-9)


@given(problems())
def test_the_short_cut_for_equal_weights_grants_the_same(problem: Problem) -> None:
    capacities, paths, bounds, _, _ = problem
    edges = {name: Edge(capacity) for name, capacity in capacities.items()}
    claims = []
    for path, bound in zip(paths, bounds, strict=True):
        claims.append(Claim([(edges[name], share) for name, share in path], bound))
        for name, share in path:
            edges[name].claims[claims[-1]] = share
    fill_alike(claims, list(edges.values()))
    assert [claim.granted for claim in claims] == max_min_rates(capacities, paths, bounds)


@given(problems(num_classes=3))
def test_each_class_gets_what_it_would_get_without_those_below(problem: Problem) -> None:
    capacities, paths, caps, weights, classes = problem
    rates = max_min_rates(capacities, paths, caps, weights, classes)
    carried = loads(capacities, paths, rates)
    assert all(carried[name] <= capacity * (1 + 1e-9) for name, capacity in capacities.items())
    for lowest in (2, 1):
        kept = [flow for flow, number in enumerate(classes) if number >= lowest]
        alone = max_min_rates(
            capacities, [paths[f] for f in kept], [caps[f] for f in kept], [weights[f] for f in kept],
            [classes[f] for f in kept],
        )  # fmt: skip
        assert [rates[f] for f in kept] == alone
