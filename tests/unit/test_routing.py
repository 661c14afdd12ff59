"""A mixture of experts: how many experts does a batch hit, and does that show in its traffic?"""

from __future__ import annotations

from random import Random

import pytest

from socsim.errors import WorkloadError
from socsim.simulation import load_components
from socsim.transform import transformed
from socsim.workload import find_workload, load_workload, save_workload
from socsim.workload.work import expert_shares, experts_hit


@pytest.mark.parametrize(("experts", "picked", "skew"), [(8, 2, 0.0), (8, 2, 1.0), (64, 6, 0.7), (60, 4, 2.0)])
def test_a_token_picks_as_many_as_it_should(experts: int, picked: int, skew: float) -> None:
    shares = expert_shares(experts, picked, skew)
    assert sum(shares) == pytest.approx(picked)
    assert list(shares) == sorted(shares, reverse=True)
    assert experts_hit(experts, picked, 1, skew) == picked


@pytest.mark.parametrize(("experts", "picked", "tokens", "skew"), [(8, 2, 4, 0.0), (32, 4, 10, 1.0), (64, 6, 32, 0.8)])
def test_the_formula_is_what_drawing_gives(experts: int, picked: int, tokens: int, skew: float) -> None:
    random, rounds, total = Random(1), 400, 0
    popularity = [rank**-skew for rank in range(1, experts + 1)]
    for _ in range(rounds):
        hit: set[int] = set()
        for _ in range(tokens):
            chosen: set[int] = set()
            while len(chosen) < picked:
                chosen.add(random.choices(range(experts), popularity)[0])
            hit |= chosen
        total += len(hit)
    # The approximation of drawing without replacement and the sampling error are each below 2 %; rounding up adds 1.
    expected = experts_hit(experts, picked, tokens, skew)
    assert total / rounds - 0.03 * experts <= expected <= total / rounds + 0.03 * experts + 1


def test_a_skewed_batch_reads_fewer_experts_and_one_token_as_many() -> None:
    load_components()
    alike = load_workload(find_workload("mixtral-8x7b"))
    skewed = transformed(alike, ["routing: {skew: 2.0}"])
    batch, one = {"batch": 4, "seq": 1, "past": 128}, {"batch": 1, "seq": 1, "past": 128}
    assert skewed.total_work(batch).read_bytes < alike.total_work(batch).read_bytes
    assert skewed.total_work(one) == alike.total_work(one)
    assert skewed.content_hash != alike.content_hash


def test_the_skew_is_saved(tmp_path: object) -> None:
    from pathlib import Path

    load_components()
    path = Path(str(tmp_path)) / "skewed.json.gz"
    skewed = transformed(load_workload(find_workload("mixtral-8x7b")), ["routing: {skew: 1.5}"])
    save_workload(skewed, path)
    assert load_workload(path).content_hash == skewed.content_hash


def test_what_has_no_experts_is_refused() -> None:
    load_components()
    with pytest.raises(WorkloadError, match="no mixture of experts"):
        transformed(load_workload(find_workload("gpt2")), ["routing: {skew: 1.5}"])
