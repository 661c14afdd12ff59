"""What does a cache at buffer grain serve, keep and write back, under each policy?"""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

import socsim.engine.memory.replacement as package
from socsim.engine.memory.caches import CacheState
from socsim.engine.memory.replacement import replacements
from socsim.engine.memory.replacement.explicit import Explicit
from socsim.engine.memory.replacement.lirs import Lirs
from socsim.engine.memory.replacement.lru import Lru
from socsim.engine.memory.replacement.policy import Replacement
from socsim.hardware import Cache
from socsim.workload.tensor import ROLES

for _module in pkgutil.iter_modules(package.__path__):
    importlib.import_module(f"{package.__name__}.{_module.name}")

ALL = [policy for _, policy in replacements.items()]
BASES = (0, 0, 0)


def cache_of(policy: Replacement) -> CacheState:
    return CacheState("c", policy, None, None)


def use(cache: CacheState, key: int, size: int, read: int = -1, write: int = 0, owner: int = 0) -> tuple[int, int]:
    """One access: (bytes read from beyond, bytes written beyond). By default the whole buffer is read once."""
    read = (0 if write else size) if read < 0 else read
    return cache.sweep([(0, key, size, read, write, (True,), owner)], BASES, 0)


# -- any policy ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ALL)
def test_what_fits_is_read_from_memory_once(policy: type[Replacement]) -> None:
    cache = cache_of(policy(100))
    assert use(cache, 1, 60) == (60, 0)
    assert use(cache, 2, 40) == (40, 0)
    assert use(cache, 1, 60) == use(cache, 2, 40) == (0, 0)
    assert (cache.hit_bytes, cache.miss_bytes, cache.writeback_bytes) == (100, 100, 0)


@pytest.mark.parametrize("policy", ALL)
def test_a_result_that_its_reader_finds_never_reaches_memory(policy: type[Replacement]) -> None:
    cache = cache_of(policy(100))
    assert use(cache, 1, 60, write=60) == (0, 0)
    assert use(cache, 1, 60) == (0, 0)
    cache.drop([1], 0)
    assert cache.replacement.resident_bytes == 0
    assert cache.writeback_bytes == 0


@pytest.mark.parametrize("policy", ALL)
def test_a_second_pass_over_what_fits_hits(policy: type[Replacement]) -> None:
    assert use(cache_of(policy(100)), 1, 60, read=180) == (60, 0)


@pytest.mark.parametrize("policy", ALL)
def test_a_result_larger_than_the_cache_is_written_through_as_far_as_it_does_not_fit(
    policy: type[Replacement],
) -> None:
    cache = cache_of(policy(100))
    _, written = use(cache, 1, 160, write=160)
    assert written == 160 - cache.replacement.resident_bytes
    assert cache.replacement.resident_bytes in (0, 100)


Step = tuple[int, int, bool, bool]
STEPS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 2), st.booleans(), st.integers(0, 9).map(lambda x: x == 0)),
    max_size=60,
)
SIZES = st.lists(st.integers(1, 40), min_size=8, max_size=8)


def traffic(policy: Replacement, steps: list[Step], sizes: list[int]) -> list[int]:
    """Bytes read and written beyond the cache after each step of a string of accesses and deaths of buffers."""
    cache = cache_of(policy)
    total = 0
    after = []
    for key, owner, writes, dies in steps:
        if dies:
            cache.drop([key], 0)
        else:
            total += sum(use(cache, key, sizes[key], write=sizes[key] if writes else 0, owner=owner))
        assert 0 <= policy.resident_bytes <= policy.capacity_bytes
        after.append(total)
    return after


@pytest.mark.parametrize("policy", ALL)
@given(steps=STEPS, sizes=SIZES, capacity=st.integers(0, 120), more=st.integers(1, 60))
def test_a_smaller_cache_never_lowers_traffic(
    policy: type[Replacement], steps: list[Step], sizes: list[int], capacity: int, more: int
) -> None:
    small = traffic(policy(capacity, 30), steps, sizes)
    large = traffic(policy(capacity + more, 30), steps, sizes)
    assert all(b <= a for a, b in zip(small, large, strict=True))


@pytest.mark.parametrize("policy", ALL)
@given(steps=STEPS, sizes=SIZES, capacity=st.integers(0, 120))
def test_every_byte_read_is_a_hit_or_a_miss(
    policy: type[Replacement], steps: list[Step], sizes: list[int], capacity: int
) -> None:
    cache = cache_of(policy(capacity, 30))
    read = beyond = written = 0
    for key, owner, writes, _ in steps:
        missed, back = use(cache, key, sizes[key], write=sizes[key] if writes else 0, owner=owner)
        read += 0 if writes else sizes[key]
        beyond += missed
        written += back
    assert (cache.hit_bytes + cache.miss_bytes, cache.miss_bytes, cache.writeback_bytes) == (read, beyond, written)


# -- least recently used ---------------------------------------------------------------------------------------------


class _Plain(Lru):
    """LRU with the sweep that every policy inherits."""

    sweep = Replacement.sweep


