"""Does virtual time give every flow the rate and the end that progressive filling gives it?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socsim.engine.memory.max_min import max_min_rates
from socsim.engine.memory.virtual_time import Member, SharedLink

INF = math.inf


def member(name: str, size: float, cap: float = INF, share: float = 1.0, weight: float = 1.0) -> Member:
    return Member(name, size, cap, share, weight)


def run(link: SharedLink, starts: list[tuple[int, Member]]) -> dict[str, int]:
    """Members enter at given times; when does each end?"""
    ends: dict[str, int] = {}
    now, starts = 0, sorted(starts, key=lambda item: item[0])
    while starts or len(link):
        due = link.next_ps(now) if len(link) else None
        if starts and (due is None or starts[0][0] <= due):
            now, entering = starts.pop(0)
            link.add(entering, now)
        else:
            assert due is not None
            now = due
            ends |= {done.flow: now for done in link.take_done(now)}
        link.solve(now)
    return ends


def test_two_equal_members_take_twice_as_long() -> None:
    # 1 B/ps: both get 0.5, so 1000 B take 2000 ps.
    assert run(SharedLink(1.0, 0), [(0, member("a", 1000)), (0, member("b", 1000))]) == {"a": 2000, "b": 2000}


def test_who_stays_gets_what_the_other_leaves() -> None:
    # Shared until a's 500 B are over at 1000; b's other 500 B take 500 more.
    assert run(SharedLink(1.0, 0), [(0, member("a", 500)), (0, member("b", 1000))]) == {"a": 1000, "b": 1500}


def test_a_member_with_a_cap_below_the_level_leaves_the_rest() -> None:
    # a at 0.2: 1000 ps for 200 B; b at 0.8: 1000 ps for 800 B.
    assert run(SharedLink(1.0, 0), [(0, member("a", 200, 0.2)), (0, member("b", 800))]) == {"a": 1000, "b": 1000}


def test_a_cap_binds_again_when_the_others_leave() -> None:
    # a (cap 0.6) and b share 0.5 each until b's 500 B end at 1000; a's other 600 B run at 0.6: 1000 more.
    assert run(SharedLink(1.0, 0), [(0, member("a", 1100, 0.6)), (0, member("b", 500))]) == {"a": 2000, "b": 1000}


def test_a_removed_member_knows_what_is_left() -> None:
    link, a, b = SharedLink(1.0, 0), member("a", 1000), member("b", 1000, 0.25)
    for entering in (a, b):
        link.add(entering, 0)
    link.solve(0)
    link.remove(a, 400)
    link.remove(b, 400)
    assert (a.remaining, b.remaining) == (1000 - 0.75 * 400, 1000 - 0.25 * 400)
    assert len(link) == 0


def test_no_capacity_left_means_no_end() -> None:
    link = SharedLink(0.0, 0)
    link.add(member("a", 10), 0)
    link.solve(0)
    assert link.next_ps(0) is None
    assert link.carried == 0.0


def test_a_long_life_does_not_wear_out_virtual_time() -> None:
    # One member of 1 B every nanosecond beside a member without end, for more bytes than virtual time counts in one go.
    link = SharedLink(4000.0, 0)
    link.add(member("background", INF), 0)
    link.solve(0)
    for step in range(1000):
        now = step * 1_000_000
        link.add(member("x", 1_000_000.0), now)
        link.solve(now)
        assert link.next_ps(now) == now + 500
        assert [done.flow for done in link.take_done(now + 500)] == ["x"]
        link.solve(now + 500)


MEMBERS = st.lists(
    st.tuples(
        st.integers(0, 5000),
        st.floats(1, 1e5),
        st.one_of(st.just(INF), st.floats(0.01, 2.0)),
        st.sampled_from([0.25, 0.5, 1.0]),
        st.sampled_from([0.5, 1.0, 3.0]),
    ),
    min_size=1,
    max_size=12,
)


@given(MEMBERS, st.floats(0.1, 4.0))
def test_rates_and_ends_are_those_of_progressive_filling(
    drawn: list[tuple[int, float, float, float, float]], capacity: float
) -> None:
    link = SharedLink(capacity, 0)
    starts = sorted(((item[0], index) for index, item in enumerate(drawn)), key=lambda item: item[0])
    left: dict[int, float] = {}
    now = 0
    while starts or left:
        due = link.next_ps(now) if left else None
        before = now
        if starts and (due is None or starts[0][0] <= due):
            now, index = starts.pop(0)
            entering: int | None = index
        else:
            assert due is not None
            now, entering = due, None
        rates = max_min_rates(
            {"l": capacity}, [[("l", drawn[i][3])] for i in left], [drawn[i][2] for i in left],
            [drawn[i][4] for i in left],
        )  # fmt: skip
        for index, rate in zip(list(left), rates, strict=True):
            left[index] -= rate * (now - before)
        if entering is not None:
            _, size, cap, share, weight = drawn[entering]
            link.add(member(str(entering), size, cap, share, weight), now)
            left[entering] = size
        else:
            done = {int(item.flow) for item in link.take_done(now)}
            assert done
            for index in done:
                # At most what flows in the picosecond to which the end was rounded up.
                assert left.pop(index) == pytest.approx(0.0, abs=1.01 * min(drawn[index][2], capacity / 0.25) + 1e-6)
        link.solve(now)
        rates = max_min_rates(
            {"l": capacity}, [[("l", drawn[i][3])] for i in left], [drawn[i][2] for i in left],
            [drawn[i][4] for i in left],
        )  # fmt: skip
        found = {int(item.flow): link.rate(item) for item in link.members()}
        assert [found[i] for i in left] == pytest.approx(rates, rel=1e-9, abs=1e-12)
        assert link.carried <= capacity * (1 + 1e-9)