@given(steps=STEPS, sizes=SIZES, passes=st.integers(1, 3), shrinks=st.booleans(), capacity=st.integers(0, 120))
def test_the_quick_sweep_of_lru_is_the_inherited_one(
    steps: list[Step], sizes: list[int], passes: int, shrinks: bool, capacity: int
) -> None:
    quick, plain = Lru(capacity), _Plain(capacity)
    for number, (key, owner, writes, _) in enumerate(steps):
        size = sizes[key] + (number % 3 if shrinks else 0)
        lookups = [(0, key, size, 0 if writes else passes * size, size if writes else 0, (True,), owner)]
        assert quick.sweep(lookups, BASES) == plain.sweep(lookups, BASES)
        assert quick.resident_bytes == plain.resident_bytes


def test_lru_hits_exactly_when_the_bytes_touched_since_fit() -> None:
    for capacity, hit in ((99, False), (100, True)):
        cache = cache_of(Lru(capacity))
        for key, size in ((1, 50), (2, 30), (3, 20)):
            use(cache, key, size)
        assert (use(cache, 1, 50) == (0, 0)) is hit


def test_lru_writes_a_dirty_buffer_back_when_it_is_pushed_out_and_a_clean_one_not() -> None:
    cache = cache_of(Lru(100))
    use(cache, 1, 40, write=40)
    use(cache, 2, 40)
    assert use(cache, 3, 100) == (100, 40)
    assert cache.writeback_bytes == 40


def test_lru_keeps_nothing_of_a_loop_that_does_not_fit() -> None:
    cache = cache_of(Lru(100))
    for _ in range(5):
        for key in range(3):
            assert use(cache, key, 40) == (40, 0)


# -- scan-resistant --------------------------------------------------------------------------------------------------


def test_lirs_keeps_what_is_reused_through_a_long_scan_and_lru_does_not() -> None:
    for policy, missed in ((Lirs(100), 0), (Lru(100), 40)):
        cache = cache_of(policy)
        for _ in range(2):
            use(cache, 1, 40)
        for key in range(100, 103):
            use(cache, key, 50)
        assert use(cache, 1, 40) == (missed, 0)


def test_lirs_holds_a_fixed_part_of_a_loop_that_does_not_fit() -> None:
    # 120 bytes in a loop, 100 fit: after the first rounds only 20 of 120 come from memory in each.
    cache = cache_of(Lirs(100))
    for _ in range(4):
        missed = sum(use(cache, key, 40)[0] for key in range(3))
    assert missed == 20


def test_lirs_lets_go_of_what_is_no_longer_used() -> None:
    cache = cache_of(Lirs(100))
    for _ in range(3):
        use(cache, 1, 100)
    for _ in range(6):
        missed = sum(use(cache, key, 50)[0] for key in (2, 3))
    assert missed == 0


def test_lirs_keeps_new_data_on_probation() -> None:
    for probation, missed in ((0, 40), (50, 0)):
        cache = cache_of(Lirs(100, probation))
        for _ in range(3):
            for key in range(3):
                use(cache, key, 40)
        use(cache, 9, 40, write=40)
        assert use(cache, 9, 40) == (missed, 0)


# -- explicit residency ----------------------------------------------------------------------------------------------


def test_explicit_memory_keeps_what_came_first_and_streams_the_rest() -> None:
    cache = cache_of(Explicit(100))
    for round_number in range(3):
        missed = [use(cache, key, 40)[0] for key in range(4)]
        # 40 + 40 + 20 of the third stay.
        assert missed == ([40, 40, 40, 40] if round_number == 0 else [0, 0, 20, 40])


def test_another_program_takes_the_room_it_needs_and_no_more() -> None:
    cache = cache_of(Explicit(100))
    for key in (1, 2):
        use(cache, key, 50, owner=1)
    assert use(cache, 3, 30, owner=2) == (30, 0)
    assert use(cache, 3, 30, owner=2) == (0, 0)
    # Of the first program's 100 bytes the last 30 had to go.
    assert use(cache, 1, 50, owner=1) == (0, 0)
    assert use(cache, 2, 50, owner=1) == (30, 0)


# -- allocation and record -------------------------------------------------------------------------------------------


def test_only_named_clients_and_roles_allocate() -> None:
    cache = CacheState("c", Lru(10), frozenset({"npu"}), frozenset({"weight"}))
    assert cache.allocates("npu", "weight")
    assert not cache.allocates("gpu", "weight")
    assert not cache.allocates("npu", "activation")


def test_the_roles_a_hardware_file_may_name_are_those_of_workloads() -> None:
    options = Cache.model_json_schema()["properties"]["roles"]["anyOf"]
    assert sorted(options[0]["items"]["enum"]) == sorted(ROLES)


def test_occupancy_hits_and_misses_are_counted_over_time() -> None:
    cache = cache_of(Lru(100))
    for now, key in ((10, 1), (20, 2), (20, 1), (30, 1)):
        cache.sweep([(0, key, 40, 40, 0, (True,), 0)], BASES, now)
    cache.drop([2], 40)
    found = {c.name: (list(c.time_ps), list(c.value)) for c in cache.counters()}
    assert found == {
        "c occupancy": ([10, 20, 40], [40.0, 80.0, 40.0]),
        "c hit bytes": ([10, 20, 30], [0.0, 40.0, 80.0]),
        "c miss bytes": ([10, 20], [40.0, 80.0]),
    }
